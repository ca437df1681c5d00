//! What the URL table cannot say of an endpoint: in what it differs from the vendor, and which test proves it.
//! In the order of the URL table; an endpoint that is there without a line here fails `tests/it/support.rs`.

/// A line about an endpoint.
#[derive(Debug)]
pub struct Note {
    /// Method and path as in the URL table.
    pub endpoint: &'static str,
    /// Whether a part of the endpoint is missing; then `differs` says which.
    pub partly: bool,
    /// In what it differs from the vendor; what holds for all stands in `DIFFERENCES.md`.
    pub differs: &'static str,
    /// A module of `tests/it`.
    pub test: &'static str,
}

/// The lines.
#[rustfmt::skip] // a table: one endpoint a line
pub const NOTES: &[Note] = &[
    // What a browser opens.
    differs("GET /v1/b2b/public/oauth/{provider}/discovery/start", "start", "leads to the sandbox's consent page; organization locators are ignored"),
    differs("GET /v1/b2b/public/oauth/{provider}/start", "start", "leads to the sandbox's consent page"),
    differs("GET /v1/public/oauth/{provider}/discovery/start", "start", "the spelling of a vendor guide; logs a warning"),
    differs("GET /v1/public/oauth/{provider}/start", "start", "the spelling of a vendor guide; logs a warning"),
    differs("GET /v1/public/sso/start", "sso_start", "leads to the sandbox's stand-in identity provider"),
    done("GET /v1/magic_links/redirect", "magic_links"),
    // The server API.
    differs("POST /v1/b2b/oauth/discovery/authenticate", "oauth", "a wrong PKCE verifier burns the token"),
    differs("POST /v1/b2b/oauth/authenticate", "oauth", "a wrong PKCE verifier and a refused login burn the token"),
    done("POST /v1/b2b/discovery/intermediate_sessions/exchange", "exchange"),
    done("POST /v1/b2b/discovery/organizations/create", "create"),
    done("POST /v1/b2b/discovery/organizations", "listing"),
    done("POST /v1/b2b/organizations/search", "search"),
    done("GET /v1/b2b/organizations/{organization_id}", "shapes"),
    differs("POST /v1/b2b/sessions/authenticate", "sessions", "a locked member is answered 429"),
    differs("GET /v1/b2b/organizations/{organization_id}/members/{member_id}/oauth_providers/{provider}", "oauth_providers", "the tokens open nothing"),
    differs("POST /v1/b2b/sessions/exchange", "session_exchange", "nobody joins by it, by tenant neither"),
    differs("POST /v1/b2b/sessions/revoke", "revoke", "member_id is no external id"),
    done("GET /v1/b2b/sessions/jwks/{project_id}", "sessions"),
    differs("POST /v1/b2b/organizations", "organizations", "no list of banned words; the disposable domains are a few well-known ones"),
    differs("PUT /v1/b2b/organizations/{organization_id}", "organizations", "with a session header: external id, claimed domains and connected apps are the project's alone"),
    done("DELETE /v1/b2b/organizations/{organization_id}", "organizations"),
    differs("GET /v1/b2b/organizations/{organization_id}/metrics", "organizations", "deleted members are not counted"),
    done("DELETE /v1/b2b/organizations/{organization_id}/external_id", "organizations"),
    done("GET /v1/b2b/organizations/members/dangerously_get/{member_id}", "members"),
    done("POST /v1/b2b/organizations/members/search", "member_search"),
    differs("POST /v1/b2b/organizations/{organization_id}/members", "members", "with a session header: roles and is_breakglass need the rights to change them, and email_invites is respected"),
    done("GET /v1/b2b/organizations/{organization_id}/member", "members"),
    differs("PUT /v1/b2b/organizations/{organization_id}/members/{member_id}", "member_update", "preserve_existing_sessions is read and changes nothing: no role comes from SSO"),
    done("DELETE /v1/b2b/organizations/{organization_id}/members/{member_id}", "members"),
    differs("PUT /v1/b2b/organizations/{organization_id}/members/{member_id}/reactivate", "members", "only a deleted member: others are 400"),
    differs("DELETE /v1/b2b/organizations/{organization_id}/members/mfa_phone_numbers/{member_id}", "member_update", "the method is no default any more"),
    differs("DELETE /v1/b2b/organizations/{organization_id}/members/{member_id}/totp", "member_update", "the method is no default any more"),
    done("DELETE /v1/b2b/organizations/{organization_id}/members/{member_id}/external_id", "member_update"),
    done("POST /v1/b2b/organizations/{organization_id}/members/{member_id}/unlink_retired_email", "member_update"),
    done("GET /v1/b2b/organizations/{organization_id}/members/{member_id}/oauth_providers/{provider}", "oauth_providers"),
    differs("GET /v1/b2b/organizations/{organization_id}/members/{member_id}/oauth_providers/{provider}", "oauth_providers", "tokens of the right shape, of use nowhere"),
    done("GET /v1/b2b/sessions", "session_list"),
    done("POST /v1/b2b/sessions/exchange", "session_exchange"),
    done("POST /v1/b2b/sso/authenticate", "sso"),
    done("GET /v1/b2b/sso/{organization_id}", "sso"),
    done("DELETE /v1/b2b/sso/{organization_id}/connections/{connection_id}", "sso"),
    done("POST /v1/b2b/sessions/exchange", "session_exchange"),
    differs("POST /v1/b2b/sso/authenticate", "sso", "a wrong PKCE verifier and a refused login burn the token"),
    done("GET /v1/b2b/sso/{organization_id}", "sso"),
    done("DELETE /v1/b2b/sso/{organization_id}/connections/{connection_id}", "sso"),
    differs("POST /v1/b2b/magic_links/email/login_or_signup", "magic_links", "the mail lands in the inbox; templates are ignored"),
    differs("POST /v1/b2b/magic_links/email/invite", "invites", "the mail lands in the inbox; templates are ignored"),
    differs("POST /v1/b2b/magic_links/email/discovery/send", "magic_links", "the mail lands in the inbox; templates are ignored"),
    differs("POST /v1/b2b/magic_links/authenticate", "magic_links", "a wrong PKCE verifier and a refused login burn the link"),
    differs("POST /v1/b2b/magic_links/email/authenticate", "magic_links", "the documentation's spelling of POST /v1/b2b/magic_links/authenticate"),
    differs("POST /v1/b2b/magic_links/discovery/authenticate", "magic_links", "a wrong PKCE verifier burns the link"),
    differs("POST /v1/b2b/magic_links/email/discovery/authenticate", "magic_links", "the documentation's spelling of POST /v1/b2b/magic_links/discovery/authenticate"),
    differs("POST /v1/b2b/otps/email/login_or_signup", "email_otps", "the mail lands in the inbox; templates are ignored"),
    differs("POST /v1/b2b/otps/email/authenticate", "email_otps", "five wrong codes in a row lock the member for an hour"),
    differs("POST /v1/b2b/otps/email/discovery/send", "email_otps", "the mail lands in the inbox; templates are ignored"),
    differs("POST /v1/b2b/otps/email/discovery/authenticate", "email_otps", "five wrong guesses spoil the code"),
    differs("POST /v1/b2b/otps/sms/send", "sms_otps", "the SMS lands in the inbox; a second factor must be used before another is added"),
    differs("POST /v1/b2b/otps/sms/authenticate", "sms_otps", "five wrong codes in a row lock the member for an hour"),
    differs("POST /v1/b2b/totp", "totps", "a second factor must be used before another is added"),
    differs("POST /v1/b2b/totp/authenticate", "totps", "five wrong codes in a row lock the member for an hour"),
    differs("POST /v1/b2b/recovery_codes/recover", "totps", "five wrong codes in a row lock the member for an hour"),
    done("POST /v1/b2b/recovery_codes/rotate", "totps"),
    done("GET /v1/b2b/recovery_codes/{organization_id}/{member_id}", "totps"),
    differs("GET /v1/b2b/rbac/policy", "rbac", "the default roles and resources; a project has no others, and no scopes"),
    done("GET /v1/b2b/rbac/organizations/{organization_id}", "rbac"),
    differs("PUT /v1/b2b/rbac/organizations/{organization_id}", "rbac", "resources and actions are not compared with the policy"),
    done("GET /v1/debug/whoami", "rbac"),
    differs("GET /v1/public/sso/start", "sso_start", "leads to the sandbox's stand-in IdP"),
];

const fn done(endpoint: &'static str, test: &'static str) -> Note {
    differs(endpoint, test, "")
}

const fn differs(endpoint: &'static str, test: &'static str, differs: &'static str) -> Note {
    Note {
        endpoint,
        partly: false,
        differs,
        test,
    }
}

/// An endpoint of which a part is missing.
#[allow(dead_code, reason = "there may be times when no endpoint is half done")]
const fn partly(endpoint: &'static str, test: &'static str, differs: &'static str) -> Note {
    Note {
        endpoint,
        partly: true,
        differs,
        test,
    }
}
