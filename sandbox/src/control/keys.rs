//! Rotates the signing key.

use serde_json::json;

use crate::control::{error::Reply, request::ControlRequest};

/// `POST …/keys/rotate`: signs JWTs with a new key from then on. The old key stays in the JWKS for a month of the
/// world's time, as at the vendor. Returns the new key's `kid`.
pub fn rotate(request: &ControlRequest<'_>) -> Reply {
    request.only(&[])?;
    let world = request.project()?;
    let mut state = world.lock();
    let now = state.now();
    let kid = state.keys.rotate(now);
    Ok((200, json!({ "kid": kid })))
}
