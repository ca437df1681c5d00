//! `GET /health/live`, `GET /health/ready` — for whoever runs the process. Answered under any Host.

use axum::{Json, extract::State, http::StatusCode};
use serde_json::{Value, json};

use crate::state::AppState;

/// 200 while the process runs.
pub async fn live() -> Json<Value> {
    Json(json!({"status": "live"}))
}

/// 200 while new requests are welcome, 503 once the process is stopping and while the session store keeps nothing: an
/// instance that reaches it may serve meanwhile. Stytch is not asked: its failure would be that of all.
pub async fn ready(State(app): State<AppState>) -> (StatusCode, Json<Value>) {
    if app.tasks.is_closed() {
        return (
            StatusCode::SERVICE_UNAVAILABLE,
            Json(json!({"status": "stopping"})),
        );
    }
    if let Err(error) = app.store.reachable().await {
        tracing::warn!(%error, "not ready");
        return (
            StatusCode::SERVICE_UNAVAILABLE,
            Json(json!({"status": "the session store does not work"})),
        );
    }
    (StatusCode::OK, Json(json!({"status": "ready"})))
}
