//! The app answers under one name only, that of `APP_URL`: cookies and redirect URLs belong to it.

use axum::{
    extract::{Request, State},
    http::{StatusCode, header::HOST},
    middleware::Next,
    response::{IntoResponse, Response},
};
use url::Url;

use crate::state::AppState;

/// Put into the answer, so that the error page finds the fitting words.
#[derive(Clone, Copy)]
pub struct OtherHost;

/// 421 for any other `Host`, but for the health checks, which probes call by address, and the static files, without
/// which that page would stand there bare.
pub async fn layer(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let anywhere = path.starts_with("/health/") || path.starts_with("/static/");
    if anywhere || asks_for(&request, &app.app_url) {
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
