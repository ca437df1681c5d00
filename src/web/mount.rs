//! Redirects of an app that is mounted below a path, such as `/auth`.

use axum::{
    http::{HeaderValue, header::LOCATION},
    response::Response,
};
use tower::util::MapResponseLayer;

use super::site::Site;

/// Adds the prefix to each redirect to another page of this app; `/` becomes the start page. Does not change redirects
/// to full URLs, such as Stytch's or those of pages of the surrounding application.
pub fn layer(site: Site) -> MapResponseLayer<impl Fn(Response) -> Response + Clone> {
    MapResponseLayer::new(move |response| with_prefix(&site, response))
}

fn with_prefix(site: &Site, mut response: Response) -> Response {
    let location = response.headers().get(LOCATION);
    let path = location.and_then(|location| location.to_str().ok());
    if let Some(path) = path.filter(|path| path.starts_with('/'))
        && let Ok(location) = HeaderValue::from_str(&site.link(path))
    {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}
