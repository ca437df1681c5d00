//! The server API, one file per resource of the vendor's SDKs.

/// Discovery: exchange, create, list.
pub mod discovery;
/// OAuth: authenticate, and the same for discovery.
pub mod oauth;
/// Organizations: get.
pub mod organizations;
/// Organizations: search.
pub mod search;
/// The arguments that name a session or an intermediate session.
pub mod session_arguments;
/// Sessions: authenticate, revoke, JWKS.
pub mod sessions;
