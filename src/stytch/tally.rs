//! How many calls a request makes and how long it waits for them, for its line in the log.
//!
//! The client has no request at hand, so the count travels with the task. Where there is none, nothing is counted.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

tokio::task_local! {
    static TALLY: Arc<Tally>;
}

/// The count of one request.
#[derive(Default)]
pub struct Tally {
    calls: AtomicU64,
    microseconds: AtomicU64,
}

impl Tally {
    /// Counts the calls of this work.
    pub fn count<Work: Future>(self: Arc<Self>, work: Work) -> impl Future<Output = Work::Output> {
        TALLY.scope(self, work)
    }

    /// How many so far; a repeated one counts twice.
    pub fn calls(&self) -> u64 {
        self.calls.load(Relaxed)
    }

    /// How long they took in all.
    pub fn time(&self) -> Duration {
        Duration::from_micros(self.microseconds.load(Relaxed))
    }
}

/// Shares the present count with another task.
pub fn carry<Work: Future>(work: Work) -> impl Future<Output = Work::Output> {
    TALLY.try_with(Arc::clone).unwrap_or_default().count(work)
}

/// A call that runs. Counted when it ends, however it ends: an answer, an error, the deadline.
pub(super) struct Running(Instant);

impl Running {
    pub(super) fn begin() -> Self {
        Self(Instant::now())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let microseconds = u64::try_from(self.0.elapsed().as_micros()).unwrap_or(u64::MAX);
        let _ = TALLY.try_with(|tally| {
            tally.calls.fetch_add(1, Relaxed);
            tally.microseconds.fetch_add(microseconds, Relaxed);
        });
    }
}
