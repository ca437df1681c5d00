//! Many requests that need one renewal.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU32, Ordering},
};

use stytch_b2b_axum::{
    error::{AppError, Outage},
    session::renewals::{MOST_QUIET, Renewals},
    stytch::SessionToken,
};
use time::OffsetDateTime;
use tokio::{sync::Semaphore, task::JoinHandle, task::yield_now};

type Outcome<T> = Result<T, AppError>;

/// Requests that need one renewal, which starts when the test allows it, and ends as the test says.
#[derive(Clone)]
struct Lab {
    renewals: Renewals<u32>,
    calls: Arc<AtomicU32>,
    may: Arc<Semaphore>,
    outcomes: Arc<Mutex<Vec<Outcome<u32>>>>,
}

impl Lab {
    /// `outcomes` are the results of the calls, in their order.
    fn new(outcomes: &[Outcome<u32>]) -> Self {
        Self {
            renewals: Renewals::default(),
            calls: Arc::default(),
            may: Arc::new(Semaphore::new(0)),
            outcomes: Arc::new(Mutex::new(outcomes.iter().rev().cloned().collect())),
        }
    }

    fn request(&self) -> JoinHandle<Outcome<u32>> {
        let lab = self.clone();
        tokio::spawn(async move {
            let ask = || async {
                lab.calls.fetch_add(1, Ordering::Relaxed);
                lab.may.acquire().await.unwrap().forget();
                lab.outcomes.lock().unwrap().pop().unwrap()
            };
            lab.renewals.once(&SessionToken::new("one"), ask).await
        })
    }

    /// One request that makes the call, and nine that wait for it.
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

    fn calls(&self) -> u32 {
        self.calls.load(Ordering::Relaxed)
    }
}

fn failed(outage: Outage) -> Outcome<u32> {
    Err(outage.into())
}

async fn successes(requests: Vec<JoinHandle<Outcome<u32>>>) -> Vec<bool> {
    let mut all = Vec::new();
    for request in requests {
        all.push(request.await.unwrap().is_ok());
    }
    all
}

/// S13: the request that makes the call is dropped. Another one makes it, and all the others share its result.
#[tokio::test]
async fn a_dropped_leader_is_followed_by_another() {
    let lab = Lab::new(&[Ok(1)]);
    let mut ten = lab.ten().await;
    ten[0].abort();
    assert!(ten.remove(0).await.unwrap_err().is_cancelled());
    lab.may.add_permits(1);
    assert_eq!(successes(ten).await, [true; 9]);
    assert_eq!(lab.calls(), 2);
    assert_eq!(lab.renewals.waiting(), 0);
}

/// S13: Stytch has responded, and all requests share the response, even if it is an error.
#[tokio::test]
async fn all_requests_share_the_vendors_response() {
    for outcome in [
        Ok(1),
        failed(Outage::Down),
        failed(Outage::Slow),
        Err(AppError::ours("a bug")),
    ] {
        let lab = Lab::new(std::slice::from_ref(&outcome));
        let ten = lab.ten().await;
        lab.may.add_permits(1);
        assert_eq!(successes(ten).await, [outcome.is_ok(); 10]);
        assert_eq!(lab.calls(), 1);
    }
}

/// S13, S10: the app's store failed for one of them. The others try again, with one call, and only once.
#[tokio::test]
async fn a_failure_of_the_store_is_tried_once_more() {
    let store = || failed(Outage::Store);
    let lab = Lab::new(&[store(), Ok(1)]);
    let ten = lab.ten().await;
    lab.may.add_permits(2);
    let successes_of_ten = successes(ten).await;
    assert!(!successes_of_ten[0], "the one that made the call");
    assert_eq!(successes_of_ten[1..], [true; 9]);
    assert_eq!(lab.calls(), 2);
    let lab = Lab::new(&[store(), store()]);
    let ten = lab.ten().await;
    lab.may.add_permits(2);
    assert_eq!(successes(ten).await, [false; 10]);
    assert_eq!(lab.calls(), 2, "no more than twice");
}

/// S13: the sessions about which Stytch did not respond are remembered, up to a limit.
#[test]
fn unanswered_sessions_are_limited_in_number() {
    let renewals = Renewals::<u32>::default();
    let token = |number: usize| SessionToken::new(number.to_string());
    let now = OffsetDateTime::UNIX_EPOCH;
    for number in 0..MOST_QUIET {
        renewals.got_no_answer(&token(number), now);
    }
    assert!(renewals.is_quiet(&token(0), now), "there is room for all");
    renewals.got_no_answer(&token(MOST_QUIET), now);
    assert!(renewals.is_quiet(&token(MOST_QUIET), now));
    assert!(!renewals.is_quiet(&token(0), now));
}
