//! How much a sandbox keeps, how many connections it has, and how long it waits for a client.

use std::time::Duration;

/// Limits of a sandbox and of each of its worlds. What is above a limit is dropped, the oldest first, unless a field says
/// otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Projects, at least 2. The first one is never dropped. One with the built-in people takes some 100 kB.
    pub projects: usize,
    /// Calls in a project's log.
    pub calls: usize,
    /// Messages in a project's inbox, and as many links, codes and tokens on their way to the app that can still be used.
    pub messages: usize,
    /// Sign-ins of a project that wait on a consent page, and as many that wait on an identity provider's page.
    pub sign_ins: usize,
    /// Snapshots of a project. Each is a copy of everything in it.
    pub snapshots: usize,
    /// Faults in a project's script. One more is refused, because a test relies on each.
    pub faults: usize,
    /// Whether projects have the rate limits that the vendor documents, unless their settings say otherwise.
    pub rate_limits: bool,
    /// Deliveries of webhooks in a project's list.
    pub deliveries: usize,
    /// Webhooks of a project. One more is refused, because a test relies on each.
    pub webhooks: usize,
    /// Open connections. For one more, the connection is closed that has waited longest for its client: for a request, for
    /// the rest of one, or for the client to read a response.
    pub connections: usize,
    /// Connections besides, while requests are served on all of those. Only `GET /_sandbox/health` gets a response on these;
    /// other requests get a 503.
    pub reserve: usize,
    /// For the headers of the next request, since the connection or the last response.
    pub headers_within: Duration,
    /// For the body of a request, since its headers.
    pub body_within: Duration,
    /// For the client to read a response.
    pub response_within: Duration,
    /// For the receiver of a webhook to respond to one attempt. Svix waits 15 seconds.
    pub delivery_within: Duration,
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
            rate_limits: true,
            deliveries: 10_000,
            webhooks: 100,
            // Enough for two hundred test workers. With the app's 544 in one process it can pass the 1,024 open files that are
            // common; then the next connection waits until one closes.
            connections: 800,
            reserve: 16,
            headers_within: Duration::from_secs(30),
            body_within: Duration::from_secs(30),
            response_within: Duration::from_secs(30),
            delivery_within: Duration::from_secs(15),
        }
    }
}
