//! `GET /health/live`, `GET /health/ready`: health checks for an operator. Served under any `Host`.
//!
//! - Needs: [`Context`].
//! - Relies on: `host`, which serves these paths under any name (otherwise probes that use an address get 421).

use axum::{Json, extract::State, http::StatusCode};
use serde_json::{Value, json};

use crate::session::{
    Context,
    store::{FULL, Readiness},
};

/// 200 while the process runs.
pub async fn live() -> Json<Value> {
    Json(json!({"status": "live"}))
}

/// 200 while the process accepts requests, even if the session store is full. 503 once it is stopping, and while the
/// session store does not work: another instance may reach it. Stytch is not asked, because its outage would affect all
/// instances.
pub async fn ready(State(context): State<Context>) -> (StatusCode, Json<Value>) {
    if context.tasks.is_closed() {
        return (
            StatusCode::SERVICE_UNAVAILABLE,
            Json(json!({"status": "stopping"})),
        );
    }
    match context.store.ready().await {
        Ok(Readiness::Ready) => (StatusCode::OK, Json(json!({"status": "ready"}))),
        // For every instance alike, and each of them still serves the members who are signed in.
        Ok(Readiness::Full) => {
            tracing::warn!("{FULL}");
            let status = "ready for members; the session store is full";
            (StatusCode::OK, Json(json!({"status": status})))
        }
        Err(error) => {
            tracing::warn!(%error, "not ready: the session store does not work");
            let status = "the session store does not work";
            (
                StatusCode::SERVICE_UNAVAILABLE,
                Json(json!({"status": status})),
            )
        }
    }
}
