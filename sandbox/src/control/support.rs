//! What the sandbox has of the vendor's API.

use serde_json::Value;

use crate::{
    control::{error::ControlError, request::Ask},
    support::as_json,
};

/// `GET /_sandbox/support`: the support table, read from the router.
#[expect(clippy::unnecessary_wraps, reason = "the signature of every handler")]
pub fn show(_: &Ask<'_>) -> Result<(u16, Value), ControlError> {
    Ok((200, as_json()))
}
