//! The log of API calls, without what was sent.

use serde_json::{Value, json};

use crate::{
    control::{error::Reply, request::ControlRequest},
    model::{Call, clock::wire},
};

/// `GET …/calls`: the API calls that the world received, oldest first. One still without an answer has status 0.
pub fn list(request: &ControlRequest<'_>) -> Reply {
    let calls: Vec<Value> = request.project()?.calls().iter().map(call).collect();
    Ok((200, json!({ "calls": calls })))
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
