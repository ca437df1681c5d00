//! What the URL table cannot say of an endpoint: in what it differs from the vendor, and which test proves it.
//! In the order of the URL table; an endpoint that is there without a line here fails `sandbox::support`.

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
    differs("GET /v1/b2b/public/oauth/{provider}/discovery/start", "sandbox::start", "leads to the sandbox's consent page; organization locators are ignored"),
    differs("GET /v1/b2b/public/oauth/{provider}/start", "sandbox::start", "leads to the sandbox's consent page"),
    differs("GET /v1/public/oauth/{provider}/discovery/start", "sandbox::start", "the spelling of a vendor guide; logs a warning"),
    differs("GET /v1/public/oauth/{provider}/start", "sandbox::start", "the spelling of a vendor guide; logs a warning"),
    differs("GET /v1/public/sso/start", "sandbox::sso_start", "leads to the sandbox's stand-in identity provider"),
    done("GET /v1/magic_links/redirect", "sandbox::magic_links"),
    // The server API.
    differs("POST /v1/b2b/oauth/discovery/authenticate", "sandbox::oauth", "a wrong PKCE verifier burns the token"),
    differs("POST /v1/b2b/oauth/authenticate", "sandbox::oauth", "a wrong PKCE verifier and a refused login burn the token"),
    done("POST /v1/b2b/discovery/intermediate_sessions/exchange", "sandbox::exchange"),
    done("POST /v1/b2b/discovery/organizations/create", "sandbox::create"),
    done("POST /v1/b2b/discovery/organizations", "sandbox::listing"),
    done("POST /v1/b2b/organizations/search", "sandbox::search"),
    done("GET /v1/b2b/organizations/{organization_id}", "sandbox::shapes"),
    differs("POST /v1/b2b/sessions/authenticate", "sandbox::sessions", "a locked member is answered 429"),
    differs("GET /v1/b2b/organizations/{organization_id}/members/{member_id}/oauth_providers/{provider}", "sandbox::oauth_providers", "the tokens open nothing"),
    differs("POST /v1/b2b/sessions/exchange", "sandbox::session_exchange", "nobody joins by it, by tenant neither"),
    differs("POST /v1/b2b/sessions/revoke", "sandbox::revoke", "member_id is no external id"),
    done("GET /v1/b2b/sessions/jwks/{project_id}", "sandbox::sessions"),
    differs("POST /v1/b2b/organizations", "sandbox::organizations", "no list of banned words; the disposable domains are a few well-known ones"),
    differs("PUT /v1/b2b/organizations/{organization_id}", "sandbox::organizations", "with a session header: external id, claimed domains and connected apps are the project's alone"),
    done("DELETE /v1/b2b/organizations/{organization_id}", "sandbox::organizations"),
    differs("GET /v1/b2b/organizations/{organization_id}/metrics", "sandbox::organizations", "deleted members are not counted"),
    done("DELETE /v1/b2b/organizations/{organization_id}/external_id", "sandbox::organizations"),
    done("GET /v1/b2b/organizations/members/dangerously_get/{member_id}", "sandbox::members"),
    done("POST /v1/b2b/organizations/members/search", "sandbox::member_search"),
    differs("POST /v1/b2b/organizations/{organization_id}/members", "sandbox::members", "with a session header: roles and is_breakglass need the rights to change them, and email_invites is respected"),
    done("GET /v1/b2b/organizations/{organization_id}/member", "sandbox::members"),
    differs("PUT /v1/b2b/organizations/{organization_id}/members/{member_id}", "sandbox::member_update", "preserve_existing_sessions is read and changes nothing: no role comes from SSO"),
    done("DELETE /v1/b2b/organizations/{organization_id}/members/{member_id}", "sandbox::members"),
    differs("PUT /v1/b2b/organizations/{organization_id}/members/{member_id}/reactivate", "sandbox::members", "only a deleted member: others are 400"),
    differs("DELETE /v1/b2b/organizations/{organization_id}/members/mfa_phone_numbers/{member_id}", "sandbox::member_update", "the method is no default any more"),
    differs("DELETE /v1/b2b/organizations/{organization_id}/members/{member_id}/totp", "sandbox::member_update", "the method is no default any more"),
    done("DELETE /v1/b2b/organizations/{organization_id}/members/{member_id}/external_id", "sandbox::member_update"),
    done("POST /v1/b2b/organizations/{organization_id}/members/{member_id}/unlink_retired_email", "sandbox::member_update"),
    done("GET /v1/b2b/organizations/{organization_id}/members/{member_id}/oauth_providers/{provider}", "sandbox::oauth_providers"),
    differs("GET /v1/b2b/organizations/{organization_id}/members/{member_id}/oauth_providers/{provider}", "sandbox::oauth_providers", "tokens of the right shape, of use nowhere"),
    done("GET /v1/b2b/sessions", "sandbox::session_list"),
    done("POST /v1/b2b/sessions/exchange", "sandbox::session_exchange"),
    done("POST /v1/b2b/sso/authenticate", "sandbox::sso"),
    done("GET /v1/b2b/sso/{organization_id}", "sandbox::sso"),
    done("DELETE /v1/b2b/sso/{organization_id}/connections/{connection_id}", "sandbox::sso"),
    done("POST /v1/b2b/sessions/exchange", "sandbox::session_exchange"),
    differs("POST /v1/b2b/sso/authenticate", "sandbox::sso", "a wrong PKCE verifier and a refused login burn the token"),
    done("GET /v1/b2b/sso/{organization_id}", "sandbox::sso"),
    done("DELETE /v1/b2b/sso/{organization_id}/connections/{connection_id}", "sandbox::sso"),
    differs("POST /v1/b2b/magic_links/email/login_or_signup", "sandbox::magic_links", "the mail lands in the inbox; templates are ignored"),
    differs("POST /v1/b2b/magic_links/email/invite", "sandbox::invites", "the mail lands in the inbox; templates are ignored"),
    differs("POST /v1/b2b/magic_links/email/discovery/send", "sandbox::magic_links", "the mail lands in the inbox; templates are ignored"),
    differs("POST /v1/b2b/magic_links/authenticate", "sandbox::magic_links", "a wrong PKCE verifier and a refused login burn the link"),
    differs("POST /v1/b2b/magic_links/email/authenticate", "sandbox::magic_links", "the documentation's spelling of POST /v1/b2b/magic_links/authenticate"),
    differs("POST /v1/b2b/magic_links/discovery/authenticate", "sandbox::magic_links", "a wrong PKCE verifier burns the link"),
    differs("POST /v1/b2b/magic_links/email/discovery/authenticate", "sandbox::magic_links", "the documentation's spelling of POST /v1/b2b/magic_links/discovery/authenticate"),
    differs("POST /v1/b2b/otps/email/login_or_signup", "sandbox::email_otps", "the mail lands in the inbox; templates are ignored"),
    differs("POST /v1/b2b/otps/email/authenticate", "sandbox::email_otps", "five wrong codes in a row lock the member for an hour"),
    differs("POST /v1/b2b/otps/email/discovery/send", "sandbox::email_otps", "the mail lands in the inbox; templates are ignored"),
    differs("POST /v1/b2b/otps/email/discovery/authenticate", "sandbox::email_otps", "five wrong guesses spoil the code"),
    differs("POST /v1/b2b/otps/sms/send", "sandbox::sms_otps", "the SMS lands in the inbox; a second factor must be used before another is added"),
    differs("POST /v1/b2b/otps/sms/authenticate", "sandbox::sms_otps", "five wrong codes in a row lock the member for an hour"),
    differs("POST /v1/b2b/totp", "sandbox::totps", "a second factor must be used before another is added"),
    differs("POST /v1/b2b/totp/authenticate", "sandbox::totps", "five wrong codes in a row lock the member for an hour"),
    differs("POST /v1/b2b/recovery_codes/recover", "sandbox::totps", "five wrong codes in a row lock the member for an hour"),
    done("POST /v1/b2b/recovery_codes/rotate", "sandbox::totps"),
    done("GET /v1/b2b/recovery_codes/{organization_id}/{member_id}", "sandbox::totps"),
    differs("GET /v1/b2b/rbac/policy", "sandbox::rbac", "the default roles and resources; a project has no others, and no scopes"),
    done("GET /v1/b2b/rbac/organizations/{organization_id}", "sandbox::rbac"),
    differs("PUT /v1/b2b/rbac/organizations/{organization_id}", "sandbox::rbac", "resources and actions are not compared with the policy"),
    done("GET /v1/debug/whoami", "sandbox::rbac"),
    differs("GET /v1/public/sso/start", "sandbox::sso_start", "leads to the sandbox's stand-in IdP"),
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
