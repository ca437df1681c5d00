//! The server API, one file per resource of the vendor's SDKs.

/// Debugging: whoami.
pub mod debug;
/// Discovery: exchange, create, list.
pub mod discovery;
/// Email OTP: send and authenticate, and the same for discovery.
pub mod email_otps;
/// Members: start a change of address.
pub mod email_update;
/// Magic links: invite.
pub mod invites;
/// Magic links: send and authenticate, and the same for discovery.
pub mod magic_links;
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
/// Trusted and untrusted metadata.
pub mod metadata;
/// Code that all second factors share.
pub mod mfa;
/// OAuth: authenticate, and the same for discovery.
pub mod oauth;
/// Provider tokens of a member.
pub mod oauth_providers;
/// OIDC tokens of a member.
pub mod oidc_providers;
/// The settings that a request gives an organization.
pub mod organization_settings;
/// Organizations: create, get, update, delete, metrics.
pub mod organizations;
/// Pages of search results.
pub mod paging;
/// Passwords: discovery, and required resets.
pub mod password_discovery;
/// Hashes for the migration of passwords.
pub mod password_hashes;
/// Passwords: migrate.
pub mod password_migration;
/// Passwords: set by email, by the existing password, or by a session.
pub mod password_resets;
/// Passwords: authenticate, check the strength, delete.
pub mod passwords;
/// PNG without compression.
mod png;
/// Code that all primary factors share.
pub mod primary;
/// QR codes as PNG.
pub mod qr;
/// RBAC: policy, an organization's roles.
pub mod rbac;
/// Recipients of emails.
pub mod recipient;
/// Recovery codes: recover, get, rotate.
pub mod recovery_codes;
/// The values for which the vendor's test environment always returns the same response.
pub mod sandbox_values;
/// Organizations: search.
pub mod search;
/// The query of a search.
pub mod search_query;
/// The arguments that name a session or an intermediate session.
pub mod session_arguments;
/// Sessions: exchange.
pub mod session_exchange;
/// Sessions: authenticate, revoke, JWKS.
pub mod sessions;
/// SMS OTP: send and authenticate.
pub mod sms_otps;
/// SSO: authenticate, list and delete connections.
pub mod sso;
/// Code that the endpoints for SSO connections share.
pub mod sso_connections;
/// External SSO connections: create and update.
pub mod sso_external;
/// OIDC connections: create and update.
pub mod sso_oidc;
/// SAML connections: create and update, certificates and keys.
pub mod sso_saml;
/// TOTP: migrate.
pub mod totp_migration;
/// TOTP: create and authenticate.
pub mod totps;
