//! The log of calls, without secrets.

use serde_json::{Value, json};

use crate::{
    control::{error::Reply, request::ControlRequest},
    model::{LoggedCall, clock::wire},
};

/// `GET …/calls`: returns the newest 10,000 calls that the world received from programs and browsers, oldest first. A
/// call without a response has the status 0. `tokens` says what happened to tokens that do not work. `dropped` is the
/// number of older calls, which were dropped.
pub fn list(request: &ControlRequest<'_>) -> Reply {
    let world = request.project()?;
    let log = world.lock().calls.clone();
    let calls: Vec<Value> = log.iter().map(call).collect();
    Ok((200, json!({ "calls": calls, "dropped": log.dropped() })))
}

/// `DELETE …/calls`: clears the log.
pub fn clear(request: &ControlRequest<'_>) -> Reply {
    request.project()?.clear_calls();
    Ok((200, json!({})))
}

fn call(logged: &LoggedCall) -> Value {
    let call = &logged.call;
    json!({
        "method": call.method,
        "path": call.path,
        "route": logged.route.word(),
        "query": logged.query,
        "body": logged.masked_body(),
        "status": call.status,
        "error_type": call.error_type,
        "tokens": logged.tokens,
        "request_id": call.request_id,
        "at": wire(call.at),
    })
}
