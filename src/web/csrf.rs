//! Cross-site POSTs are refused by headers that a page can't forge (D6): `Sec-Fetch-Site`, or else `Origin` against
//! `Host`. The rule is tower-http's, a port of Go's `CrossOriginProtection`; only the page is ours.

use axum::{
    body::Body,
    http::{Response, StatusCode},
};
use tower_http::csrf::{CsrfLayer, ProtectionError};

/// Put into the answer, so that the error page finds the fitting words.
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
