//! The call that is changing a world.

/// What the state records about the current call: links in messages use its origin, and the fates of tokens name its
/// request id.
#[derive(Clone, Debug, Default)]
pub struct CurrentCall {
    /// Origin of the public URL, or else the origin under which the caller reached the sandbox. `""` without a call.
    pub origin: String,
    pub method: String,
    pub path: String,
    /// Its request id. `""` without a call.
    pub request_id: String,
}
