//! What issue 3 wants, and what of it is not there yet.

/// Every endpoint that a login can touch, and what there is besides: the SDKs have to get a good answer and an error
/// from each. The calls of the control API that the stories need stand here too.
#[rustfmt::skip] // a table: one endpoint a line
pub const WANTED: &[&str] = &[
    "GET /v1/b2b/public/oauth/{provider}/discovery/start",
    "GET /v1/b2b/public/oauth/{provider}/start",
    "POST /v1/b2b/oauth/discovery/authenticate",
    "POST /v1/b2b/oauth/authenticate",
    "POST /v1/b2b/sso/authenticate",
    "GET /v1/public/sso/start",
    "GET /v1/b2b/sso/{organization_id}",
    "POST /v1/b2b/discovery/intermediate_sessions/exchange",
    "POST /v1/b2b/discovery/organizations/create",
    "POST /v1/b2b/discovery/organizations",
    "POST /v1/b2b/organizations",
    "GET /v1/b2b/organizations/{organization_id}",
    "PUT /v1/b2b/organizations/{organization_id}",
    "DELETE /v1/b2b/organizations/{organization_id}",
    "POST /v1/b2b/organizations/search",
    "POST /v1/b2b/organizations/{organization_id}/members",
    "GET /v1/b2b/organizations/{organization_id}/member",
    "PUT /v1/b2b/organizations/{organization_id}/members/{member_id}",
    "DELETE /v1/b2b/organizations/{organization_id}/members/{member_id}",
    "POST /v1/b2b/organizations/members/search",
    "PUT /v1/b2b/organizations/{organization_id}/members/{member_id}/reactivate",
    "DELETE /v1/b2b/organizations/{organization_id}/members/mfa_phone_numbers/{member_id}",
    "DELETE /v1/b2b/organizations/{organization_id}/members/{member_id}/totp",
    "GET /v1/b2b/organizations/{organization_id}/members/{member_id}/oauth_providers/google",
    "GET /v1/b2b/organizations/{organization_id}/members/{member_id}/oauth_providers/microsoft",
    "GET /v1/b2b/organizations/{organization_id}/members/{member_id}/oauth_providers/slack",
    "GET /v1/b2b/organizations/{organization_id}/members/{member_id}/oauth_providers/hubspot",
    "GET /v1/b2b/organizations/{organization_id}/members/{member_id}/oauth_providers/github",
    "POST /v1/b2b/sessions/authenticate",
    "GET /v1/b2b/sessions",
    "POST /v1/b2b/sessions/revoke",
    "POST /v1/b2b/sessions/exchange",
    "GET /v1/b2b/sessions/jwks/{project_id}",
    "POST /v1/b2b/magic_links/email/login_or_signup",
    "POST /v1/b2b/magic_links/email/invite",
    "POST /v1/b2b/magic_links/authenticate",
    "POST /v1/b2b/magic_links/email/discovery/send",
    "POST /v1/b2b/magic_links/discovery/authenticate",
    "POST /v1/b2b/otps/email/login_or_signup",
    "POST /v1/b2b/otps/email/authenticate",
    "POST /v1/b2b/otps/email/discovery/send",
    "POST /v1/b2b/otps/email/discovery/authenticate",
    "POST /v1/b2b/otps/sms/send",
    "POST /v1/b2b/otps/sms/authenticate",
    "POST /v1/b2b/totp",
    "POST /v1/b2b/totp/authenticate",
    "POST /v1/b2b/recovery_codes/recover",
    "GET /v1/b2b/recovery_codes/{organization_id}/{member_id}",
    "POST /v1/b2b/recovery_codes/rotate",
    "POST /v1/b2b/totp/migrate",
    "POST /v1/b2b/passwords/strength_check",
    "POST /v1/b2b/passwords/migrate",
    "POST /v1/b2b/passwords/authenticate",
    "POST /v1/b2b/passwords/email/reset/start",
    "POST /v1/b2b/passwords/email/reset",
    "POST /v1/b2b/passwords/email/require_reset",
    "POST /v1/b2b/passwords/session/reset",
    "POST /v1/b2b/passwords/existing_password/reset",
    "POST /v1/b2b/passwords/discovery/authenticate",
    "POST /v1/b2b/passwords/discovery/email/reset/start",
    "POST /v1/b2b/passwords/discovery/email/reset",
    "DELETE /v1/b2b/organizations/{organization_id}/members/passwords/{member_password_id}",
    "POST /v1/b2b/organizations/{organization_id}/members/{member_id}/start_email_update",
    "GET /v1/b2b/rbac/policy",
    "GET /v1/debug/whoami",
    // Beyond the issue.
    "DELETE /v1/b2b/sso/{organization_id}/connections/{connection_id}",
    "GET /v1/b2b/organizations/{organization_id}/metrics",
    "DELETE /v1/b2b/organizations/{organization_id}/external_id",
    "GET /v1/b2b/organizations/members/dangerously_get/{member_id}",
    "DELETE /v1/b2b/organizations/{organization_id}/members/{member_id}/external_id",
    "POST /v1/b2b/organizations/{organization_id}/members/{member_id}/unlink_retired_email",
    "GET /v1/b2b/rbac/organizations/{organization_id}",
    "PUT /v1/b2b/rbac/organizations/{organization_id}",
    // The sandbox's own.
    "POST /_sandbox/projects",
    "POST /_sandbox/projects/{project_id}/approve",
    "GET /_sandbox/projects/{project_id}/inbox",
    "GET /_sandbox/projects/{project_id}/totp",
    "POST /_sandbox/projects/{project_id}/clock",
    "POST /_sandbox/projects/{project_id}/keys/rotate",
];

/// What of that answers 501 today (404 where it is the sandbox's own). A line goes when its endpoint comes; then the
/// stories that need it run by themselves.
#[rustfmt::skip] // a table: one endpoint a line
pub const NOT_YET: &[&str] = &[
];

/// What is there but not in any SDK: other spellings, and what only a browser opens.
#[rustfmt::skip] // a table: one endpoint a line
pub const NOT_FOR_SDKS: &[&str] = &[
    "GET /v1/public/oauth/{provider}/discovery/start",
    "GET /v1/public/oauth/{provider}/start",
    "POST /v1/b2b/magic_links/email/authenticate",
    "POST /v1/b2b/magic_links/email/discovery/authenticate",
    "GET /v1/magic_links/redirect",
    "GET /v1/b2b/oauth/callback/{callback_id}",
    "GET /v1/b2b/sso/callback/{connection_id}",
    "POST /v1/b2b/sso/callback/{connection_id}",
    // One line of the URL table, five calls: they are named with their providers above.
    "GET /v1/b2b/organizations/{organization_id}/members/{member_id}/oauth_providers/{provider}",
];
