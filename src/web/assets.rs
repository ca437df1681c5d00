//! The stylesheet and the icon, compiled in. Their URLs contain their hash, so browsers may cache them forever.

use std::sync::LazyLock;

use axum::{
    extract::Path,
    http::{
        HeaderName,
        header::{CACHE_CONTROL, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
};

use crate::{crypto, error::AppError};

struct Asset {
    content: &'static str,
    content_type: &'static str,
    url: LazyLock<String>,
}

static STYLES: Asset = Asset {
    content: include_str!("../../static/styles.css"),
    content_type: "text/css; charset=utf-8",
    url: LazyLock::new(|| hashed("styles.css", STYLES.content)),
};

static FAVICON: Asset = Asset {
    content: include_str!("../../static/favicon.svg"),
    content_type: "image/svg+xml",
    url: LazyLock::new(|| hashed("favicon.svg", FAVICON.content)),
};

fn hashed(name: &str, content: &str) -> String {
    format!("/static/{}/{name}", &crypto::sha256(content)[..16])
}

/// URL of the stylesheet.
pub fn styles_url() -> &'static str {
    &STYLES.url
}

/// URL of the icon.
pub fn favicon_url() -> &'static str {
    &FAVICON.url
}

/// `GET /static/{hash}/{name}`
pub async fn asset(Path((hash, name)): Path<(String, String)>) -> Result<Response, AppError> {
    let asked = format!("/static/{hash}/{name}");
    let asset = [&STYLES, &FAVICON]
        .into_iter()
        .find(|asset| *asset.url == asked);
    let asset = asset.ok_or(AppError::NotFound)?;
    let headers = [
        (CONTENT_TYPE, asset.content_type),
        (CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    Ok((headers, asset.content).into_response())
}

/// `GET /signed_out.css`: an empty stylesheet for the page after a sign-out. Its header makes the browser drop the
/// pages that the Back button would show.
///
/// Chromium keeps `no-store` pages in its back/forward cache until the site's cookies change. For a page that was
/// reached by redirects from another site, as after a sign-in, it watches that site's cookies instead. The header can't
/// be on the response to the sign-out itself, because the last page enters the cache only when the next page is shown.
pub async fn signed_out() -> impl IntoResponse {
    let headers = [
        (CONTENT_TYPE, "text/css; charset=utf-8"),
        (HeaderName::from_static("clear-site-data"), "\"cache\""),
    ];
    (headers, "")
}
