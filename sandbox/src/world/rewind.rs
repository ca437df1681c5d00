//! A world as it began, and as it was at a snapshot.

use std::sync::PoisonError;

use crate::{
    model::{State, ids},
    world::World,
};

impl World {
    /// Puts the world back to how it began: its seed, no sessions, no tokens, no calls, no faults, the first signing
    /// key, and the machine's time. Credentials and redirect URLs stay.
    pub fn reset(&self) {
        self.put_back((*self.initial).clone());
    }

    /// Keeps the world as it is, clock and faults included, and answers the snapshot's id.
    pub fn snapshot(&self) -> String {
        let id = ids::mint("snapshot");
        let copy = self.lock().clone();
        self.snapshots
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(id.clone(), copy);
        id
    }

    /// Puts the world back to a snapshot of it, as often as wanted. Answers whether there is such a snapshot.
    pub fn restore(&self, snapshot: &str) -> bool {
        let copy = self
            .snapshots
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(snapshot)
            .cloned();
        copy.map(|copy| self.put_back(copy)).is_some()
    }

    /// What was ever given out stays known, so that logs can be searched for it. Calls that are held go on.
    fn put_back(&self, mut copy: State) {
        let mut state = self.lock();
        state.faults.release_held();
        copy.minted = std::mem::take(&mut state.minted);
        *state = copy;
    }
}
