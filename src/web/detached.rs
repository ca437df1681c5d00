//! Every request runs to its end, even if the browser leaves (D9).
//!
//! axum drops a handler when its connection closes. Between a one-time call to Stytch and the save of its result that
//! would spend a token and keep nothing.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use tracing::Instrument;

use crate::{error::AppError, state::AppState};

/// Runs the rest in a task of its own, which the server waits for before it stops.
pub async fn layer(
    State(app): State<AppState>,
    request: Request,
    next: Next,
) -> Result<Response, AppError> {
    let work = next.run(request).in_current_span();
    app.tasks.spawn(work).await.map_err(AppError::ours)
}
