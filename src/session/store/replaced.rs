//! Session ids in this process that were replaced during the last minute. (In Redis, an empty record marks them.)
//!
//! A request of another tab may still use the old id. Its response must not remove the cookie, which has the new id
//! already.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use tower_sessions::session::Id;

/// How long a replaced id is remembered. This is longer than any request runs.
pub(super) const REMEMBERED: Duration = Duration::from_mins(1);

/// Maximum number of ids, which limits memory and search time. An id that was dropped counts as unknown.
const MOST: usize = 4096;

/// The replaced ids of this process. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Replaced(Arc<Mutex<VecDeque<(Instant, Id)>>>);

impl Replaced {
    pub fn add(&self, id: Id) {
        let mut ids = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ids.truncate(MOST - 1);
        ids.push_front((Instant::now(), id));
    }

    pub fn has(&self, id: Id) -> bool {
        let ids = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut recent = ids.iter().take_while(|(at, _)| at.elapsed() < REMEMBERED);
        recent.any(|(_, it)| *it == id)
    }
}

/// Ids are secret.
impl std::fmt::Debug for Replaced {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Replaced")
    }
}
