//! Work that every call of the API does before and after its own.

use std::sync::Arc;

use crate::{
    model::{CurrentCall, State},
    rules::locks,
};

/// Runs a call. Before it, expired locks are removed, the indexes are updated, and the state learns which call changes
/// it.
pub fn run<T>(state: &mut State, call: CurrentCall, act: impl FnOnce(&mut State) -> T) -> T {
    locks::lift(state);
    state.settle();
    state.call = Arc::new(call);
    let answered = act(state);
    state.call = Arc::default();
    answered
}
