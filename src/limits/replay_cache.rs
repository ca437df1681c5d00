//! Cache of redirects that were just sent, so that a duplicate request gets the first one's response.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::http::HeaderValue;
use time::{Duration, OffsetDateTime};
use tokio::sync::Mutex as AsyncMutex;

use crate::clock::Clock;

/// How long a response is replayed.
const KEPT_FOR: Duration = Duration::seconds(60);

/// Maximum number of responses, which need a few megabytes. Visitors can make up any number of cookies.
const MOST_KEPT: usize = 10_000;

/// A redirect and the cookies it set.
#[derive(Clone)]
pub struct ReplayedResponse {
    /// Value of the `Location` header.
    pub location: HeaderValue,
    /// Values of all `Set-Cookie` headers.
    pub set_cookie: Vec<HeaderValue>,
}

/// Locked by the running request. A duplicate waits for the lock, and then finds the response, or nothing.
pub type Slot = Arc<AsyncMutex<Option<ReplayedResponse>>>;

/// The responses of the last minute. Cheap to clone.
#[derive(Clone)]
pub struct ReplayCache {
    clock: Clock,
    slots: Arc<Mutex<Slots>>,
}

#[derive(Default)]
struct Slots {
    by_key: HashMap<String, Slot>,
    by_age: VecDeque<(OffsetDateTime, String)>,
}

impl ReplayCache {
    /// An empty cache.
    pub fn new(clock: Clock) -> Self {
        Self {
            clock,
            slots: Arc::default(),
        }
    }

    /// The slot of this key, which is new if no request used the key during the last minute.
    pub fn slot(&self, key: String) -> Slot {
        let mut slots = self.recent();
        if let Some(slot) = slots.by_key.get(&key) {
            return Arc::clone(slot);
        }
        let slot = Slot::default();
        slots.by_key.insert(key.clone(), Arc::clone(&slot));
        slots.by_age.push_back((self.clock.now(), key));
        slot
    }

    /// Stores a response under a key that is not locked, for a minute from now.
    pub fn keep(&self, key: String, response: ReplayedResponse) {
        if let Ok(mut kept) = self.slot(key).try_lock() {
            *kept = Some(response);
        }
    }

    /// The response that is stored under this key.
    pub fn kept(&self, key: &str) -> Option<ReplayedResponse> {
        let slot = self.recent().by_key.get(key).cloned()?;
        slot.try_lock().ok()?.clone()
    }

    /// The slots, without those that are too old or too many.
    fn recent(&self) -> MutexGuard<'_, Slots> {
        let now = self.clock.now();
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some((at, old)) = slots.by_age.front()
            && (*at + KEPT_FOR <= now || slots.by_key.len() >= MOST_KEPT)
        {
            let old = old.clone();
            slots.by_key.remove(&old);
            slots.by_age.pop_front();
        }
        slots
    }
}
