//! The clock of a world: the machine's time, which a test can move or stop.

use std::time::Duration;

use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// Lifetime of an intermediate session, a one-time token, and an open consent page.
pub const TEN_MINUTES: time::Duration = time::Duration::minutes(10);

/// The clock of one world. Every lifetime in it is measured with this clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    ahead: Duration,
    frozen: Option<OffsetDateTime>,
}

impl Clock {
    pub fn now(self) -> OffsetDateTime {
        self.frozen.unwrap_or_else(|| machine() + self.ahead)
    }

    /// Moves the clock ahead. A running clock continues from there; a stopped one stays stopped.
    pub fn advance(&mut self, by: Duration) {
        match &mut self.frozen {
            Some(at) => *at += by,
            None => self.ahead += by,
        }
    }

    /// Stops the clock at this time, in the past or in the future.
    pub fn freeze(&mut self, at: OffsetDateTime) {
        self.frozen = Some(at);
    }

    pub fn is_frozen(self) -> bool {
        self.frozen.is_some()
    }

    pub fn resume(&mut self) {
        *self = Self::default();
    }

    /// The `iat` and `nbf` of JWTs: the earlier of the world's and the machine's time, because verifiers refuse JWTs
    /// from the future.
    pub fn issued_at(self) -> OffsetDateTime {
        self.now().min(machine())
    }
}

/// This machine's time, which tests can't move.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that asks the machine"
)]
pub fn machine() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}

/// A time in the vendor's format: RFC 3339, UTC, whole seconds.
pub fn wire(at: OffsetDateTime) -> Value {
    let whole = at.replace_nanosecond(0).unwrap_or(at);
    json!(whole.format(&Rfc3339).unwrap_or_default())
}

/// A time in the vendor's format for webhooks: RFC 3339, UTC, microseconds.
pub fn wire_with_microseconds(at: OffsetDateTime) -> Value {
    let whole = wire(at);
    let seconds = whole.as_str().unwrap_or_default().trim_end_matches('Z');
    json!(format!("{seconds}.{:06}Z", at.microsecond()))
}
