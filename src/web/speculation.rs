//! Refuses requests that are not from a click: HEAD requests, and pages that a browser loads in advance. Only a click
//! may start or complete a sign-in.

use axum::{
    extract::Request,
    http::{HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

/// A layer for start and callback routes. HEAD gets 405, because axum would run the GET handler and use up the token. A
/// prefetch gets 503, which the browser discards. It sends the request again on a real click.
pub async fn layer(request: Request, next: Next) -> Response {
    if request.method() == Method::HEAD {
        return (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET")]).into_response();
    }
    let speculative = ["sec-purpose", "purpose", "x-moz", "x-purpose"]
        .into_iter()
        .any(|name| {
            let value = request
                .headers()
                .get(name)
                .map(HeaderValue::as_bytes)
                .unwrap_or_default();
            let value = String::from_utf8_lossy(value).to_ascii_lowercase();
            ["prefetch", "prerender", "preview"]
                .iter()
                .any(|word| value.contains(word))
        });
    let mut response = if speculative {
        StatusCode::SERVICE_UNAVAILABLE.into_response()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("Sec-Purpose"));
    // The URL can contain a token, which a later request must not reveal as its `Referer`.
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    response
}
