//! `GET /health/live`, `GET /health/ready` — for whoever runs the process. Answered under any Host.

use axum::{Json, extract::State, http::StatusCode};
use serde_json::{Value, json};

use crate::state::AppState;

/// 200 while the process runs.
pub async fn live() -> Json<Value> {
    Json(json!({"status": "live"}))
}

/// 200 while new requests are welcome, 503 once the process is stopping. Stytch is not asked: its failure is no
/// reason to restart us.
pub async fn ready(State(app): State<AppState>) -> (StatusCode, Json<Value>) {
    if app.tasks.is_closed() {
        return (
            StatusCode::SERVICE_UNAVAILABLE,
            Json(json!({"status": "stopping"})),
        );
    }
    (StatusCode::OK, Json(json!({"status": "ready"})))
}
