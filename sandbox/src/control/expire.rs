//! Makes a token expire.

use serde_json::json;

use crate::control::{
    error::{ControlError, Reply},
    request::ControlRequest,
};

/// `POST …/expire`: makes a token expire immediately: a session token, a session JWT (its session expires), an
/// intermediate session token, a one-time token, or the token of a link in an email.
pub fn expire(request: &ControlRequest<'_>) -> Reply {
    request.only(&["token"])?;
    let world = request.project()?;
    let token = request.need_text("token", "a token that this project issued")?;
    if world.lock().expire(token) {
        Ok((200, json!({})))
    } else {
        // The response can be logged, so it does not repeat the token.
        Err(ControlError::unknown(
            "token",
            "a token of this project that is neither used nor expired",
        ))
    }
}
