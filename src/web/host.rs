//! Serves only the host of `APP_URL`, because cookies and redirect URLs belong to it.

use std::sync::Arc;

use axum::{
    extract::Request,
    http::{StatusCode, header::HOST},
    response::{IntoResponse, Response},
};
use futures_util::future::{Either, ready};
use url::Url;

use super::around::{Around, Next, ResponseFuture};

/// Marks the refusal of another host, for the error page.
#[derive(Clone, Debug)]
pub struct OtherHost {
    /// The host that the request is for. Anyone can send any text here: `None` if it is not a host name.
    pub received: Option<String>,
}

/// The one host that is served: the origin under which browsers reach the app. Any other `Host` gets 421.
#[derive(Clone, Debug)]
pub struct AppUrl(pub Arc<Url>);

impl Around for AppUrl {
    fn handle<Inside: ResponseFuture>(
        &self,
        request: Request,
        next: Next<'_, Inside>,
    ) -> impl Future<Output = Response> + Send + use<Inside> {
        match check(&request, &self.0) {
            Ok(()) => Either::Left(next.run(request)),
            Err(other) => Either::Right(ready(refusal(other, &self.0))),
        }
    }
}

fn refusal(other: OtherHost, app_url: &Url) -> Response {
    tracing::warn!(
        received_host = other.received.as_deref().unwrap_or("not a host name"),
        app_url = app_url.as_str(),
        "the request is for another host than APP_URL; a proxy must pass on the Host header unchanged, with its port"
    );
    let mut response = StatusCode::MISDIRECTED_REQUEST.into_response();
    response.extensions_mut().insert(other);
    response
}

/// Health checks are served under any name because probes use addresses, and static files because the 421 page needs
/// its stylesheet.
fn check(request: &Request, app_url: &Url) -> Result<(), OtherHost> {
    let path = request.uri().path();
    if path.starts_with("/health/") || path.starts_with("/static/") {
        return Ok(());
    }
    let mut hosts = request.headers().get_all(HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return Err(OtherHost { received: None });
    };
    let host = host.to_str().unwrap_or_default();
    // An absolute request target takes precedence over the header (RFC 9112 §3.2.2). Both must be ours.
    let target = request
        .uri()
        .authority()
        .map(axum::http::uri::Authority::as_str);
    let mut names = [Some(host), target].into_iter().flatten();
    match names.find(|name| !same(name, app_url)) {
        None => Ok(()),
        Some(name) => Err(OtherHost {
            received: is_host(name).then(|| name.to_owned()),
        }),
    }
}

/// Whether the text has only characters of a host and its port, so that it may be shown and logged.
fn is_host(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".:[]-".contains(&byte);
    (1..=255).contains(&text.len()) && text.bytes().all(allowed)
}

/// Compares as a browser would: ignores case, and the default port of the scheme.
fn same(authority: &str, app_url: &Url) -> bool {
    if authority == app_url.authority() {
        return true;
    }
    if authority.contains(['/', '@', '?', '#', '\\']) {
        return false;
    }
    let url = Url::parse(&format!("{}://{authority}", app_url.scheme()));
    url.is_ok_and(|url| url.origin() == app_url.origin())
}
