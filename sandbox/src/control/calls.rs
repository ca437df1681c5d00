//! The log of API calls, without what was sent.

use serde_json::{Value, json};

use crate::{
    control::{error::Reply, request::ControlRequest},
    model::{Call, clock::wire},
};

/// `GET …/calls`: the newest 10,000 API calls that the world received, oldest first. One still without an answer has
/// status 0. `dropped` is how many older calls are not kept.
pub fn list(request: &ControlRequest<'_>) -> Reply {
    let world = request.project()?;
    let log = world.lock().calls.clone();
    let calls: Vec<Value> = log.iter().map(|logged| call(&logged.call)).collect();
    Ok((200, json!({ "calls": calls, "dropped": log.dropped() })))
}

/// `DELETE …/calls`: forgets them.
pub fn clear(request: &ControlRequest<'_>) -> Reply {
    request.project()?.clear_calls();
    Ok((200, json!({})))
}

fn call(call: &Call) -> Value {
    json!({
        "method": call.method,
        "path": call.path,
        "status": call.status,
        "error_type": call.error_type,
        "request_id": call.request_id,
        "at": wire(call.at),
    })
}
