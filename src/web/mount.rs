//! Redirects of an app that is mounted below a path, such as `/auth`.

use axum::{
    extract::{Request, State},
    http::{HeaderValue, header::LOCATION},
    middleware::Next,
    response::Response,
};

use super::site::Site;

/// Puts the prefix before the path of each redirect to another page of this app; `/` becomes the start page. Redirects
/// to full URLs, such as Stytch's or a page of the surrounding application, stay as they are.
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
