//! Back to the seed or to a snapshot.

use serde_json::{Value, json};

use crate::control::{error::ControlError, request::Ask};

type Answer = Result<(u16, Value), ControlError>;

/// `POST …/reset`: the world as it began, its clock on the machine's time. Its credentials stay.
pub fn reset(ask: &Ask<'_>) -> Answer {
    ask.only(&[])?;
    ask.project()?.reset();
    Ok((200, json!({})))
}

/// `POST …/snapshot`: keeps the world as it is, and answers the id to come back to it as often as wanted.
pub fn snapshot(ask: &Ask<'_>) -> Answer {
    ask.only(&[])?;
    let id = ask.project()?.snapshot();
    Ok((200, json!({ "snapshot": id })))
}

/// `POST …/restore`: the world as it was when the snapshot was taken.
pub fn restore(ask: &Ask<'_>) -> Answer {
    ask.only(&["snapshot"])?;
    let world = ask.project()?;
    let id = ask.need_text("snapshot", "the id that …/snapshot answered")?;
    if world.restore(id) {
        Ok((200, json!({})))
    } else {
        Err(ControlError::unknown(
            "snapshot",
            "the id of a snapshot of this project",
        ))
    }
}
