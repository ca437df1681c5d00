//! Resets of a world, and snapshots.

use std::sync::{Arc, MutexGuard, PoisonError};

use crate::{
    model::{State, ids},
    world::{Snapshots, World},
};

impl World {
    /// Returns the world to its seed, without sessions, tokens, calls and faults, with the first signing key and the
    /// machine's time. Credentials and the project's settings stay.
    pub fn reset(&self) {
        self.put_back(self.first_state());
    }

    /// Keeps a copy of the world, including clock and faults, and returns the snapshot's id. The newest snapshots are
    /// kept, 100 by default.
    pub fn snapshot(&self) -> String {
        let id = ids::mint("snapshot");
        let copy = Arc::new(self.lock().clone());
        self.lock_snapshots().push((id.clone(), copy));
        id
    }

    /// Returns the world to one of its snapshots, which can be repeated. Returns whether the snapshot exists.
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

    /// Replaces the state with the copy. The record of issued secrets stays, so that logs can be searched for them.
    /// Held calls continue.
    fn put_back(&self, mut copy: State) {
        let mut state = self.lock();
        state.faults.release_held();
        std::mem::swap(&mut copy.minted, &mut state.minted);
        copy.webhooks.looked_by = None; // pending deliveries are sent again
        std::mem::swap(&mut copy, &mut state);
        drop(state); // the old state is freed outside the lock
    }
}
