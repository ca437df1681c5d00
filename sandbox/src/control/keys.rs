//! A second signing key.

use serde_json::json;

use crate::{
    control::{error::Reply, request::ControlRequest},
    model::Key,
};

/// `POST …/keys/rotate`: JWTs are signed with a new key from now on; the old one stays in the JWKS for a month of the
/// world's time, as at the vendor. Returns the new key's `kid`.
pub fn rotate(request: &ControlRequest<'_>) -> Reply {
    request.only(&[])?;
    let world = request.project()?;
    let key = Key::fresh(); // outside the lock: it takes a while
    let mut state = world.lock();
    let now = state.now();
    let kid = state.keys.rotate(key, now);
    Ok((200, json!({ "kid": kid })))
}
