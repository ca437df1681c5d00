//! Runs requests that change something to completion, even if the browser disconnects.
//!
//! axum drops a handler when its connection closes. Between a one-time call to Stytch and saving its result, that would
//! use up a token and lose the sign-in. A GET request that only shows something does not need this.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};

use crate::{error::AppError, session::Context};

/// What the layer needs.
#[derive(Clone)]
pub struct Detached {
    /// The tasks for which the server waits before it stops.
    pub context: Context,
    /// What a GET request of these routes does.
    pub on_get: OnGet,
}

/// What a GET request of a route does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum OnGet {
    /// It starts or completes a sign-in.
    Changes,
    /// It only shows something.
    Shows,
}

/// Runs the rest of a request that changes something in a separate task.
pub async fn layer(
    State(detached): State<Detached>,
    request: Request,
    next: Next,
) -> Result<Response, AppError> {
    if detached.on_get == OnGet::Shows && request.method().is_safe() {
        return Ok(next.run(request).await);
    }
    let response = detached.context.spawn(next.run(request));
    response.await.map_err(AppError::ours)
}
