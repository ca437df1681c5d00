//! A step of a sign-in in progress.

use std::ops::Deref;

use super::browser_session::BrowserSession;

/// The state of a sign-in in progress. Handlers can proceed only with this type's methods. Each flow defines the
/// methods for its own state, and names them after the change that they store.
pub struct Step<State> {
    pub(super) session: BrowserSession,
    pub(super) state: State,
}

impl<State> Step<State> {
    /// The state alone, for a page.
    pub fn into_state(self) -> State {
        self.state
    }
}

impl<State> Deref for Step<State> {
    type Target = State;

    fn deref(&self) -> &State {
        &self.state
    }
}
