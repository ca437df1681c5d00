//! What every call of the API does before and after its own work.

use std::sync::Arc;

use crate::{
    model::{CurrentCall, State},
    rules::locks,
};

/// Runs a call: locks that are over are lifted, the indexes are up to date, and the state knows which call changes it.
pub fn run<T>(state: &mut State, call: CurrentCall, act: impl FnOnce(&mut State) -> T) -> T {
    locks::lift(state);
    state.settle();
    state.call = Arc::new(call);
    let answered = act(state);
    state.call = Arc::default();
    answered
}
