//! Security headers on every response: pages, redirects, errors, static files.

use std::sync::Arc;

use axum::{
    http::{HeaderName, HeaderValue, header},
    response::Response,
};
use tower::util::MapResponseLayer;

// No script at all, so an organization's name always stays text. `form-action 'self'` is why a sign-in starts with a
// link: a form that redirects to Stytch would be blocked.
const CSP: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const ALWAYS: [(HeaderName, &str); 8] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::CONTENT_SECURITY_POLICY, CSP),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), publickey-credentials-get=(), usb=()",
    ),
    // Not no-referrer, which makes browsers send `Origin: null` with our own forms.
    (header::REFERRER_POLICY, "same-origin"),
    (header::X_FRAME_OPTIONS, "DENY"),
];

// One year, for this host only, because its subdomains may still need http.
const HSTS: &str = "max-age=31536000";

/// Adds each header that the response lacks: a handler can set its own, such as a page's own `Content-Security-Policy`.
///
/// `hsts` is whether browsers reach the app by https at a public host. Not on loopback: a browser ignores the port and
/// would then refuse http on that host to every other program of the developer's machine, for a year.
pub fn layer(hsts: bool) -> MapResponseLayer<impl Fn(Response) -> Response + Clone> {
    let defaults = ALWAYS.map(|(name, value)| (name, HeaderValue::from_static(value)));
    let mut defaults = Vec::from(defaults);
    if hsts {
        let hsts = HeaderValue::from_static(HSTS);
        defaults.push((header::STRICT_TRANSPORT_SECURITY, hsts));
    }
    let defaults: Arc<[_]> = defaults.into();
    MapResponseLayer::new(move |mut response: Response| {
        let headers = response.headers_mut();
        headers.reserve(defaults.len());
        for (name, value) in &*defaults {
            headers.entry(name).or_insert_with(|| value.clone());
        }
        response
    })
}
