//! A step of a sign-in in progress.

use std::ops::Deref;

use super::browser_session::BrowserSession;

/// The state of a sign-in in progress, together with the only ways to proceed: this type's methods. Each flow defines
/// the methods of its own state. They are named after the change that they store.
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
