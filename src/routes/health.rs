//! `GET /health/live`, `GET /health/ready`: health checks for an operator. Served under any `Host`.
//!
//! - Needs: [`Context`].
//! - Relies on: no layer. In `app.rs`, `host` is not around them, because probes that use an address would get 421.

use axum::{Json, extract::State, http::StatusCode};
use serde_json::{Value, json};

use crate::session::{
    Context,
    store::{FULL, Readiness},
};

/// Responds 200 while the process is running.
pub async fn live() -> Json<Value> {
    Json(json!({"status": "live"}))
}

/// Responds 200 while the process accepts requests, even if the session store is full. Responds 503 when the process is
/// stopping, and while the session store does not work, because another instance may still reach it. Does not call
/// Stytch, whose outage would take all instances out of service.
pub async fn ready(State(context): State<Context>) -> (StatusCode, Json<Value>) {
    if context.tasks.is_closed() {
        return (
            StatusCode::SERVICE_UNAVAILABLE,
            Json(json!({"status": "stopping"})),
        );
    }
    match context.store.ready().await {
        Ok(Readiness::Ready) => (StatusCode::OK, Json(json!({"status": "ready"}))),
        // The store is full for every instance, and each of them can still serve members who are signed in.
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
