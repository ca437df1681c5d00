//! Nobody but a person who clicks may begin or finish a sign-in.

use axum::{
    extract::Request,
    http::{HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

/// For start and callback routes: HEAD is 405 (axum would run the GET handler and spend the token), and what a
/// browser fetches on speculation is 503, which it throws away and fetches anew on a real click.
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
    // The URL may hold a token: no page that is left from here may pass it on.
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    response
}
