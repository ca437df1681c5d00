//! The visitor's session: who they are, and every change of that.
//!
//! Handlers ask [`BrowserSession`] for the step at which the visitor is, and can only proceed by that step's methods.
//! Each change of who the visitor is gets a new session id, is saved before the handler continues, and fails if the
//! session has disappeared meanwhile (another tab signed out): a deleted session never comes back.

mod arrive;
mod browser_session;
pub mod callback;
mod choosing;
pub mod context;
pub mod current_member;
mod email;
mod jit;
mod mfa;
mod renewal;
pub mod renewals;
mod step;
mod step_up;
pub mod store;
mod unsolicited;

pub use self::{
    browser_session::{BrowserSession, LARGEST_SESSION, OwnSession, SentCookie},
    callback::Arrival,
    context::Context,
    current_member::CurrentMember,
    email::MarkedEmail,
    step::Step,
};
