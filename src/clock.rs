//! The clock that all code with expiry times uses. A test can move it instead of sleeping.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use time::OffsetDateTime;

/// The machine's clock, plus an offset that tests can change.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    moved_seconds: Arc<AtomicI64>,
}

impl Clock {
    /// The current time, UTC.
    pub fn now(&self) -> OffsetDateTime {
        #[expect(
            clippy::disallowed_methods,
            reason = "the only place that reads the machine's clock"
        )]
        let now = OffsetDateTime::now_utc();
        match self.moved_seconds.load(Ordering::Relaxed) {
            0 => now, // adding nothing would take as long as reading the clock
            seconds => now + time::Duration::seconds(seconds),
        }
    }

    /// Sets this clock and its clones back, by whole seconds.
    pub fn set_back(&self, by: Duration) {
        let seconds = i64::try_from(by.as_secs()).unwrap_or(i64::MAX);
        self.moved_seconds.fetch_sub(seconds, Ordering::Relaxed);
    }

    /// Moves this clock and its clones ahead, by whole seconds.
    pub fn advance(&self, by: Duration) {
        let seconds = i64::try_from(by.as_secs()).unwrap_or(i64::MAX);
        self.moved_seconds.fetch_add(seconds, Ordering::Relaxed);
    }
}
