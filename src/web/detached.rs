//! Runs every request to completion, even if the browser disconnects.
//!
//! axum drops a handler when its connection closes. Between a one-time call to Stytch and the save of its result, that
//! would spend a token and keep nothing.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};

use crate::{error::AppError, session::Context};

/// Runs the rest of the request in a task of its own. The server waits for these tasks before it stops.
pub async fn layer(
    State(context): State<Context>,
    request: Request,
    next: Next,
) -> Result<Response, AppError> {
    context
        .spawn(next.run(request))
        .await
        .map_err(AppError::ours)
}
