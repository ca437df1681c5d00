//! A request that browsers and people send.

use std::collections::HashMap;

use hyper::{HeaderMap, body::Bytes, header::COOKIE, http::request::Parts};

use crate::model::ApiError;

/// A request that browsers and people send, read in full.
pub struct Incoming {
    pub request_id: String,
    pub path: HashMap<&'static str, String>,
    pub query: Vec<(String, String)>,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Incoming {
    /// The request with its parts of the path, which the route names.
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
        }
    }

    /// A query parameter; an empty one is none.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.raw_parameter(name).filter(|value| !value.is_empty())
    }

    /// A query parameter, also an empty one.
    pub fn raw_parameter(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// A header's text, `""` when it is absent.
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

/// The parameters of the query, decoded.
pub fn query(parts: &Parts) -> impl Iterator<Item = (String, String)> {
    let query = parts.uri.query().unwrap_or_default();
    url::form_urlencoded::parse(query.as_bytes()).into_owned()
}

/// Refuses a post that another site's page sent.
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
