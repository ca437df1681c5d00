//! Redirects of an app that is mounted below a path, such as `/auth`.

use axum::{
    extract::{Request, State},
    http::{HeaderValue, header::LOCATION},
    middleware::Next,
    response::Response,
};

use super::site::Site;

/// Adds the prefix to each redirect to another page of this app; `/` becomes the start page. Does not change redirects
/// to full URLs, such as Stytch's or those of pages of the surrounding application.
pub async fn layer(State(site): State<Site>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let location = response.headers().get(LOCATION);
    let path = location.and_then(|location| location.to_str().ok());
    if let Some(path) = path.filter(|path| path.starts_with('/'))
        && let Ok(location) = HeaderValue::from_str(&site.link(path))
    {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}
