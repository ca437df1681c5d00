//! Turns every error answer into a page: ours by its words, axum's own refusals and those of the layers by status.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{csrf::CrossSite, host::OtherHost, request_id::RequestId};
use crate::{
    error::{AppError, Cause, TryLater},
    state::AppState,
    views::{self, Shell, error::Words},
};

/// Sits just inside the request id.
pub async fn layer(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let id = request.extensions().get::<RequestId>().cloned();
    let uri = request.uri().clone();
    let response = next.run(request).await;
    match words(&app, uri.path(), &response) {
        Some(words) => page(&app, id, words, response),
        None => response,
    }
}

fn words(app: &AppState, path: &str, response: &Response) -> Option<Words> {
    let extensions = response.extensions();
    if let Some(error) = extensions.get::<Arc<AppError>>() {
        return Some(Words::of(error, path));
    }
    if extensions.get::<CrossSite>().is_some() {
        return Some(Words::cross_site());
    }
    if extensions.get::<OtherHost>().is_some() {
        return Some(Words::other_host(app.app_url.as_str()));
    }
    let status = response.status();
    let has_page = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(is_page);
    let failed = status.is_client_error() || status.is_server_error();
    (failed && !has_page).then(|| Words::for_status(status))
}

fn is_page(content_type: &HeaderValue) -> bool {
    let content_type = content_type.as_bytes();
    content_type.starts_with(b"text/html") || content_type.starts_with(b"application/json")
}

/// Keeps the status and the headers (`Allow`, `Vary`, `Set-Cookie`); only the body is new.
fn page(app: &AppState, id: Option<RequestId>, words: Words, response: Response) -> Response {
    let shell = Shell {
        sandbox: app.sandbox.clone(),
        request_id: id.map(|id| id.0).unwrap_or_default(),
    };
    let (mut parts, _) = response.into_parts();
    if let Some(AppError::TryLater(TryLater {
        cause: Cause::Busy(after),
        ..
    })) = parts
        .extensions
        .get::<Arc<AppError>>()
        .map(|error| &**error)
    {
        parts
            .headers
            .insert(header::RETRY_AFTER, HeaderValue::from(after.as_secs()));
    }
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.remove(header::CONTENT_TYPE);
    match views::render(&views::ErrorPage { shell, words }) {
        Ok(html) => (parts.status, parts.headers, html).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
