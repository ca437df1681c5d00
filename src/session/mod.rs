//! The visitor's session: who the visitor is, and every operation that changes that.
//!
//! Handlers ask [`BrowserSession`] for the visitor's current step, and can proceed only with the methods of that step.
//! Each change of the visitor's identity gets a new session id, and is saved before the handler continues. It fails if
//! another tab has signed out meanwhile, so a deleted session never comes back.
//!
//! [`BrowserSession`] and [`CurrentMember`] are extractors. Both work with your own state if it provides a [`Context`] by
//! `FromRef`. They need the session layers,
//! which [`protect`](crate::app::protect) adds to your routes:
//!
//! ```
//! use axum::{Json, extract::FromRef};
//! use stytch_b2b_axum::{
//!     error::AppError,
//!     session::{BrowserSession, Context, CurrentMember},
//!     sign_in::SignIn,
//!     state::AppState,
//! };
//!
//! #[derive(Clone)]
//! struct YourState {
//!     login: AppState,
//! }
//!
//! impl FromRef<YourState> for Context {
//!     fn from_ref(state: &YourState) -> Self {
//!         state.login.context().clone()
//!     }
//! }
//!
//! /// A private page. A visitor without a session is asked to sign in, and then returns to this page.
//! async fn profile(CurrentMember(member): CurrentMember) -> Json<String> {
//!     Json(member.member.email_address.clone())
//! }
//!
//! /// A public page that greets a signed-in member by email address.
//! async fn greeting(session: BrowserSession) -> Result<String, AppError> {
//!     Ok(match session.sign_in_state().await? {
//!         SignIn::Member(member) => format!("Hello, {}", member.member.email_address),
//!         _ => "Hello".to_owned(),
//!     })
//! }
//! # use axum::{Router, routing::get};
//! # fn routes() -> Router<YourState> {
//! #     Router::new().route("/profile", get(profile)).route("/", get(greeting))
//! # }
//! ```

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
