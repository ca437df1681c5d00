//! The table of supported endpoints of the vendor's API.

use crate::{
    control::{error::Reply, request::ControlRequest},
    support::as_json,
};

/// `GET /_sandbox/support`: returns the support table, which is generated from the URL table.
#[expect(clippy::unnecessary_wraps, reason = "the signature of every handler")]
pub fn show(_: &ControlRequest<'_>) -> Reply {
    Ok((200, as_json()))
}
