//! The log of API calls, without what was sent.

use serde_json::{Value, json};

use crate::{
    control::{error::ControlError, request::Ask},
    model::{calls::Call, clock::wire},
};

/// `GET …/calls`: the API calls that the world received, oldest first. One still without an answer has status 0.
pub fn list(ask: &Ask<'_>) -> Result<(u16, Value), ControlError> {
    let calls: Vec<Value> = ask.project()?.calls().iter().map(call).collect();
    Ok((200, json!({ "calls": calls })))
}

/// `DELETE …/calls`: forgets them.
pub fn clear(ask: &Ask<'_>) -> Result<(u16, Value), ControlError> {
    ask.project()?.clear_calls();
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
