//! Another web server on this machine: a neighbor on localhost under the app's host name, or a stranger's site under
//! another one.

use axum::{
    Router,
    http::{HeaderName, HeaderValue},
    response::Html,
    routing::get,
};
use tokio::net::TcpListener;

/// Serves these pages on a free port of this machine until the test's runtime ends. Returns its origin under `host`.
pub async fn serve(host: &str, pages: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move { axum::serve(listener, pages).await });
    format!("http://{host}:{port}")
}

/// A site with one page.
pub fn page(html: impl Into<String>) -> Router {
    let html = html.into();
    Router::new().route("/", get(async move || Html(html)))
}

/// A site with one page that has this header.
pub fn page_with(name: &'static str, value: &str) -> Router {
    let header = [(
        HeaderName::from_static(name),
        HeaderValue::from_str(value).unwrap(),
    )];
    Router::new().route("/", get(async move || (header, Html("<h1>Neighbor</h1>"))))
}
