//! The visitor's session: who they are, and every change of that.
//!
//! Handlers ask [`BrowserSession`] for the step at which the visitor is, and can only proceed by that step's methods.
//! Each change of who the visitor is gets a new session id, is saved before the handler continues, and fails if the
//! session has disappeared meanwhile (another tab signed out): a deleted session never comes back.
//!
//! Both extractors work over your own state once it gives out a [`Context`]. They need the session layers, which
//! [`protect`](crate::app::protect) puts around your routes:
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
//! /// A private page. A visitor without a session signs in first and comes back.
//! async fn profile(CurrentMember(member): CurrentMember) -> Json<String> {
//!     Json(member.member.email_address)
//! }
//!
//! /// A public page that knows who is signed in.
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
