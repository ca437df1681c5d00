//! The server API, one file per resource of the vendor's SDKs.

/// Debug: whoami.
pub mod debug;
/// Discovery: exchange, create, list.
pub mod discovery;
/// Members: delete phone number, TOTP and external id, unlink a retired address.
pub mod member_factors;
/// The fields that requests give members.
pub mod member_fields;
/// Members: search.
pub mod member_search;
/// Members: update.
pub mod member_update;
/// Members: create, get, delete, reactivate.
pub mod members;
/// OAuth: authenticate, and the same for discovery.
pub mod oauth;
/// Organizations: create, get, update, delete, metrics.
pub mod organizations;
/// Pages of search results.
pub mod paging;
/// RBAC: policy, an organization's roles.
pub mod rbac;
/// Organizations: search.
pub mod search;
/// The arguments that name a session or an intermediate session.
pub mod session_arguments;
/// Sessions: authenticate, revoke, JWKS.
pub mod sessions;
