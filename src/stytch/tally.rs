//! Counts the calls of a request and the time that it waits for them, for its log line. If the inspector is on, also
//! records the calls.
//!
//! The client does not have the browser's request, so the count belongs to the task. A call in a task without a count
//! is not counted.

use std::{
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use reqwest::{Method, StatusCode};

use super::recorder::{LARGEST_READ, RecordedCall};

/// Maximum number of recorded calls per request. No handler makes that many.
const MOST_RECORDED: usize = 20;

tokio::task_local! {
    static TALLY: Arc<Tally>;
}

/// The count of one request.
#[derive(Debug, Default)]
pub struct Tally {
    calls: AtomicU64,
    microseconds: AtomicU64,
    /// Set if the calls are recorded.
    recorded: OnceLock<Mutex<Vec<RecordedCall>>>,
}

impl Tally {
    /// Counts the calls of this work.
    pub fn count<Work: Future>(self: Arc<Self>, work: Work) -> impl Future<Output = Work::Output> {
        TALLY.scope(self, work)
    }

    /// Records the calls of this work from now on, with their secrets masked. `None` where nothing is counted.
    pub fn record() -> Option<Arc<Self>> {
        let tally = TALLY.try_with(Arc::clone).ok()?;
        tally.recorded.get_or_init(Mutex::default);
        Some(tally)
    }

    /// The calls that have ended so far, in the order of their ends; a repeated one is there twice.
    pub fn recorded(&self) -> Vec<RecordedCall> {
        let recorded = self.recorded.get();
        let calls =
            recorded.map(|calls| calls.lock().unwrap_or_else(PoisonError::into_inner).clone());
        calls.unwrap_or_default()
    }

    /// Number of calls so far. A repeated call counts twice.
    pub fn calls(&self) -> u64 {
        self.calls.load(Relaxed)
    }

    /// Total duration of the calls.
    pub fn time(&self) -> Duration {
        Duration::from_micros(self.microseconds.load(Relaxed))
    }
}

/// The duration in 64 bits, which the log writes faster than 128.
pub fn milliseconds(duration: Duration) -> u64 {
    duration.as_millis().try_into().unwrap_or(u64::MAX)
}

/// Shares the present count with another task.
pub fn carry<Work: Future>(work: Work) -> impl Future<Output = Work::Output> {
    TALLY.try_with(Arc::clone).unwrap_or_default().count(work)
}

/// A running call. It is counted and recorded when it ends: with a response, an error, or at the deadline.
pub(super) struct Running {
    started_at: Instant,
    tally: Option<Arc<Tally>>,
    /// The call's record; `None` if calls are not recorded.
    record: Option<Box<Record>>,
}

struct Record {
    call: RecordedCall,
    /// A response that arrives piece by piece, up to a little more than [`LARGEST_READ`].
    pieces: Vec<u8>,
}

impl Running {
    /// `body` is the request's JSON.
    pub fn begin(method: &Method, path: &str, body: Option<&[u8]>) -> Self {
        let tally = TALLY.try_with(Arc::clone).ok();
        let is_recorded = tally
            .as_ref()
            .is_some_and(|tally| tally.recorded.get().is_some());
        Self {
            started_at: Instant::now(),
            tally,
            record: is_recorded.then(|| {
                Box::new(Record {
                    call: RecordedCall::begin(method, path, body),
                    pieces: Vec::new(),
                })
            }),
        }
    }

    pub fn status(&mut self, status: StatusCode) {
        if let Some(record) = &mut self.record {
            record.call.status = Some(status.as_u16());
        }
    }

    /// Takes the response's body, or the next piece of it.
    pub fn response(&mut self, piece: &[u8]) {
        if let Some(record) = &mut self.record
            && record.pieces.len() <= LARGEST_READ
        {
            record.pieces.extend_from_slice(piece);
        }
    }

    fn record(&mut self, duration: Duration) {
        let Some(mut record) = self.record.take() else {
            return;
        };
        record.call.milliseconds = milliseconds(duration);
        if !record.pieces.is_empty() {
            record.call.read_response(&record.pieces);
        }
        let recorded = self.tally.as_ref().and_then(|tally| tally.recorded.get());
        if let Some(calls) = recorded {
            let mut calls = calls.lock().unwrap_or_else(PoisonError::into_inner);
            if calls.len() < MOST_RECORDED {
                calls.push(record.call);
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let duration = self.started_at.elapsed();
        let microseconds = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        if let Some(tally) = &self.tally {
            tally.calls.fetch_add(1, Relaxed);
            tally.microseconds.fetch_add(microseconds, Relaxed);
        }
        self.record(duration);
    }
}
