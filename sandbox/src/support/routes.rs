//! All URLs of the vendor's API, each with its handler, its differences from the vendor, and its test. Endpoints that
//! the sandbox does not support are listed too. They return 501 with a hint, while paths that the vendor does not have
//! return the vendor's 404 `route_not_found`.

use self::Handler::{Api, Project, Public};
use crate::{
    api,
    http::{
        Answer, Incoming, Route, api_request,
        route::{delete, get, post, put},
    },
    model::ApiError,
    public::{magic_link, sso_start, start},
    sdk::SdkCall,
    world::sandbox::Sandbox,
};

/// An endpoint of the vendor's API.
#[derive(Debug)]
pub struct Endpoint {
    pub handler: Handler,
    /// Whether a part of the endpoint is missing; `differs` says which.
    pub partly: bool,
    /// Differences from the vendor. `DIFFERENCES.md` has those of all endpoints.
    pub differs: &'static str,
    /// The module of `tests/it` that tests it.
    pub test: &'static str,
}

/// The handler of an endpoint.
#[derive(Debug)]
pub enum Handler {
    /// The server API, with Basic auth.
    Api(api_request::Api),
    /// The server API without auth. The project is in the path.
    Project(api_request::Api),
    Public(fn(&Sandbox, &Incoming) -> Answer),
    /// The API of the browser SDK, with a public token and optionally a session.
    Sdk(SdkCall),
    /// An endpoint with Basic auth that the sandbox does not support.
    Missing,
    MissingPublic,
}

impl Handler {
    /// An endpoint without known differences.
    pub(super) const fn done(self, test: &'static str) -> Endpoint {
        self.differs(test, "")
    }

    pub(super) const fn differs(self, test: &'static str, differs: &'static str) -> Endpoint {
        Endpoint {
            handler: self,
            partly: false,
            differs,
            test,
        }
    }
}

const MISSING: Endpoint = Handler::Missing.done("");
pub(super) const MISSING_PUBLIC: Endpoint = Handler::MissingPublic.done("");

/// The URL table, without the browser SDK's. The first matching row wins, so literal paths come before those with
/// parameters.
#[rustfmt::skip] // a table: one URL per line
pub const ENDPOINTS: &[Route<Endpoint>] = &[
    // URLs that browsers open.
    get("/v1/b2b/public/oauth/{provider}/discovery/start", Public(start::discovery).differs("start", "redirects to the sandbox's consent page; organization locators are ignored")),
    get("/v1/b2b/public/oauth/{provider}/start", Public(start::organization).differs("start", "redirects to the sandbox's consent page")),
    get("/v1/public/oauth/{provider}/discovery/start", Public(start::discovery_without_b2b).differs("start", "the path in a vendor guide; logs a warning")),
    get("/v1/public/oauth/{provider}/start", Public(start::organization_without_b2b).differs("start", "the path in a vendor guide; logs a warning")),
    // The server API.
    post("/v1/b2b/oauth/discovery/authenticate", Api(api::oauth::discovery_authenticate).differs("oauth", "a wrong PKCE verifier uses up the token")),
    post("/v1/b2b/oauth/authenticate", Api(api::oauth::authenticate).differs("oauth", "a wrong PKCE verifier or a refused login uses up the token")),
    post("/v1/b2b/discovery/intermediate_sessions/exchange", Api(api::discovery::exchange).done("exchange")),
    post("/v1/b2b/discovery/organizations/create", Api(api::discovery::create).done("create")),
    post("/v1/b2b/discovery/organizations", Api(api::discovery::list).done("listing")),
    post("/v1/b2b/organizations/search", Api(api::search::search).differs("search", "the operator OR is refused")),
    get("/v1/b2b/organizations/{organization_id}", Api(api::organizations::get).done("shapes")),
    post("/v1/b2b/sessions/authenticate", Api(api::sessions::authenticate).differs("sessions", "returns 429 for a locked member")),
    post("/v1/b2b/sessions/revoke", Api(api::sessions::revoke).differs("revoke", "member_id cannot be an external id")),
    get("/v1/b2b/sessions/jwks/{project_id}", Project(api::sessions::jwks).done("sessions")),
    // The vendor's other endpoints.
    post("/v1/b2b/organizations", Api(api::organizations::create).differs("organizations", "no list of banned words; only a few well-known disposable domains")),
    put("/v1/b2b/organizations/{organization_id}", Api(api::organizations::update).differs("organizations", "with a session header, the external id, claimed domains and connected apps cannot be changed")),
    delete("/v1/b2b/organizations/{organization_id}", Api(api::organizations::delete).done("organizations")),
    get("/v1/b2b/organizations/{organization_id}/metrics", Api(api::organizations::metrics).differs("organizations", "deleted members are not counted")),
    delete("/v1/b2b/organizations/{organization_id}/external_id", Api(api::organizations::delete_external_id).done("organizations")),
    get("/v1/b2b/organizations/{organization_id}/connected_apps", MISSING),
    get("/v1/b2b/organizations/{organization_id}/connected_apps/{connected_app_id}", MISSING),
    get("/v1/b2b/organizations/members/dangerously_get/{member_id}", Api(api::members::dangerously_get).done("members")),
    post("/v1/b2b/organizations/members/search", Api(api::member_search::search).differs("member_search", "the operator OR is refused")),
    post("/v1/b2b/organizations/{organization_id}/members", Api(api::members::create).differs("members", "with a session header, roles and is_breakglass require the right to change them, and email_invites applies")),
    get("/v1/b2b/organizations/{organization_id}/member", Api(api::members::get).done("members")),
    put("/v1/b2b/organizations/{organization_id}/members/{member_id}", Api(api::member_update::update).done("member_update")),
    delete("/v1/b2b/organizations/{organization_id}/members/{member_id}", Api(api::members::delete).done("members")),
    put("/v1/b2b/organizations/{organization_id}/members/{member_id}/reactivate", Api(api::members::reactivate).differs("members", "returns 400 for a member who is not deleted")),
    delete("/v1/b2b/organizations/{organization_id}/members/mfa_phone_numbers/{member_id}", Api(api::member_factors::delete_phone).differs("member_update", "the method is no longer the default method")),
    delete("/v1/b2b/organizations/{organization_id}/members/passwords/{member_password_id}", Api(api::passwords::delete).done("passwords")),
    delete("/v1/b2b/organizations/{organization_id}/members/{member_id}/totp", Api(api::member_factors::delete_totp).differs("member_update", "the method is no longer the default method")),
    delete("/v1/b2b/organizations/{organization_id}/members/{member_id}/external_id", Api(api::member_factors::delete_external_id).done("member_update")),
    post("/v1/b2b/organizations/{organization_id}/members/{member_id}/unlink_retired_email", Api(api::member_factors::unlink_retired_email).done("member_update")),
    post("/v1/b2b/organizations/{organization_id}/members/{member_id}/start_email_update", Api(api::email_update::start).differs("email_update", "the email goes to the inbox; templates are ignored")),
    get("/v1/b2b/organizations/{organization_id}/members/{member_id}/connected_apps", MISSING),
    post("/v1/b2b/organizations/{organization_id}/members/{member_id}/connected_apps/{connected_app_id}/revoke", MISSING),
    get("/v1/b2b/organizations/{organization_id}/members/{member_id}/oidc_providers", Api(api::oidc_providers::get).differs("oidc_providers", "the tokens give access to nothing")),
    get("/v1/b2b/organizations/{organization_id}/members/{member_id}/oauth_providers/{provider}", Api(api::oauth_providers::get).differs("oauth_providers", "the tokens give access to nothing")),
    get("/v1/b2b/sessions", Api(api::sessions::get).done("session_list")),
    post("/v1/b2b/sessions/exchange", Api(api::session_exchange::exchange).differs("session_exchange", "it adds no members, not even by OAuth tenant")),
    post("/v1/b2b/sessions/exchange_access_token", MISSING),
    post("/v1/b2b/sessions/attest", MISSING),
    post("/v1/b2b/sessions/migrate", MISSING),
    post("/v1/b2b/sso/authenticate", Api(api::sso::authenticate).differs("sso", "a wrong PKCE verifier or a refused login uses up the token")),
    get("/v1/b2b/sso/{organization_id}", Api(api::sso::connections).done("sso")),
    delete("/v1/b2b/sso/{organization_id}/connections/{connection_id}", Api(api::sso::delete_connection).done("sso")),
    post("/v1/b2b/sso/oidc/{organization_id}", Api(api::sso_oidc::create).done("sso_connections")),
    put("/v1/b2b/sso/oidc/{organization_id}/connections/{connection_id}", Api(api::sso_oidc::update).differs("sso_connections", "metadata of the sandbox's identity provider only; attribute_mapping has no effect")),
    post("/v1/b2b/sso/saml/{organization_id}", Api(api::sso_saml::create).done("sso_saml")),
    put("/v1/b2b/sso/saml/{organization_id}/connections/{connection_id}", Api(api::sso_saml::update).differs("sso_saml", "of attribute_mapping, only groups has an effect; no SAML messages are exchanged, so keys and URLs are stored but not used")),
    put("/v1/b2b/sso/saml/{organization_id}/connections/{connection_id}/url", Api(api::sso_saml::update_by_url).differs("sso_saml", "metadata of the sandbox's identity provider only")),
    delete("/v1/b2b/sso/saml/{organization_id}/connections/{connection_id}/verification_certificates/{certificate_id}", Api(api::sso_saml::delete_certificate).done("sso_saml")),
    delete("/v1/b2b/sso/saml/{organization_id}/connections/{connection_id}/encryption_private_keys/{private_key_id}", Api(api::sso_saml::delete_encryption_key).done("sso_saml")),
    post("/v1/b2b/sso/external/{organization_id}", Api(api::sso_external::create).done("sso_external")),
    put("/v1/b2b/sso/external/{organization_id}/connections/{connection_id}", Api(api::sso_external::update).done("sso_external")),
    post("/v1/b2b/magic_links/email/login_or_signup", Api(api::magic_links::login_or_signup).differs("magic_links", "the email goes to the inbox; templates are ignored")),
    post("/v1/b2b/magic_links/email/invite", Api(api::invites::invite).differs("invites", "the email goes to the inbox; templates are ignored")),
    post("/v1/b2b/magic_links/email/discovery/send", Api(api::magic_links::discovery_send).differs("magic_links", "the email goes to the inbox; templates are ignored")),
    post("/v1/b2b/magic_links/authenticate", Api(api::magic_links::authenticate).differs("magic_links", "a wrong PKCE verifier or a refused login uses up the link")),
    post("/v1/b2b/magic_links/email/authenticate", Api(api::magic_links::authenticate).differs("magic_links", "the documentation's path for POST /v1/b2b/magic_links/authenticate")),
    post("/v1/b2b/magic_links/discovery/authenticate", Api(api::magic_links::discovery_authenticate).differs("magic_links", "a wrong PKCE verifier uses up the link")),
    post("/v1/b2b/magic_links/email/discovery/authenticate", Api(api::magic_links::discovery_authenticate).differs("magic_links", "the documentation's path for POST /v1/b2b/magic_links/discovery/authenticate")),
    post("/v1/b2b/otps/email/login_or_signup", Api(api::email_otps::login_or_signup).differs("email_otps", "the email goes to the inbox; templates are ignored")),
    post("/v1/b2b/otps/email/authenticate", Api(api::email_otps::authenticate).done("email_otps")),
    post("/v1/b2b/otps/email/discovery/send", Api(api::email_otps::discovery_send).differs("email_otps", "the email goes to the inbox; templates are ignored")),
    post("/v1/b2b/otps/email/discovery/authenticate", Api(api::email_otps::discovery_authenticate).differs("email_otps", "five wrong guesses invalidate the code")),
    post("/v1/b2b/otps/sms/send", Api(api::sms_otps::send).differs("sms_otps", "the SMS goes to the inbox")),
    post("/v1/b2b/otps/sms/authenticate", Api(api::sms_otps::authenticate).done("sms_otps")),
    post("/v1/b2b/totp", Api(api::totps::create).done("totps")),
    post("/v1/b2b/totp/authenticate", Api(api::totps::authenticate).done("totps")),
    post("/v1/b2b/totp/migrate", Api(api::totp_migration::migrate).done("totp_migration")),
    post("/v1/b2b/recovery_codes/recover", Api(api::recovery_codes::recover).done("totps")),
    post("/v1/b2b/recovery_codes/rotate", Api(api::recovery_codes::rotate).done("totps")),
    get("/v1/b2b/recovery_codes/{organization_id}/{member_id}", Api(api::recovery_codes::get).done("totps")),
    post("/v1/b2b/passwords/authenticate", Api(api::passwords::authenticate).differs("passwords", "only the most common passwords and those in the settings count as breached")),
    post("/v1/b2b/passwords/strength_check", Api(api::passwords::strength_check).differs("password_strength", "only the most common passwords and those in the settings count as breached")),
    post("/v1/b2b/passwords/migrate", Api(api::password_migration::migrate).differs("password_migration", "no phpass; very slow hashes are refused")),
    post("/v1/b2b/passwords/email/reset/start", Api(api::password_resets::start).differs("password_resets", "the email goes to the inbox; templates are ignored; the email has no second link to sign in without a password")),
    post("/v1/b2b/passwords/email/reset", Api(api::password_resets::by_email).differs("password_resets", "a refused login uses up the token, but a weak password does not")),
    post("/v1/b2b/passwords/email/require_reset", Api(api::password_discovery::require_reset).done("password_discovery")),
    post("/v1/b2b/passwords/session/reset", Api(api::password_resets::by_session).differs("password_resets", "the session gets no password factor")),
    post("/v1/b2b/passwords/existing_password/reset", Api(api::password_resets::by_existing).done("password_resets")),
    post("/v1/b2b/passwords/discovery/authenticate", Api(api::password_discovery::authenticate).done("password_discovery")),
    post("/v1/b2b/passwords/discovery/email/reset/start", Api(api::password_discovery::start).differs("password_discovery", "the email goes to the inbox; templates are ignored; the email has no second link to sign in without a password")),
    post("/v1/b2b/passwords/discovery/email/reset", Api(api::password_discovery::reset).done("password_discovery")),
    get("/v1/b2b/rbac/policy", Api(api::rbac::policy).done("rbac")),
    get("/v1/b2b/rbac/organizations/{organization_id}", Api(api::rbac::organization_policy).done("rbac")),
    put("/v1/b2b/rbac/organizations/{organization_id}", Api(api::rbac::set_organization_policy).done("rbac")),
    post("/v1/b2b/impersonation/authenticate", MISSING),
    post("/v1/b2b/idp/oauth/authorize/start", MISSING),
    post("/v1/b2b/idp/oauth/authorize", MISSING),
    get("/v1/b2b/scim/{organization_id}/connection", MISSING),
    post("/v1/b2b/scim/{organization_id}/connection", MISSING),
    get("/v1/b2b/scim/{organization_id}/connection/{connection_id}", MISSING),
    put("/v1/b2b/scim/{organization_id}/connection/{connection_id}", MISSING),
    delete("/v1/b2b/scim/{organization_id}/connection/{connection_id}", MISSING),
    post("/v1/b2b/scim/{organization_id}/connection/{connection_id}/rotate/{step}", MISSING),
    get("/v1/b2b/scim/{organization_id}/connections", MISSING),
    post("/v1/b2b/scim/{organization_id}/connections", MISSING),
    put("/v1/b2b/scim/{organization_id}/connections/{connection_id}", MISSING),
    delete("/v1/b2b/scim/{organization_id}/connections/{connection_id}", MISSING),
    post("/v1/b2b/scim/{organization_id}/connections/{connection_id}/rotate/{step}", MISSING),
    get("/v1/debug/whoami", Api(api::debug::whoami).done("rbac")),
    get("/v1/projects/metrics", MISSING),
    post("/v1/m2m/clients", MISSING),
    post("/v1/m2m/clients/search", MISSING),
    get("/v1/m2m/clients/{client_id}", MISSING),
    put("/v1/m2m/clients/{client_id}", MISSING),
    delete("/v1/m2m/clients/{client_id}", MISSING),
    post("/v1/m2m/clients/{client_id}/secrets/rotate", MISSING),
    post("/v1/m2m/clients/{client_id}/secrets/rotate/{step}", MISSING),
    post("/v1/connected_apps/clients", MISSING),
    post("/v1/connected_apps/clients/search", MISSING),
    get("/v1/connected_apps/clients/{client_id}", MISSING),
    put("/v1/connected_apps/clients/{client_id}", MISSING),
    delete("/v1/connected_apps/clients/{client_id}", MISSING),
    post("/v1/connected_apps/clients/{client_id}/secrets/rotate", MISSING),
    post("/v1/connected_apps/clients/{client_id}/secrets/rotate/{step}", MISSING),
    // The vendor's other pages and redirects.
    get("/v1/public/sso/start", Public(sso_start::start).differs("sso_start", "redirects to the sandbox's identity provider")),
    post("/v1/public/{project_id}/oauth2/token", MISSING_PUBLIC),
    post("/v1/public/{project_id}/oauth2/introspect", MISSING_PUBLIC),
    post("/v1/public/{project_id}/oauth2/revoke", MISSING_PUBLIC),
    get("/v1/public/{project_id}/oauth2/userinfo", MISSING_PUBLIC),
    get("/v1/public/{project_id}/.well-known/openid-configuration", MISSING_PUBLIC),
    get("/v1/magic_links/redirect", Public(magic_link::follow).done("magic_links")),
    get("/v1/b2b/oauth/callback/{callback_id}", MISSING_PUBLIC),
    get("/v1/b2b/sso/callback/{connection_id}", MISSING_PUBLIC),
    post("/v1/b2b/sso/callback/{connection_id}", MISSING_PUBLIC),
];

/// The error of an endpoint that the sandbox does not support.
pub fn not_implemented(method: &str, path: &str) -> ApiError {
    let message = format!(
        "The sandbox does not have {method} {path} yet. Use a project on https://test.stytch.com for it, or a later \
         version of the sandbox."
    );
    ApiError::new(501, "sandbox_not_implemented", message)
}
