//! The reference integration of Stytch B2B login for axum, and a local Stytch to run it against.
//!
//! To read a flow: the URL in [`app`], then its file in [`routes`]. The rest in the order in which a request meets it:
//! [`web`] (layers), [`session`] (who the visitor is), [`stytch`] (the client), [`views`] (pages), [`error`] (what the
//! visitor can do next).

pub mod app;
pub mod brake;
pub mod clock;
pub mod config;
pub mod error;
pub mod look_ups;
pub mod routes;
pub mod session;
pub mod state;
pub mod stytch;
pub mod views;
pub mod web;
