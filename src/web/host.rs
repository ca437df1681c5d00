//! Serves only the host of `APP_URL`, because cookies and redirect URLs belong to it.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{StatusCode, header::HOST},
    middleware::Next,
    response::{IntoResponse, Response},
};
use url::Url;

/// Marks the refusal of another host, for the error page.
#[derive(Clone, Debug)]
pub struct OtherHost {
    /// The host that the request is for. Anyone can send any text here: `None` if it is not a host name.
    pub received: Option<String>,
}

/// The one host that is served: the origin under which browsers reach the app.
#[derive(Clone, Debug)]
pub struct AppUrl(pub Arc<Url>);

/// Responds 421 to any other `Host`. Health checks are served under any name because probes use addresses, and static
/// files because the 421 page needs its stylesheet.
pub async fn layer(
    State(AppUrl(app_url)): State<AppUrl>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    let anywhere = path.starts_with("/health/") || path.starts_with("/static/");
    if anywhere {
        return next.run(request).await;
    }
    let Err(other) = check(&request, &app_url) else {
        return next.run(request).await;
    };
    tracing::warn!(
        received_host = other.received.as_deref().unwrap_or("not a host name"),
        app_url = app_url.as_str(),
        "the request is for another host than APP_URL; a proxy must pass on the Host header unchanged, with its port"
    );
    let mut response = StatusCode::MISDIRECTED_REQUEST.into_response();
    response.extensions_mut().insert(other);
    response
}

fn check(request: &Request, app_url: &Url) -> Result<(), OtherHost> {
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
