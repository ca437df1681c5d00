//! Reads a request's whole body before its handler runs. Otherwise, a form that arrives only in part would block other
//! requests of its session.

use std::time::Duration;

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::{FromRequest, Request, State},
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse, Response},
};
use tokio::time::timeout;

/// Time limit for a body to arrive.
#[derive(Clone, Copy, Debug)]
pub struct BodyTimeout(pub Duration);

/// Responds 408 if the body does not arrive in time, and 413 if it exceeds axum's `DefaultBodyLimit`, which must be
/// outside this layer.
pub async fn layer(
    State(BodyTimeout(limit)): State<BodyTimeout>,
    request: Request,
    next: Next,
) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let request = Request::from_parts(parts.clone(), body);
    match timeout(limit, Bytes::from_request(request, &())).await {
        Ok(Ok(bytes)) => {
            next.run(Request::from_parts(parts, Body::from(bytes)))
                .await
        }
        Ok(Err(refused)) => refused.into_response(),
        Err(_) => StatusCode::REQUEST_TIMEOUT.into_response(),
    }
}
