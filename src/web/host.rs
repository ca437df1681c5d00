//! The app serves one host only, that of `APP_URL`, because cookies and redirect URLs belong to it.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{StatusCode, header::HOST},
    middleware::Next,
    response::{IntoResponse, Response},
};
use url::Url;

/// Marks the refusal of another host, for the error page.
#[derive(Clone, Copy)]
pub struct OtherHost;

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
    if anywhere || asks_for(&request, &app_url) {
        return next.run(request).await;
    }
    let mut response = StatusCode::MISDIRECTED_REQUEST.into_response();
    response.extensions_mut().insert(OtherHost);
    response
}

fn asks_for(request: &Request, app_url: &Url) -> bool {
    let mut hosts = request.headers().get_all(HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return false;
    };
    let host = host.to_str().unwrap_or_default();
    // An absolute request target outranks the header (RFC 9112 §3.2.2); both must be ours.
    let target = request
        .uri()
        .authority()
        .map(axum::http::uri::Authority::as_str);
    [Some(host), target]
        .into_iter()
        .flatten()
        .all(|name| same(name, app_url))
}

/// Compares as a browser would: case folded, the scheme's default port left out.
fn same(authority: &str, app_url: &Url) -> bool {
    if authority.contains(['/', '@', '?', '#', '\\']) {
        return false;
    }
    let url = Url::parse(&format!("{}://{authority}", app_url.scheme()));
    url.is_ok_and(|url| url.origin() == app_url.origin())
}
