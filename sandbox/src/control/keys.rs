//! A second signing key.

use serde_json::{Value, json};

use crate::{
    control::{error::ControlError, request::Ask},
    model::keys::Key,
};

/// `POST …/keys/rotate`: JWTs are signed with a new key from now on; the old one stays in the JWKS, as at the vendor
/// (fact sheet §1.4), until the world is reset. Answers the new key's `kid`.
pub fn rotate(ask: &Ask<'_>) -> Result<(u16, Value), ControlError> {
    ask.only(&[])?;
    let world = ask.project()?;
    let key = Key::fresh(); // outside the lock: it takes a while
    let kid = world.lock().keys.rotate(key);
    Ok((200, json!({ "kid": kid })))
}
