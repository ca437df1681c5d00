//! Refuses cross-site POST requests by headers that a page can't forge: `Sec-Fetch-Site`, or else `Origin` compared with
//! `Host`. The rule is tower-http's, a port of Go's `CrossOriginProtection`; only the page is ours.

use axum::{
    body::Body,
    http::{Response, StatusCode},
};
use tower_http::csrf::{CsrfLayer, ProtectionError};

/// Marks the refusal, for the error page.
#[derive(Clone, Copy)]
pub struct CrossSite;

/// The layer.
pub fn layer() -> CsrfLayer<fn(ProtectionError) -> Response<Body>> {
    CsrfLayer::new().with_rejection_response(refuse)
}

fn refuse(_: ProtectionError) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::FORBIDDEN;
    response.extensions_mut().insert(CrossSite);
    response
}
