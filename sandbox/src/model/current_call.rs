//! The call that changes a world now.

/// What the state has to know of the call that changes it: links in its messages lead to where the call came, and what
/// becomes of tokens is told with its request id.
#[derive(Clone, Debug, Default)]
pub struct CurrentCall {
    /// Origin under which the caller reached the sandbox, or the public URL's. `""` if no call changes the state.
    pub origin: String,
    pub method: String,
    pub path: String,
    /// `""` if no call changes the state.
    pub request_id: String,
}
