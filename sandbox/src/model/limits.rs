//! Limits for kept data, connections, and waits for clients.

use std::time::Duration;

/// Limits of a sandbox and of each of its worlds. Above a limit, the oldest entries are dropped, unless a field says
/// otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Projects, at least 2. The first one is never dropped. A project with the built-in people uses about 100 kB.
    pub projects: usize,
    /// Calls in a project's log.
    pub calls: usize,
    /// Messages in a project's inbox, and usable links, codes and one-time tokens, of each the same number.
    pub messages: usize,
    /// Open sign-ins of a project on consent pages, and the same number on identity providers' pages.
    pub sign_ins: usize,
    /// Snapshots of a project. Each is a copy of everything in it.
    pub snapshots: usize,
    /// Faults in a project's script. More are refused, because tests rely on each of them.
    pub faults: usize,
    /// Whether projects have the vendor's documented rate limits, unless their settings say otherwise.
    pub rate_limits: bool,
    /// Webhook deliveries in a project's list.
    pub deliveries: usize,
    /// Webhooks of a project. More are refused, because tests rely on each of them.
    pub webhooks: usize,
    /// Open connections. To make room for another one, the connection is closed that has waited longest for its client:
    /// for a request, for the rest of a request, or for the client to read a response.
    pub connections: usize,
    /// Additional connections while all others serve requests. On these, `GET /_sandbox/health` gets a response and
    /// other requests get a 503.
    pub reserve: usize,
    /// Time limit for the headers of the next request, from the start of the connection or the last response.
    pub headers_within: Duration,
    /// Time limit for the body of a request, from its headers.
    pub body_within: Duration,
    /// Time limit for the client to read a response.
    pub response_within: Duration,
    /// Time limit for the receiver of a webhook to respond to one attempt. Svix waits 15 seconds.
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
            // Enough for two hundred test workers. Together with the app's 544 connections in the same process, it can
            // exceed the common limit of 1,024 open files; then the next connection waits until one closes.
            connections: 800,
            reserve: 16,
            headers_within: Duration::from_secs(30),
            body_within: Duration::from_secs(30),
            response_within: Duration::from_secs(30),
            delivery_within: Duration::from_secs(15),
        }
    }
}
