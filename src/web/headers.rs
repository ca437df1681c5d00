//! Security headers on every response: pages, redirects, errors, static files.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};

// No script at all, so an organization's name always stays text. `form-action 'self'` is why a sign-in starts with a
// link: a form that redirects to Stytch would be blocked.
const CSP: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const ALWAYS: [(HeaderName, &str); 6] = [
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
    (header::X_FRAME_OPTIONS, "DENY"),
];

// One year, for this host alone: other hosts below it may still need http.
const HSTS: &str = "max-age=31536000";

/// Whether browsers reach the app by https at a public host, which turns HSTS on. Not on loopback: a browser ignores the
/// port and would then refuse http on that host to every other program of the developer's machine, for a year.
#[derive(Clone, Copy, Debug)]
pub struct Hsts(pub bool);

/// Adds each header that the response lacks: a handler can set its own, such as a page's own `Content-Security-Policy`.
pub async fn layer(State(Hsts(hsts)): State<Hsts>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.reserve(ALWAYS.len() + 3); // grows once
    for (name, value) in ALWAYS {
        default(headers, name, value);
    }
    if hsts {
        default(headers, header::STRICT_TRANSPORT_SECURITY, HSTS);
    }
    default(headers, header::CACHE_CONTROL, "no-store");
    // Not no-referrer, which makes browsers send `Origin: null` with our own forms.
    default(headers, header::REFERRER_POLICY, "same-origin");
    response
}

fn default(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers
        .entry(name)
        .or_insert(HeaderValue::from_static(value));
}
