//! Session ids in memory that have just given way to others. (In Redis an empty record stands for them.)
//!
//! A request of another tab may be under way with the old one. Its answer must not remove the cookie, which by then
//! is the new one.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use tower_sessions::session::Id;

/// Longer than a request takes.
pub(super) const REMEMBERED: Duration = Duration::from_mins(1);

/// A bound for memory and for the search. Whoever falls out meets the removal that all unknown ids meet.
const MOST: usize = 4096;

/// Those of this process. Cheap to clone.
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
