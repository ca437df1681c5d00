//! Rate limiter for actions that anonymous visitors can trigger: organization lookups, emails, and attempts at a code.
//! Stytch has limits too. This keeps one visitor from using them up for everyone.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use time::{Duration, OffsetDateTime};

use crate::{crypto, error::AppError};

/// Counts turns per key. Cheap to clone.
#[derive(Clone)]
pub struct RateLimiter {
    most: usize,
    within: Duration,
    taken: Arc<Mutex<Taken>>,
}

#[derive(Default)]
struct Taken {
    /// Times of the turns of each key, oldest first.
    turns: HashMap<String, VecDeque<OffsetDateTime>>,
    /// All keys, each with the time of a use, oldest first. If a key was used again later, its entry is outdated.
    by_age: VecDeque<(OffsetDateTime, String)>,
}

/// Maximum number of keys, which need a few megabytes. Visitors can make up any number of keys.
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

    /// Takes a turn for this key. Stores only the key's hash. If there are too many keys, the one that was unused for
    /// the longest time is removed, so made-up keys never use up the turns of others.
    ///
    /// # Errors
    /// "Try later", and when, if the key has no turns left.
    pub fn take(&self, key: &str, now: OffsetDateTime) -> Result<(), AppError> {
        let key = crypto::sha256(key);
        let mut taken = self.taken();
        let wait = self.wait_in(&mut taken, &key, now);
        if wait.is_positive() {
            return Err(AppError::busy(wait.unsigned_abs()));
        }
        self.add(&mut taken, key, now);
        Ok(())
    }

    /// Time until the key has a turn; zero if it has one now.
    pub fn wait(&self, key: &str, now: OffsetDateTime) -> Duration {
        self.wait_in(&mut self.taken(), &crypto::sha256(key), now)
    }

    /// Gives back a turn that was taken at this time, because the action had no effect. Other requests may have taken
    /// turns meanwhile; they keep theirs.
    pub fn give_back(&self, key: &str, taken_at: OffsetDateTime) {
        if let Some(turns) = self.taken().turns.get_mut(&crypto::sha256(key))
            && let Some(at) = turns.iter().position(|at| *at == taken_at)
        {
            turns.remove(at);
        }
    }

    /// Gives back all turns of this key.
    pub fn forget(&self, key: &str) {
        if let Some(turns) = self.taken().turns.get_mut(&crypto::sha256(key)) {
            turns.clear();
        }
    }

    /// Counts a turn that was taken at this time, if [`Self::forget`] has given it back meanwhile.
    pub fn keep(&self, key: &str, taken_at: OffsetDateTime) {
        let key = crypto::sha256(key);
        let mut taken = self.taken();
        let turns = taken.turns.get(&key);
        if turns.is_none_or(|turns| turns.len() < self.most && !turns.contains(&taken_at)) {
            self.add(&mut taken, key, taken_at);
        }
    }

    fn add(&self, taken: &mut Taken, key: String, at: OffsetDateTime) {
        if let Some(turns) = taken.turns.get_mut(&key) {
            turns.push_back(at);
            return;
        }
        taken.make_room(at - self.within);
        taken.turns.insert(key.clone(), VecDeque::from([at]));
        taken.by_age.push_back((at, key));
    }

    fn wait_in(&self, taken: &mut Taken, hash: &str, now: OffsetDateTime) -> Duration {
        let Some(turns) = taken.turns.get_mut(hash) else {
            return Duration::ZERO;
        };
        while turns.front().is_some_and(|at| *at + self.within <= now) {
            turns.pop_front();
        }
        match turns.front() {
            Some(first) if turns.len() >= self.most => *first + self.within - now,
            _ => Duration::ZERO,
        }
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    /// Forgets keys that were last used at this time or earlier, and then more of them until there is room for one.
    fn make_room(&mut self, old: OffsetDateTime) {
        while let Some((seen_at, key)) = self.by_age.pop_front() {
            let used_at = self.turns.get(&key).and_then(VecDeque::back).copied();
            match used_at {
                Some(at) if at > seen_at && at > old => self.by_age.push_back((at, key)),
                Some(at) if at > old && self.turns.len() < MOST_KEYS => {
                    self.by_age.push_front((seen_at, key));
                    return;
                }
                _ => {
                    self.turns.remove(&key);
                }
            }
        }
    }
}

/// Takes a turn from each of these limiters for its key, or from none of them.
///
/// # Errors
/// "Try later" if one of them has no turns left. The time is when all of them have one.
pub fn take_all(limits: &[(&RateLimiter, &str)], now: OffsetDateTime) -> Result<(), AppError> {
    for (at, (limiter, key)) in limits.iter().enumerate() {
        if limiter.take(key, now).is_err() {
            give_all_back(&limits[..at], now);
            let waits = limits.iter().map(|(limiter, key)| limiter.wait(key, now));
            let longest = waits.max().unwrap_or_default();
            return Err(AppError::busy(longest.unsigned_abs()));
        }
    }
    Ok(())
}

/// Gives back what [`take_all`] took at this time.
pub fn give_all_back(limits: &[(&RateLimiter, &str)], taken_at: OffsetDateTime) {
    for (limiter, key) in limits {
        limiter.give_back(key, taken_at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Outage;

    fn at(seconds: i64) -> OffsetDateTime {
        OffsetDateTime::UNIX_EPOCH + Duration::seconds(seconds)
    }

    fn waits(taken: Result<(), AppError>, seconds: u64) {
        let AppError::TryLater(later) = taken.unwrap_err() else {
            panic!("another error");
        };
        let wait = std::time::Duration::from_secs(seconds);
        assert_eq!(later.outage, Outage::Busy(wait));
    }

    /// O10: and the time to wait is rounded up.
    #[test]
    fn so_many_and_no_more() {
        let limiter = RateLimiter::new(2, Duration::minutes(1));
        limiter.take("a", at(0)).unwrap();
        limiter.take("a", at(30)).unwrap();
        let half = Duration::milliseconds(500);
        waits(limiter.take("a", at(30) + half), 30);
        waits(limiter.take("a", at(59)), 1);
        limiter.take("b", at(59)).unwrap();
        limiter.take("a", at(60)).unwrap();
        limiter.take("a", at(61)).unwrap_err();
        assert!(!limiter.taken().turns.contains_key("a"), "only its hash");
    }

    /// O10: a turn that is given back can be taken again, and no other turn is lost.
    #[test]
    fn a_turn_is_given_back_once() {
        let limiter = RateLimiter::new(2, Duration::minutes(1));
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

    /// S24: turns that were given back all at once don't count, except those that `keep` counts again.
    #[test]
    fn all_turns_are_given_back() {
        let limiter = RateLimiter::new(2, Duration::minutes(1));
        limiter.take("a", at(0)).unwrap();
        limiter.take("a", at(1)).unwrap();
        limiter.keep("a", at(1));
        limiter.forget("a");
        limiter.forget("b");
        limiter.keep("a", at(1));
        limiter.keep("a", at(1));
        limiter.take("a", at(2)).unwrap();
        limiter.take("a", at(3)).unwrap_err();
        limiter.keep("a", at(4));
        limiter.take("a", at(61)).unwrap();
        for n in 0..100 {
            limiter.take("c", at(n)).unwrap();
            limiter.forget("c");
        }
        assert_eq!(limiter.taken().by_age.len(), 2, "each key once");
    }

    /// O10, O14: a flood of keys makes the limiter refuse no other key. The key that was not used for the longest time
    /// is forgotten, and one that is used again and again is not.
    #[test]
    fn a_flood_of_keys_refuses_nobody() {
        let limiter = RateLimiter::new(2, Duration::minutes(1));
        limiter.take("used again", at(0)).unwrap();
        limiter.take("old", at(0)).unwrap();
        limiter.take("old", at(0)).unwrap();
        for n in 2..MOST_KEYS {
            limiter.take(&n.to_string(), at(1)).unwrap();
        }
        limiter.take("used again", at(2)).unwrap();
        limiter.take("old", at(2)).unwrap_err();
        limiter.take("one more", at(3)).unwrap();
        limiter.take("used again", at(3)).unwrap_err();
        limiter.take("old", at(3)).unwrap();
        for n in 0..MOST_KEYS {
            limiter.take(&format!("flood {n}"), at(4)).unwrap();
            assert!(limiter.taken().turns.len() <= MOST_KEYS);
        }
        assert!(limiter.taken().by_age.len() <= MOST_KEYS);
    }

    /// O10: keys whose turns have expired are forgotten, even if their turns were given back.
    #[test]
    fn old_keys_are_forgotten() {
        let limiter = RateLimiter::new(1, Duration::minutes(1));
        for n in 0..100 {
            limiter.take(&n.to_string(), at(0)).unwrap();
            limiter.give_back(&n.to_string(), at(0));
        }
        for n in 0..100 {
            limiter.take(&format!("kept {n}"), at(1)).unwrap();
        }
        limiter.take("one more", at(60)).unwrap();
        assert_eq!(limiter.taken().turns.len(), 101);
        limiter.take("another", at(61)).unwrap();
        assert_eq!(limiter.taken().turns.len(), 2);
        assert_eq!(limiter.taken().by_age.len(), 2);
    }

    /// O13: a refusal by one limit does not use up the others, and the time to wait is the longest of all.
    #[test]
    fn of_several_limits_all_or_none_is_taken() {
        let (client, all) = (
            RateLimiter::new(1, Duration::minutes(1)),
            RateLimiter::new(2, Duration::minutes(2)),
        );
        let take = |key, now| take_all(&[(&client, key), (&all, "")], now);
        take("a", at(0)).unwrap();
        waits(take("a", at(10)), 50);
        assert!(all.wait("", at(10)).is_zero(), "the turn was given back");
        take("b", at(10)).unwrap();
        waits(take("a", at(20)), 100);
        waits(take("c", at(20)), 100);
        assert!(client.wait("c", at(20)).is_zero());
    }
}
