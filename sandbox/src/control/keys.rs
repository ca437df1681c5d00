//! A second signing key.

use serde_json::json;

use crate::{
    control::{error::Reply, request::ControlRequest},
    model::Key,
};

/// `POST …/keys/rotate`: JWTs are signed with a new key from now on; the old one stays in the JWKS, as at the vendor
/// (fact sheet §1.4), until the world is reset. Answers the new key's `kid`.
pub fn rotate(request: &ControlRequest<'_>) -> Reply {
    request.only(&[])?;
    let world = request.project()?;
    let key = Key::fresh(); // outside the lock: it takes a while
    let kid = world.lock().keys.rotate(key);
    Ok((200, json!({ "kid": kid })))
}
