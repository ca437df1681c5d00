//! The time, as a value: everything that runs out asks this, so that a test can move it instead of sleeping.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use time::OffsetDateTime;

/// The machine's clock, plus what a test has moved it by.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    moved_seconds: Arc<AtomicI64>,
}

impl Clock {
    /// Now, UTC.
    pub fn now(&self) -> OffsetDateTime {
        #[expect(
            clippy::disallowed_methods,
            reason = "the one place that asks the machine"
        )]
        let now = OffsetDateTime::now_utc();
        now + time::Duration::seconds(self.moved_seconds.load(Ordering::Relaxed))
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
