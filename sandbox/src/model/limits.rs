//! How much a sandbox keeps.

/// Limits of a sandbox and of each of its worlds. What is above a limit is dropped, the oldest first, unless a field says
/// otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Projects, at least 2. The first one is never dropped. One with the built-in people takes some 100 kB.
    pub projects: usize,
    /// Calls in a project's log.
    pub calls: usize,
    /// Messages in a project's inbox, and as many links and codes that can still be used.
    pub messages: usize,
    /// Sign-ins of a project that wait on a consent page, and as many that wait on an identity provider's page.
    pub sign_ins: usize,
    /// Snapshots of a project. Each is a copy of everything in it.
    pub snapshots: usize,
    /// Faults in a project's script. One more is refused, because a test relies on each.
    pub faults: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            projects: 10_000,
            calls: 10_000,
            messages: 10_000,
            sign_ins: 1_000,
            snapshots: 100,
            faults: 1_000,
        }
    }
}
