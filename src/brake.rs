//! So many times a while and no more, for what anybody can make this process do: look organizations up, send mail, try
//! codes. Stytch has limits of its own; these keep one stranger from using them up for all.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

use time::{Duration, OffsetDateTime};

use crate::{error::AppError, stytch::pkce};

/// Cheap to clone.
#[derive(Clone)]
pub struct Brake {
    most: usize,
    within: Duration,
    taken: Arc<Mutex<HashMap<String, VecDeque<OffsetDateTime>>>>,
}

/// A flood of different keys costs some megabytes, not the memory.
const MOST_KEYS: usize = 10_000;

impl Brake {
    /// `most` times `within` a while, for each key.
    pub fn new(most: usize, within: Duration) -> Self {
        Self {
            most,
            within,
            taken: Arc::default(),
        }
    }

    /// Takes a turn for this key, of which only the hash is kept.
    ///
    /// # Errors
    /// "Try later", and when, once all are taken.
    pub fn take(&self, key: &str, now: OffsetDateTime) -> Result<(), AppError> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let old = |at: &OffsetDateTime| *at + self.within <= now;
        if taken.len() >= MOST_KEYS {
            taken.retain(|_, turns| !turns.iter().all(old));
        }
        if taken.len() >= MOST_KEYS {
            return Err(busy(self.within));
        }
        let turns = taken.entry(pkce::sha256(key)).or_default();
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
}

fn busy(wait: Duration) -> AppError {
    AppError::busy(wait.try_into().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Cause;

    /// O10
    #[test]
    fn so_many_and_no_more() {
        let brake = Brake::new(2, Duration::minutes(1));
        let at = |seconds| OffsetDateTime::UNIX_EPOCH + Duration::seconds(seconds);
        brake.take("a", at(0)).unwrap();
        brake.take("a", at(30)).unwrap();
        let AppError::TryLater(later) = brake.take("a", at(59)).unwrap_err() else {
            panic!("another error");
        };
        assert_eq!(later.cause, Cause::Busy(std::time::Duration::from_secs(1)));
        brake.take("b", at(59)).unwrap();
        brake.take("a", at(60)).unwrap();
        brake.take("a", at(61)).unwrap_err();
        assert!(
            !brake.taken.lock().unwrap().contains_key("a"),
            "only its hash"
        );
    }

    /// O10: a flood of keys is refused, until the first are over.
    #[test]
    fn a_flood_of_keys_is_refused() {
        let brake = Brake::new(1, Duration::minutes(1));
        let now = OffsetDateTime::UNIX_EPOCH;
        for n in 0..MOST_KEYS {
            brake.take(&n.to_string(), now).unwrap();
        }
        brake.take("one more", now).unwrap_err();
        brake.take("one more", now + Duration::minutes(1)).unwrap();
    }
}
