//! Renews sessions whose JWT has expired. Simultaneous requests of a session share one call to Stytch.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use time::{Duration, OffsetDateTime};
use tokio::sync::OnceCell;

use crate::{
    crypto,
    error::{AppError, Outage, TryLater},
    stytch::SessionToken,
};

/// Pause before Stytch is asked again about a session, after it did not respond and while the member stays signed in.
/// Otherwise, each page would wait for the whole deadline, and use a call slot that other visitors need to sign in.
const QUIET: Duration = Duration::seconds(10);

/// Maximum number of such sessions that are remembered, which need a few megabytes. If one is forgotten, Stytch is
/// asked about it once more.
pub const MOST_QUIET: usize = 10_000;

/// One renewal in flight per session. If the request that makes the call is dropped, another one that waits takes over.
#[derive(Clone)]
pub struct Renewals<T> {
    flights: Arc<Mutex<HashMap<String, Arc<Flight<T>>>>>,
    unanswered: Arc<Mutex<HashMap<String, OffsetDateTime>>>,
}

type Outcome<T> = Result<T, AppError>;

struct Flight<T> {
    outcome: OnceCell<Outcome<T>>,
    /// Second attempt, for requests that waited while the first one failed in our store.
    second: OnceCell<Outcome<T>>,
}

impl<T> Default for Renewals<T> {
    fn default() -> Self {
        Self {
            flights: Arc::default(),
            unanswered: Arc::default(),
        }
    }
}

impl<T: Clone> Renewals<T> {
    /// Runs `ask` in one of the requests, and returns its outcome in all requests that are waiting. If our own store
    /// failed, one of the others tries once more.
    pub async fn once<Asking: Future<Output = Outcome<T>>>(
        &self,
        token: &SessionToken,
        ask: impl Fn() -> Asking,
    ) -> Outcome<T> {
        let key = crypto::sha256(token.expose());
        let new = || {
            Arc::new(Flight {
                outcome: OnceCell::new(),
                second: OnceCell::new(),
            })
        };
        let flight = Arc::clone(self.flights().entry(key.clone()).or_insert_with(new));
        let asked = AtomicBool::new(false);
        let lead = || {
            asked.store(true, Ordering::Relaxed);
            ask()
        };
        let outcome = match flight.outcome.get_or_init(lead).await.clone() {
            Err(error) if is_of_the_store(&error) && !asked.into_inner() => {
                flight.second.get_or_init(ask).await.clone()
            }
            outcome => outcome,
        };
        let mut flights = self.flights();
        if flights
            .get(&key)
            .is_some_and(|now| Arc::ptr_eq(now, &flight))
        {
            flights.remove(&key);
        }
        outcome
    }

    /// Records that Stytch did not respond about this session.
    pub fn got_no_answer(&self, token: &SessionToken, now: OffsetDateTime) {
        let mut unanswered = self.unanswered();
        if unanswered.len() >= MOST_QUIET {
            unanswered.clear();
        }
        unanswered.insert(crypto::sha256(token.expose()), now);
    }

    /// Whether Stytch did not respond about this session a moment ago.
    pub fn is_quiet(&self, token: &SessionToken, now: OffsetDateTime) -> bool {
        let unanswered = self.unanswered();
        if unanswered.is_empty() {
            return false;
        }
        let at = unanswered.get(&crypto::sha256(token.expose()));
        at.is_some_and(|at| (now - *at).abs() < QUIET)
    }

    fn unanswered(&self) -> MutexGuard<'_, HashMap<String, OffsetDateTime>> {
        let unanswered = self.unanswered.lock();
        unanswered.unwrap_or_else(PoisonError::into_inner)
    }

    /// Number of requests that wait for the busiest renewal, for tests.
    #[doc(hidden)]
    pub fn waiting(&self) -> usize {
        let flights = self.flights();
        // One of the owners is the map itself.
        let waiting = flights.values().map(|it| Arc::strong_count(it) - 1);
        waiting.max().unwrap_or_default()
    }

    fn flights(&self) -> MutexGuard<'_, HashMap<String, Arc<Flight<T>>>> {
        self.flights.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_of_the_store(error: &AppError) -> bool {
    matches!(error, AppError::TryLater(TryLater { outage, .. }) if *outage == Outage::Store)
}
