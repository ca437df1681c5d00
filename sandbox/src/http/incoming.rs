//! A request of a browser.

use std::collections::HashMap;

use hyper::{
    HeaderMap,
    body::Bytes,
    header::{COOKIE, HOST},
    http::request::Parts,
};
use url::Url;

use crate::model::ApiError;

/// A request of a browser, with its whole body.
pub struct Incoming {
    pub request_id: String,
    pub path: HashMap<&'static str, String>,
    pub query: Vec<(String, String)>,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// Origin under which browsers reach the sandbox, if one is configured.
    public_origin: Option<String>,
}

impl Incoming {
    /// The request with the parts of its path that the route names.
    pub fn new(
        request_id: String,
        path: HashMap<&'static str, String>,
        parts: Parts,
        body: Bytes,
    ) -> Self {
        Self {
            request_id,
            path,
            query: query(&parts).collect(),
            headers: parts.headers,
            body,
            public_origin: None,
        }
    }

    /// The same request, with the URL at which browsers reach the sandbox, if one is configured.
    pub fn for_browsers_at(self, public_url: Option<&Url>) -> Self {
        Self {
            public_origin: public_url.map(|url| url.origin().ascii_serialization()),
            ..self
        }
    }

    /// Origin under which the request was made. With a public URL, `Host` is not reliable, because port forwarding may
    /// change it.
    pub fn origin(&self) -> String {
        let own = || format!("http://{}", self.header("host"));
        self.public_origin.clone().unwrap_or_else(own)
    }

    /// Whether this `Origin` header is the sandbox's own.
    pub fn is_own_origin(&self, origin: &str) -> bool {
        origin == format!("http://{}", self.header("host"))
            || self.public_origin.as_deref() == Some(origin)
    }

    /// Target of a redirect to this path: below the public URL if there is one, or else relative, so that the scheme
    /// and port stay the browser's.
    pub fn location(&self, path: &str) -> String {
        let origin = self.public_origin.as_deref().unwrap_or_default();
        format!("{origin}{path}")
    }

    /// A query parameter; an empty one counts as missing.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.raw_parameter(name).filter(|value| !value.is_empty())
    }

    /// A query parameter, which may be empty.
    pub fn raw_parameter(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// A header's text; `""` if it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    pub fn form(&self) -> HashMap<String, String> {
        url::form_urlencoded::parse(&self.body)
            .into_owned()
            .collect()
    }

    pub fn cookie(&self, name: &str) -> Option<&str> {
        let cookies = self
            .headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok());
        cookies
            .flat_map(|header| header.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value)
    }
}

/// Origin of the public URL, or else the origin under which a request with these headers reached the sandbox.
pub fn origin(headers: &HeaderMap, public_url: Option<&Url>) -> String {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    match public_url {
        Some(url) => url.origin().ascii_serialization(),
        None => format!("http://{}", host.unwrap_or_default()),
    }
}

/// The decoded query parameters.
pub fn query(parts: &Parts) -> impl Iterator<Item = (String, String)> {
    let query = parts.uri.query().unwrap_or_default();
    url::form_urlencoded::parse(query.as_bytes()).into_owned()
}

/// Refuses a POST that a page of another site sent.
pub fn from_own_page(request: &Incoming) -> Result<(), ApiError> {
    if matches!(
        request.header("sec-fetch-site"),
        "" | "none" | "same-origin"
    ) {
        Ok(())
    } else {
        Err(ApiError::new(
            403,
            "unauthorized_action",
            "This form may only be sent from its own page.",
        ))
    }
}
