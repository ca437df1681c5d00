//! Exports a world as a seed.

use crate::{
    control::{error::Reply, request::ControlRequest},
    rules::locks,
    seed::export,
};

/// `GET …/export`: returns a seed that creates the same world again, for a file or for `POST /_sandbox/projects`. It
/// contains second factors and password hashes.
pub fn export(request: &ControlRequest<'_>) -> Reply {
    request.only_parameters(&[])?;
    let world = request.project()?;
    let mut state = world.lock();
    locks::lift(&mut state);
    Ok((200, export::export(&state)))
}
