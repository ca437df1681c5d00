//! The lock of a world. Every change goes through it, so no handler can forget to notify the webhooks.

use std::{
    ops::{Deref, DerefMut},
    sync::MutexGuard,
};

use crate::{model::State, rules::webhooks, world::bell::Bell};

/// The locked contents of a world. When the guard is dropped, webhooks are notified of the changes.
pub struct StateGuard<'a> {
    state: MutexGuard<'a, State>,
    bell: &'a Bell,
}

impl<'a> StateGuard<'a> {
    pub fn new(mut state: MutexGuard<'a, State>, bell: &'a Bell) -> Self {
        webhooks::watch(&mut state);
        Self { state, bell }
    }
}

impl Deref for StateGuard<'_> {
    type Target = State;

    fn deref(&self) -> &State {
        &self.state
    }
}

impl DerefMut for StateGuard<'_> {
    fn deref_mut(&mut self) -> &mut State {
        &mut self.state
    }
}

impl Drop for StateGuard<'_> {
    fn drop(&mut self) {
        let state = &mut *self.state;
        webhooks::announce(state);
        // A new delivery is due immediately, and a moved clock may make others due.
        if state.webhooks.looked_by != Some(state.clock) {
            state.webhooks.looked_by = Some(state.clock);
            if state.webhooks.pending().next().is_some() {
                self.bell.ring(&state.credentials.project_id);
            }
        }
    }
}
