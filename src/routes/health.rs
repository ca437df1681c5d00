//! `GET /health/live`, `GET /health/ready`: health checks for an operator. Served under any `Host`.
//!
//! - Needs: [`Context`].
//! - Relies on: `host`, which serves these paths under any name (otherwise probes that use an address get 421).

use axum::{Json, extract::State, http::StatusCode};
use serde_json::{Value, json};

use crate::session::Context;

/// 200 while the process runs.
pub async fn live() -> Json<Value> {
    Json(json!({"status": "live"}))
}

/// 200 while the process accepts requests. 503 once it is stopping, and while the session store does not work: another
/// instance may reach it. Stytch is not asked, because its outage would affect all instances.
pub async fn ready(State(context): State<Context>) -> (StatusCode, Json<Value>) {
    if context.tasks.is_closed() {
        return (
            StatusCode::SERVICE_UNAVAILABLE,
            Json(json!({"status": "stopping"})),
        );
    }
    if let Err(error) = context.store.ready().await {
        tracing::warn!(%error, "not ready: the session store does not work");
        return (
            StatusCode::SERVICE_UNAVAILABLE,
            Json(json!({"status": "the session store does not work"})),
        );
    }
    (StatusCode::OK, Json(json!({"status": "ready"})))
}
