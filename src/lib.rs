//! The reference integration of Stytch B2B login for axum, and a local Stytch to run it against.

#[cfg(feature = "sandbox")]
pub mod sandbox;
