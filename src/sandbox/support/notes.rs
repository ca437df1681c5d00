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
    done("POST /v1/b2b/sessions/revoke", "sandbox::revoke"),
    done("GET /v1/b2b/sessions/jwks/{project_id}", "sandbox::sessions"),
    done("POST /v1/b2b/organizations", "sandbox::organizations"),
    done("PUT /v1/b2b/organizations/{organization_id}", "sandbox::organizations"),
    done("DELETE /v1/b2b/organizations/{organization_id}", "sandbox::organizations"),
    done("GET /v1/b2b/organizations/{organization_id}/metrics", "sandbox::organizations"),
    done("DELETE /v1/b2b/organizations/{organization_id}/external_id", "sandbox::organizations"),
    done("GET /v1/b2b/organizations/members/dangerously_get/{member_id}", "sandbox::members"),
    done("POST /v1/b2b/organizations/members/search", "sandbox::member_search"),
    done("POST /v1/b2b/organizations/{organization_id}/members", "sandbox::members"),
    done("GET /v1/b2b/organizations/{organization_id}/member", "sandbox::members"),
    done("PUT /v1/b2b/organizations/{organization_id}/members/{member_id}", "sandbox::member_update"),
    done("DELETE /v1/b2b/organizations/{organization_id}/members/{member_id}", "sandbox::members"),
    done("PUT /v1/b2b/organizations/{organization_id}/members/{member_id}/reactivate", "sandbox::members"),
    done("DELETE /v1/b2b/organizations/{organization_id}/members/mfa_phone_numbers/{member_id}", "sandbox::member_update"),
    done("DELETE /v1/b2b/organizations/{organization_id}/members/{member_id}/totp", "sandbox::member_update"),
    done("DELETE /v1/b2b/organizations/{organization_id}/members/{member_id}/external_id", "sandbox::member_update"),
    done("POST /v1/b2b/organizations/{organization_id}/members/{member_id}/unlink_retired_email", "sandbox::member_update"),
    done("GET /v1/b2b/sessions", "sandbox::session_list"),
    differs("POST /v1/b2b/magic_links/email/login_or_signup", "sandbox::magic_links", "the e-mail goes to the sandbox's inbox"),
    differs("POST /v1/b2b/magic_links/email/invite", "sandbox::invites", "the e-mail goes to the sandbox's inbox"),
    differs("POST /v1/b2b/magic_links/email/discovery/send", "sandbox::magic_links", "the e-mail goes to the sandbox's inbox"),
    done("POST /v1/b2b/magic_links/authenticate", "sandbox::magic_links"),
    differs("POST /v1/b2b/magic_links/email/authenticate", "sandbox::magic_links", "the spelling of the vendor's prose"),
    done("POST /v1/b2b/magic_links/discovery/authenticate", "sandbox::magic_links"),
    differs("POST /v1/b2b/magic_links/email/discovery/authenticate", "sandbox::magic_links", "the spelling of the vendor's prose"),
    differs("POST /v1/b2b/otps/email/login_or_signup", "sandbox::email_otps", "the e-mail goes to the sandbox's inbox"),
    differs("POST /v1/b2b/otps/email/authenticate", "sandbox::email_otps", "a code is spoilt by wrong guesses"),
    differs("POST /v1/b2b/otps/email/discovery/send", "sandbox::email_otps", "the e-mail goes to the sandbox's inbox"),
    differs("POST /v1/b2b/otps/email/discovery/authenticate", "sandbox::email_otps", "a code is spoilt by wrong guesses"),
    differs("POST /v1/b2b/otps/sms/send", "sandbox::sms_otps", "the text goes to the sandbox's inbox"),
    differs("POST /v1/b2b/otps/sms/authenticate", "sandbox::sms_otps", "a code is spoilt by wrong guesses"),
    done("POST /v1/b2b/totp", "sandbox::totps"),
    done("POST /v1/b2b/totp/authenticate", "sandbox::totps"),
    done("POST /v1/b2b/recovery_codes/recover", "sandbox::totps"),
    done("POST /v1/b2b/recovery_codes/rotate", "sandbox::totps"),
    done("GET /v1/b2b/recovery_codes/{organization_id}/{member_id}", "sandbox::totps"),
    differs("GET /v1/b2b/rbac/policy", "sandbox::rbac", "the vendor's default roles and resources; a project of the sandbox has no others"),
    done("GET /v1/b2b/rbac/organizations/{organization_id}", "sandbox::rbac"),
    differs("PUT /v1/b2b/rbac/organizations/{organization_id}", "sandbox::rbac", "resources and actions are not compared with the project's policy"),
    done("GET /v1/debug/whoami", "sandbox::rbac"),
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
