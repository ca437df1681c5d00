//! Every request runs to its end, even if the browser leaves (D9).
//!
//! axum drops a handler when its connection closes. Between a one-time call to Stytch and the save of its result that
//! would spend a token and keep nothing.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};

use crate::{error::AppError, state::AppState};

/// Runs the rest in a task of its own, which the server waits for before it stops.
pub async fn layer(
    State(app): State<AppState>,
    request: Request,
    next: Next,
) -> Result<Response, AppError> {
    app.spawn(next.run(request)).await.map_err(AppError::ours)
}
