//! Who asks Stytch for a session whose JWT has run out, when many requests need it at once.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use time::{Duration, OffsetDateTime};
use tokio::sync::OnceCell;

use super::SignedInMember;
use crate::{
    error::{AppError, Cause, TryLater},
    stytch::{SessionToken, pkce},
};

/// So long after Stytch gave no answer about a session it is not asked again while the member is let in anyway. Each
/// page would wait for the whole deadline, and take one of the turns that others need to sign in.
const QUIET: Duration = Duration::seconds(10);

/// Some megabytes. Who is forgotten early asks once more.
const MOST_QUIET: usize = 10_000;

/// One renewal in flight for each session, however many requests need it. If the one that asks is dropped, another
/// that waits takes over.
#[derive(Clone)]
pub struct Renewals<T = SignedInMember> {
    flights: Arc<Mutex<HashMap<String, Arc<Flight<T>>>>>,
    unanswered: Arc<Mutex<HashMap<String, OffsetDateTime>>>,
}

type Outcome<T> = Result<T, AppError>;

struct Flight<T> {
    outcome: OnceCell<Outcome<T>>,
    /// Of those who waited for the first in vain.
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

impl<T> Default for Flight<T> {
    fn default() -> Self {
        Self {
            outcome: OnceCell::default(),
            second: OnceCell::default(),
        }
    }
}

impl<T: Clone> Renewals<T> {
    /// What one of the requests gets by `ask`, for all that wait for it: what Stytch has said counts for all of them.
    /// If it was our store that failed, those who have waited try once more, again by one of them.
    pub(super) async fn once<Asking: Future<Output = Outcome<T>>>(
        &self,
        token: &SessionToken,
        ask: impl Fn() -> Asking,
    ) -> Outcome<T> {
        let key = pkce::sha256(token.expose());
        let flight = Arc::clone(self.flights().entry(key.clone()).or_default());
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

    /// Stytch has just given no answer about this session.
    pub(super) fn got_no_answer(&self, token: &SessionToken, now: OffsetDateTime) {
        let mut unanswered = self.unanswered();
        if unanswered.len() >= MOST_QUIET {
            unanswered.clear();
        }
        unanswered.insert(pkce::sha256(token.expose()), now);
    }

    /// Whether that was a moment ago.
    pub(super) fn is_quiet(&self, token: &SessionToken, now: OffsetDateTime) -> bool {
        let unanswered = self.unanswered();
        if unanswered.is_empty() {
            return false;
        }
        let at = unanswered.get(&pkce::sha256(token.expose()));
        at.is_some_and(|at| (now - *at).abs() < QUIET)
    }

    fn unanswered(&self) -> MutexGuard<'_, HashMap<String, OffsetDateTime>> {
        self.unanswered
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// How many requests wait for the renewal with the most, for tests.
    #[doc(hidden)]
    pub fn waiting(&self) -> usize {
        let flights = self.flights();
        // One of the owners is the map.
        flights
            .values()
            .map(|flight| Arc::strong_count(flight) - 1)
            .max()
            .unwrap_or_default()
    }

    fn flights(&self) -> MutexGuard<'_, HashMap<String, Arc<Flight<T>>>> {
        self.flights.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_of_the_store(error: &AppError) -> bool {
    let AppError::TryLater(TryLater { cause, .. }) = error else {
        return false;
    };
    *cause == Cause::Store
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;

    use tokio::{sync::Semaphore, task::JoinHandle, task::yield_now};

    use super::*;

    /// Requests that need one renewal, which begins when it is let and ends in what the test says.
    #[derive(Clone)]
    struct Lab {
        renewals: Renewals<u32>,
        asked: Arc<AtomicU32>,
        may: Arc<Semaphore>,
        outcomes: Arc<Mutex<Vec<Outcome<u32>>>>,
    }

    impl Lab {
        /// What those who ask get, in their order.
        fn new(outcomes: &[Outcome<u32>]) -> Self {
            Self {
                renewals: Renewals::default(),
                asked: Arc::default(),
                may: Arc::new(Semaphore::new(0)),
                outcomes: Arc::new(Mutex::new(outcomes.iter().rev().cloned().collect())),
            }
        }

        fn request(&self) -> JoinHandle<Outcome<u32>> {
            let lab = self.clone();
            tokio::spawn(async move {
                let ask = || async {
                    lab.asked.fetch_add(1, Ordering::Relaxed);
                    lab.may.acquire().await.unwrap().forget();
                    lab.outcomes.lock().unwrap().pop().unwrap()
                };
                lab.renewals.once(&SessionToken::new("one"), ask).await
            })
        }

        /// One that asks, and nine that wait for it.
        async fn ten(&self) -> Vec<JoinHandle<Outcome<u32>>> {
            let mut requests = Vec::new();
            for n in 1..=10 {
                requests.push(self.request());
                while self.renewals.waiting() < n {
                    yield_now().await;
                }
            }
            requests
        }

        fn asked(&self) -> u32 {
            self.asked.load(Ordering::Relaxed)
        }
    }

    fn failed(cause: Cause) -> Outcome<u32> {
        Err(AppError::TryLater(TryLater {
            cause,
            may_have_happened: false,
            begun: None,
        }))
    }

    async fn successes(requests: Vec<JoinHandle<Outcome<u32>>>) -> Vec<bool> {
        let mut all = Vec::new();
        for request in requests {
            all.push(request.await.unwrap().is_ok());
        }
        all
    }

    /// S13: the one that asks is dropped: another asks, and all the others are served by that.
    #[tokio::test]
    async fn a_dropped_leader_is_followed_by_another() {
        let lab = Lab::new(&[Ok(1)]);
        let mut ten = lab.ten().await;
        ten[0].abort();
        assert!(ten.remove(0).await.unwrap_err().is_cancelled());
        lab.may.add_permits(1);
        assert_eq!(successes(ten).await, [true; 9]);
        assert_eq!(lab.asked(), 2);
        assert_eq!(lab.renewals.waiting(), 0);
    }

    /// S13: Stytch has answered: all share that, be it a failure.
    #[tokio::test]
    async fn the_vendors_answer_is_everybodys() {
        for outcome in [
            Ok(1),
            failed(Cause::Down),
            failed(Cause::Slow),
            Err(AppError::Ours),
        ] {
            let lab = Lab::new(std::slice::from_ref(&outcome));
            let ten = lab.ten().await;
            lab.may.add_permits(1);
            assert_eq!(successes(ten).await, [outcome.is_ok(); 10]);
            assert_eq!(lab.asked(), 1);
        }
    }

    /// S13, S10: our store failed one of them: the others try again, by one of them, and once.
    #[tokio::test]
    async fn a_failure_of_the_store_is_tried_once_more() {
        let store = || failed(Cause::Store);
        let lab = Lab::new(&[store(), Ok(1)]);
        let ten = lab.ten().await;
        lab.may.add_permits(2);
        let successes_of_ten = successes(ten).await;
        assert!(!successes_of_ten[0], "the one that asked");
        assert_eq!(successes_of_ten[1..], [true; 9]);
        assert_eq!(lab.asked(), 2);
        let lab = Lab::new(&[store(), store()]);
        let ten = lab.ten().await;
        lab.may.add_permits(2);
        assert_eq!(successes(ten).await, [false; 10]);
        assert_eq!(lab.asked(), 2, "no more than twice");
    }
}
