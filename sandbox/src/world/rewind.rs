//! A world as it began, and as it was at a snapshot.

use std::sync::{Arc, MutexGuard, PoisonError};

use crate::{
    model::{State, ids},
    world::{Snapshots, World},
};

impl World {
    /// Puts the world back to how it began: its seed, no sessions, no tokens, no calls, no faults, the first signing
    /// key, and the machine's time. Credentials and the project's settings stay.
    pub fn reset(&self) {
        self.put_back(self.first_state());
    }

    /// Keeps the world as it is, clock and faults included, and returns the snapshot's id. The newest
    /// snapshots are kept, 100 by default.
    pub fn snapshot(&self) -> String {
        let id = ids::mint("snapshot");
        let copy = Arc::new(self.lock().clone());
        self.lock_snapshots().push((id.clone(), copy));
        id
    }

    /// Puts the world back to a snapshot of it, any number of times. Returns whether the snapshot exists.
    pub fn restore(&self, snapshot: &str) -> bool {
        let found = self
            .lock_snapshots()
            .iter()
            .find(|(id, _)| id == snapshot)
            .map(|(_, copy)| Arc::clone(copy));
        found.map(|copy| self.put_back((*copy).clone())).is_some()
    }

    fn lock_snapshots(&self) -> MutexGuard<'_, Snapshots> {
        self.snapshots
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// What was ever given out stays known, so that logs can be searched for it. Calls that are held go on.
    fn put_back(&self, mut copy: State) {
        let mut state = self.lock();
        state.faults.release_held();
        std::mem::swap(&mut copy.minted, &mut state.minted);
        copy.webhooks.looked_by = None; // what is pending in it is to be sent
        std::mem::swap(&mut copy, &mut state);
        drop(state); // the old state is freed outside the lock
    }
}
