//! The log of the server API calls that a world received.

use serde_json::Value;
use time::OffsetDateTime;

/// A call of the server API (the endpoints with Basic auth, and the JWKS) that reached a world.
#[derive(Clone, Debug)]
pub struct Call {
    /// `POST`, `GET`, …
    pub method: String,
    /// The path without its query, double and trailing slashes taken away.
    pub path: String,
    /// The status that was answered; 0 as long as there is no answer, and for ever when a fault ate it.
    pub status: u16,
    /// The error that was answered, if it was one.
    pub error_type: Option<String>,
    /// The id in the answer.
    pub request_id: String,
    /// When it arrived, by the world's clock.
    pub at: OffsetDateTime,
    /// What was sent, secrets and all: for tests in this process only. Null when there was no JSON.
    pub body: Value,
}
