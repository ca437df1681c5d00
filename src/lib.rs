//! The reference integration of Stytch B2B login for axum, and a sandbox that imitates Stytch on your machine.
//!
//! To add the sign-in to your own application, mount [`app::routes`], wrap your pages in [`app::protect`], and use
//! [`session::CurrentMember`] as an argument of handlers for private pages:
//!
//! ```no_run
//! use axum::{Router, routing::get};
//! use stytch_b2b_axum::{
//!     app::{self, Layers},
//!     session::CurrentMember,
//!     state::{AppState, Settings},
//!     stytch::{Credentials, Stytch},
//! };
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let variable = |name: &str| std::env::var(name);
//! let credentials = Credentials::new(
//!     variable("STYTCH_PROJECT_ID")?,
//!     variable("STYTCH_SECRET")?,
//!     variable("STYTCH_PUBLIC_TOKEN")?,
//! );
//! let deadline = std::time::Duration::from_secs(6);
//! let stytch = Stytch::new(credentials, "https://test.stytch.com".parse()?, deadline)?;
//! let state = AppState::new(Settings {
//!     landing: Some("/dashboard".to_owned()),
//!     ..Settings::new(stytch, "https://app.example.com".parse()?)
//! });
//!
//! async fn dashboard(CurrentMember(member): CurrentMember) -> String {
//!     format!("You are signed in as {}", member.member.email_address)
//! }
//! let yours = Router::new().route("/dashboard", get(dashboard));
//! let router: Router = Router::new()
//!     .merge(app::protect(yours, &state, Layers::default()))
//!     .merge(app::routes(&state))
//!     .with_state(state);
//! # Ok(())
//! # }
//! ```
//!
//! `examples/your_app.rs` is a complete application of this kind, with its own state, errors and start page, and
//! `docs/copying.md` says which files you need if you copy handlers instead.
//!
//! To read a flow, find its URL in [`app`] and then its file in [`routes`]. Each of these modules imports only from
//! those after it: [`views`] (pages), [`web`] (middleware), [`limits`], [`session`] (who the visitor is), [`error`]
//! (what the visitor can do next), [`sign_in`] (plain data), and [`stytch`] (the client), which imports nothing else.

pub mod app;
pub mod clock;
pub mod command_line;
pub mod config;
pub mod crypto;
pub mod doctor;
pub mod error;
pub mod limits;
pub mod routes;
pub mod session;
pub mod sign_in;
pub mod startup;
pub mod state;
pub mod stytch;
pub mod views;
pub mod web;
