//! The control API under `/_sandbox/`, with which tests control a world. Requests and responses are JSON; a missing
//! body counts as `{}`.
//!
//! It is not part of the vendor's API. Every error about a field names it and says what was expected.

/// Sign-ins without the consent page.
pub mod approve;
/// Automatic approval of sign-ins.
pub mod auto_approve;
/// The log of calls.
pub mod calls;
/// Errors, with the field and what was expected.
pub mod error;
/// Expiry of tokens.
pub mod expire;
/// Export of a world as a seed.
pub mod export;
/// The fault script.
pub mod faults;
/// Sent messages, and codes of authenticator apps.
pub mod inbox;
/// Rotation of the signing key.
pub mod keys;
/// Credentials chosen by a test.
pub mod pinned;
/// The RBAC policy.
pub mod policy;
/// Creating, listing and inspecting projects.
pub mod projects;
/// The registered redirect URLs.
pub mod redirect_urls;
/// A request of the control API, with readers for its fields.
pub mod request;
/// Returning to the seed or to a snapshot.
pub mod rewind;
/// The table of supported endpoints.
pub mod support;
/// The world's time.
pub mod time;
/// Webhooks and their deliveries.
pub mod webhooks;
