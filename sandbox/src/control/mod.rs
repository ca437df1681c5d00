//! The control API under `/_sandbox/`: how a test steers a world. JSON in and out; a missing body is `{}`.
//!
//! It is no part of the vendor's API. Every error names the field that is wrong and what was expected there.

/// A sign-in without the page.
pub mod approve;
/// Sign-ins that finish by themselves.
pub mod auto_approve;
/// The log of calls.
pub mod calls;
/// Refusals, with the field and what was expected.
pub mod error;
/// Makes a token expire.
pub mod expire;
/// A world as a seed.
pub mod export;
/// The fault script.
pub mod faults;
/// Messages that were sent, and codes of authenticator apps.
pub mod inbox;
/// A second signing key.
pub mod keys;
/// Credentials that a test chooses.
pub mod pinned;
/// The RBAC policy.
pub mod policy;
/// Making and looking at projects.
pub mod projects;
/// The registered redirect URLs.
pub mod redirect_urls;
/// A request of the control API: who may send it, and readers for its fields.
pub mod request;
/// Back to the seed or to a snapshot.
pub mod rewind;
/// What the sandbox has of the vendor's API.
pub mod support;
/// The world's time.
pub mod time;
/// Webhooks and their deliveries.
pub mod webhooks;
