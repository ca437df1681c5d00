//! The reference integration of Stytch B2B login for axum, and a local Stytch to run it against.
//!
//! To read a flow, find its URL in [`app`] and then its file in [`routes`]. Below them, in layers that import only what is
//! further down: [`views`] (pages), [`web`] (middleware), [`limits`], [`session`] (who the visitor is), [`error`] (what
//! the visitor can do next), [`sign_in`] (plain data), and [`stytch`] (the client), which stands alone.

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
