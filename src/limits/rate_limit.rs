//! Rate limiter for actions that anonymous visitors can trigger: organization lookups, emails, attempts at a code. Stytch
//! has limits of its own; these keep one visitor from using them up for everyone.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

use time::{Duration, OffsetDateTime};

use crate::{crypto, error::AppError};

/// Counts turns per key. Cheap to clone.
#[derive(Clone)]
pub struct RateLimiter {
    most: usize,
    within: Duration,
    taken: Arc<Mutex<HashMap<String, VecDeque<OffsetDateTime>>>>,
}

/// Number of keys that are counted at once: a few megabytes, however many keys visitors make up.
const MOST_KEYS: usize = 10_000;

impl RateLimiter {
    /// Allows `most` turns per key within this time.
    pub fn new(most: usize, within: Duration) -> Self {
        Self {
            most,
            within,
            taken: Arc::default(),
        }
    }

    /// Takes a turn for this key. Only the key's hash is kept.
    ///
    /// # Errors
    /// "Try later", and when, if no turn is left.
    pub fn take(&self, key: &str, now: OffsetDateTime) -> Result<(), AppError> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let old = |at: &OffsetDateTime| *at + self.within <= now;
        if taken.len() >= MOST_KEYS {
            taken.retain(|_, turns| !turns.iter().all(old));
        }
        if taken.len() >= MOST_KEYS {
            return Err(busy(self.within));
        }
        let turns = taken.entry(crypto::sha256(key)).or_default();
        while turns.front().is_some_and(old) {
            turns.pop_front();
        }
        match turns.front() {
            Some(first) if turns.len() >= self.most => Err(busy(*first + self.within - now)),
            _ => {
                turns.push_back(now);
                Ok(())
            }
        }
    }

    /// Gives back a turn that was taken at this time, because the action had no effect. Other requests may have taken turns
    /// meanwhile; they keep theirs.
    pub fn give_back(&self, key: &str, taken_at: OffsetDateTime) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turns) = taken.get_mut(&crypto::sha256(key))
            && let Some(at) = turns.iter().position(|at| *at == taken_at)
        {
            turns.remove(at);
        }
    }
}

fn busy(wait: Duration) -> AppError {
    AppError::busy(wait.try_into().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Outage;

    /// O10
    #[test]
    fn so_many_and_no_more() {
        let limiter = RateLimiter::new(2, Duration::minutes(1));
        let at = |seconds| OffsetDateTime::UNIX_EPOCH + Duration::seconds(seconds);
        limiter.take("a", at(0)).unwrap();
        limiter.take("a", at(30)).unwrap();
        let AppError::TryLater(later) = limiter.take("a", at(59)).unwrap_err() else {
            panic!("another error");
        };
        assert_eq!(
            later.outage,
            Outage::Busy(std::time::Duration::from_secs(1))
        );
        limiter.take("b", at(59)).unwrap();
        limiter.take("a", at(60)).unwrap();
        limiter.take("a", at(61)).unwrap_err();
        assert!(
            !limiter.taken.lock().unwrap().contains_key("a"),
            "only its hash"
        );
    }

    /// O10: a turn that is given back can be taken again, and costs no one else theirs.
    #[test]
    fn a_turn_is_given_back_once() {
        let limiter = RateLimiter::new(2, Duration::minutes(1));
        let at = |seconds| OffsetDateTime::UNIX_EPOCH + Duration::seconds(seconds);
        limiter.take("a", at(0)).unwrap();
        limiter.take("a", at(1)).unwrap();
        limiter.give_back("a", at(1));
        limiter.give_back("a", at(1));
        limiter.give_back("b", at(0));
        limiter.take("a", at(2)).unwrap();
        limiter.take("a", at(3)).unwrap_err();
        limiter.take("a", at(60)).unwrap();
        limiter.take("a", at(61)).unwrap_err();
    }

    /// O10: a flood of keys is refused, until the first are over.
    #[test]
    fn a_flood_of_keys_is_refused() {
        let limiter = RateLimiter::new(1, Duration::minutes(1));
        let now = OffsetDateTime::UNIX_EPOCH;
        for n in 0..MOST_KEYS {
            limiter.take(&n.to_string(), now).unwrap();
        }
        limiter.take("one more", now).unwrap_err();
        limiter
            .take("one more", now + Duration::minutes(1))
            .unwrap();
    }
}
