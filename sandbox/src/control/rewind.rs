//! Returns a world to its seed or to a snapshot.

use serde_json::json;

use crate::control::{
    error::{ControlError, Reply},
    request::ControlRequest,
};

/// `POST …/reset`: returns the world to its seed, and its clock to the machine's time. The credentials stay.
pub fn reset(request: &ControlRequest<'_>) -> Reply {
    request.only(&[])?;
    request.project()?.reset();
    Ok((200, json!({})))
}

/// `POST …/snapshot`: keeps a copy of the world and returns its id. A snapshot can be restored any number of times.
pub fn snapshot(request: &ControlRequest<'_>) -> Reply {
    request.only(&[])?;
    let id = request.project()?.snapshot();
    Ok((200, json!({ "snapshot": id })))
}

/// `POST …/restore`: returns the world to a snapshot.
pub fn restore(request: &ControlRequest<'_>) -> Reply {
    request.only(&["snapshot"])?;
    let world = request.project()?;
    let id = request.need_text("snapshot", "the id that …/snapshot returned")?;
    if world.restore(id) {
        Ok((200, json!({})))
    } else {
        Err(ControlError::unknown(
            "snapshot",
            format!(
                "the id of a snapshot of this project, which keeps the newest {}",
                request.sandbox.options.limits.snapshots
            ),
        ))
    }
}
