//! The call that is changing a world.

/// What the state records about the current call: links in messages use its origin, and the fates of tokens name its
/// request id.
#[derive(Clone, Debug, Default)]
pub struct CurrentCall {
    /// Origin under which the caller reached the sandbox, or the public URL's. `""` if no call changes the state.
    pub origin: String,
    pub method: String,
    pub path: String,
    /// `""` if no call changes the state.
    pub request_id: String,
}
