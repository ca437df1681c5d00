//! Makes a token expire.

use serde_json::json;

use crate::control::{
    error::{ControlError, Reply},
    request::ControlRequest,
};

/// `POST …/expire`: a session token, a session JWT (its session expires), an intermediate session token, a token
/// on its way to the app or that of a link in an email. It is treated from now on as one whose time is over.
pub fn expire(request: &ControlRequest<'_>) -> Reply {
    request.only(&["token"])?;
    let world = request.project()?;
    let token = request.need_text("token", "a token that this project gave out")?;
    if world.lock().expire(token) {
        Ok((200, json!({})))
    } else {
        // The caller has the token already. The response can be logged and must not repeat it.
        Err(ControlError::unknown(
            "token",
            "a token of this project that is neither spent nor over",
        ))
    }
}
