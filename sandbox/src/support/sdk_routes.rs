//! All URLs of the vendor's browser SDK, as rows like those of [`routes`](crate::support::routes). Any other path below
//! `/sdk/v1/` returns 501, because the vendor does not document this API, so its other paths are not known.

use self::Handler::{Public, Sdk};
use crate::{
    api,
    http::{
        Route, api_request,
        route::{delete, get, post, put},
    },
    sdk::{SdkCall, bootstrap, look_ups},
    support::routes::{Endpoint, Handler, MISSING_PUBLIC},
};

const WIRE: &str = "browser_sdk::wire";
const LOOK_UPS: &str = "browser_sdk::look_ups";
const SECOND_FACTORS: &str = "browser_sdk::second_factors";
const SIGN_IN: &str = "browser_sdk::sign_in";
const PASSWORDS: &str = "browser_sdk::passwords";
const RIGHTS: &str = "browser_sdk::rights";
const SENT: &str = "the email goes to the inbox; templates are ignored";

const LINK: &[&str] = &[
    "organization_id",
    "email_address",
    "login_redirect_url",
    "signup_redirect_url",
    "login_template_id",
    "signup_template_id",
    "login_expiration_minutes",
    "signup_expiration_minutes",
    "pkce_code_challenge",
];
const DISCOVERY_LINK: &[&str] = &[
    "email_address",
    "discovery_redirect_url",
    "login_template_id",
    "discovery_expiration_minutes",
    "pkce_code_challenge",
];
const CODE: &[&str] = &[
    "organization_id",
    "email_address",
    "login_template_id",
    "signup_template_id",
    "login_expiration_minutes",
    "signup_expiration_minutes",
];
const DISCOVERY_CODE: &[&str] = &[
    "email_address",
    "login_template_id",
    "discovery_expiration_minutes",
];
const SECOND: &[&str] = &[
    "organization_id",
    "member_id",
    "code",
    "set_mfa_enrollment",
    "set_default_mfa",
];
const NEW_ORGANIZATION: &[&str] = &[
    "organization_name",
    "organization_slug",
    "organization_logo_url",
    "sso_jit_provisioning",
    "email_allowed_domains",
    "email_jit_provisioning",
    "email_invites",
    "auth_methods",
    "allowed_auth_methods",
    "mfa_policy",
];
const RESET_START: &[&str] = &[
    "organization_id",
    "email_address",
    "login_redirect_url",
    "reset_password_redirect_url",
    "reset_password_expiration_minutes",
    "reset_password_template_id",
    "verify_email_template_id",
    "code_challenge",
];
const DISCOVERY_RESET_START: &[&str] = &[
    "email_address",
    "discovery_redirect_url",
    "reset_password_redirect_url",
    "reset_password_expiration_minutes",
    "reset_password_template_id",
    "verify_email_template_id",
    "pkce_code_challenge",
];

const fn anyone(api: api_request::Api, fields: &'static [&'static str]) -> Handler {
    Sdk(SdkCall::anyone(api, fields))
}

const fn sign_in(api: api_request::Api, fields: &'static [&'static str]) -> Handler {
    Sdk(SdkCall::sign_in(api, fields))
}

const fn step(api: api_request::Api, fields: &'static [&'static str]) -> Handler {
    Sdk(SdkCall::step(api, fields))
}

const fn session(api: api_request::Api, fields: &'static [&'static str]) -> Handler {
    Sdk(SdkCall::session(api, fields))
}

const fn member(api: api_request::Api) -> Handler {
    Sdk(SdkCall::member(api))
}

/// The URL table. The first matching row wins, so literal paths come before those with parameters.
#[rustfmt::skip] // a table: one URL per line
pub const SDK_ENDPOINTS: &[Route<Endpoint>] = &[
    get("/sdk/v1/projects/bootstrap/{public_token}", anyone(bootstrap::show, &[]).differs(WIRE, "all methods are enabled, without a captcha")),
    post("/sdk/v1/events", Public(bootstrap::events).differs(WIRE, "events are discarded")),
    // Discovery.
    post("/sdk/v1/b2b/oauth/discovery/authenticate", anyone(api::oauth::discovery_authenticate, &["discovery_oauth_token", "pkce_code_verifier"]).differs(SIGN_IN, "a wrong PKCE verifier uses up the token")),
    post("/sdk/v1/b2b/magic_links/email/discovery/send", anyone(api::magic_links::discovery_send, DISCOVERY_LINK).differs(SIGN_IN, SENT)),
    post("/sdk/v1/b2b/magic_links/discovery/authenticate", anyone(api::magic_links::discovery_authenticate, &["discovery_magic_links_token", "pkce_code_verifier"]).differs(SIGN_IN, "a wrong PKCE verifier uses up the link")),
    post("/sdk/v1/b2b/otps/email/discovery/send", anyone(api::email_otps::discovery_send, DISCOVERY_CODE).differs(SIGN_IN, SENT)),
    post("/sdk/v1/b2b/otps/email/discovery/authenticate", anyone(api::email_otps::discovery_authenticate, &["email_address", "code"]).differs(SIGN_IN, "five wrong guesses invalidate the code")),
    post("/sdk/v1/b2b/discovery/organizations/create", step(api::discovery::create, NEW_ORGANIZATION).done(SIGN_IN)),
    post("/sdk/v1/b2b/discovery/organizations", step(api::discovery::list, &[]).done(SIGN_IN)),
    post("/sdk/v1/b2b/discovery/intermediate_sessions/exchange", step(api::discovery::exchange, &["organization_id"]).done(SIGN_IN)),
    // Signing in to an organization.
    post("/sdk/v1/b2b/organizations/search", anyone(look_ups::organization, &["organization_slug"]).done(LOOK_UPS)),
    post("/sdk/v1/b2b/organizations/members/search", anyone(look_ups::member, &["organization_id", "email_address"]).done(LOOK_UPS)),
    get("/sdk/v1/b2b/sso/discovery/connections", anyone(look_ups::connections, &[]).differs(LOOK_UPS, "for joining, only connections of organizations that list the address's domain")),
    post("/sdk/v1/b2b/oauth/authenticate", sign_in(api::oauth::authenticate, &["oauth_token", "pkce_code_verifier"]).differs(SIGN_IN, "a wrong PKCE verifier or a refused login uses up the token")),
    post("/sdk/v1/b2b/sso/authenticate", sign_in(api::sso::authenticate, &["sso_token", "pkce_code_verifier"]).differs(SIGN_IN, "a wrong PKCE verifier or a refused login uses up the token")),
    post("/sdk/v1/b2b/magic_links/email/login_or_signup", anyone(api::magic_links::login_or_signup, LINK).differs(SIGN_IN, SENT)),
    post("/sdk/v1/b2b/magic_links/authenticate", sign_in(api::magic_links::authenticate, &["magic_links_token", "pkce_code_verifier"]).differs(SIGN_IN, "a wrong PKCE verifier or a refused login uses up the link")),
    post("/sdk/v1/b2b/otps/email/login_or_signup", anyone(api::email_otps::login_or_signup, CODE).differs(SIGN_IN, SENT)),
    post("/sdk/v1/b2b/otps/email/authenticate", sign_in(api::email_otps::authenticate, &["organization_id", "email_address", "code"]).done(SIGN_IN)),
    // Second factors.
    post("/sdk/v1/b2b/otps/sms/send", step(api::sms_otps::send, &["organization_id", "member_id", "mfa_phone_number"]).differs(SECOND_FACTORS, "the SMS goes to the inbox")),
    post("/sdk/v1/b2b/otps/sms/authenticate", step(api::sms_otps::authenticate, SECOND).done(SECOND_FACTORS)),
    post("/sdk/v1/b2b/totp", step(api::totps::create, &["organization_id", "member_id", "expiration_minutes"]).done(SECOND_FACTORS)),
    post("/sdk/v1/b2b/totp/authenticate", step(api::totps::authenticate, SECOND).done(SECOND_FACTORS)),
    post("/sdk/v1/b2b/recovery_codes/recover", step(api::recovery_codes::recover, &["organization_id", "member_id", "recovery_code"]).done(SECOND_FACTORS)),
    post("/sdk/v1/b2b/recovery_codes/rotate", member(api::recovery_codes::rotate).done(SECOND_FACTORS)),
    get("/sdk/v1/b2b/recovery_codes", member(api::recovery_codes::get).done(SECOND_FACTORS)),
    // Passwords.
    post("/sdk/v1/b2b/passwords/authenticate", sign_in(api::passwords::authenticate, &["organization_id", "email_address", "password"]).differs(PASSWORDS, "only the most common passwords and those in the settings count as breached")),
    post("/sdk/v1/b2b/passwords/strength_check", anyone(api::passwords::strength_check, &["email_address", "password"]).differs(PASSWORDS, "only the most common passwords and those in the settings count as breached")),
    post("/sdk/v1/b2b/passwords/email/reset/start", anyone(api::password_resets::start, RESET_START).differs(PASSWORDS, SENT)),
    post("/sdk/v1/b2b/passwords/email/reset", sign_in(api::password_resets::by_email, &["password_reset_token", "password", "code_verifier"]).differs(PASSWORDS, "a refused login uses up the token, but a weak password does not")),
    post("/sdk/v1/b2b/passwords/session/reset", session(api::password_resets::by_session, &["password"]).differs(PASSWORDS, "the session gets no password factor")),
    post("/sdk/v1/b2b/passwords/existing_password/reset", sign_in(api::password_resets::by_existing, &["organization_id", "email_address", "existing_password", "new_password"]).done(PASSWORDS)),
    post("/sdk/v1/b2b/passwords/discovery/authenticate", anyone(api::password_discovery::authenticate, &["email_address", "password"]).done(PASSWORDS)),
    post("/sdk/v1/b2b/passwords/discovery/reset/start", anyone(api::password_discovery::start, DISCOVERY_RESET_START).differs(PASSWORDS, SENT)),
    post("/sdk/v1/b2b/passwords/discovery/reset", anyone(api::password_discovery::reset, &["password_reset_token", "password", "pkce_code_verifier"]).done(PASSWORDS)),
    // The session.
    post("/sdk/v1/b2b/sessions/authenticate", session(api::sessions::authenticate, &[]).differs(SIGN_IN, "returns 429 for a locked member")),
    post("/sdk/v1/b2b/sessions/exchange", session(api::session_exchange::exchange, &["organization_id"]).differs(SIGN_IN, "it adds no members, not even by OAuth tenant")),
    post("/sdk/v1/b2b/sessions/revoke", session(api::sessions::revoke, &[]).done(SIGN_IN)),
    post("/sdk/v1/b2b/sessions/revoke/{member_id}", member(api::sessions::revoke).done(RIGHTS)),
    // The organization.
    get("/sdk/v1/b2b/organizations/me", member(api::organizations::get).done(RIGHTS)),
    put("/sdk/v1/b2b/organizations/me", member(api::organizations::update).differs(RIGHTS, "the external id, claimed domains and connected apps cannot be changed")),
    delete("/sdk/v1/b2b/organizations/me", member(api::organizations::delete).done(RIGHTS)),
    post("/sdk/v1/b2b/organizations/me/members/search", member(api::member_search::search).differs(RIGHTS, "the operator OR is refused")),
    post("/sdk/v1/b2b/organizations/members", member(api::members::create).differs(RIGHTS, "roles and is_breakglass require the right to change them, and email_invites applies")),
    post("/sdk/v1/b2b/magic_links/email/invite", member(api::invites::invite).differs(RIGHTS, SENT)),
    // The signed-in member.
    get("/sdk/v1/b2b/organizations/members/me", member(api::members::get).done(RIGHTS)),
    put("/sdk/v1/b2b/organizations/members/update", member(api::member_update::update).done(RIGHTS)),
    delete("/sdk/v1/b2b/organizations/members/deletePhoneNumber", member(api::member_factors::delete_phone).differs(RIGHTS, "the method is no longer the default method")),
    delete("/sdk/v1/b2b/organizations/members/deleteTOTP", member(api::member_factors::delete_totp).differs(RIGHTS, "the method is no longer the default method")),
    post("/sdk/v1/b2b/organizations/members/unlink_retired_email", member(api::member_factors::unlink_retired_email).done(RIGHTS)),
    post("/sdk/v1/b2b/organizations/members/start_email_update", member(api::email_update::start).differs(RIGHTS, SENT)),
    get("/sdk/v1/b2b/organizations/members/connected_apps", MISSING_PUBLIC),
    // Any member.
    delete("/sdk/v1/b2b/organizations/members/passwords/{member_password_id}", member(api::passwords::delete).done(RIGHTS)),
    delete("/sdk/v1/b2b/organizations/members/mfa_phone_numbers/{member_id}", member(api::member_factors::delete_phone).differs(RIGHTS, "the method is no longer the default method")),
    delete("/sdk/v1/b2b/organizations/members/totp/{member_id}", member(api::member_factors::delete_totp).differs(RIGHTS, "the method is no longer the default method")),
    put("/sdk/v1/b2b/organizations/members/{member_id}", member(api::member_update::update).done(RIGHTS)),
    delete("/sdk/v1/b2b/organizations/members/{member_id}", member(api::members::delete).done(RIGHTS)),
    put("/sdk/v1/b2b/organizations/members/{member_id}/reactivate", member(api::members::reactivate).differs(RIGHTS, "returns 400 for a member who is not deleted")),
    post("/sdk/v1/b2b/organizations/members/{member_id}/unlink_retired_email", member(api::member_factors::unlink_retired_email).done(RIGHTS)),
    post("/sdk/v1/b2b/organizations/members/{member_id}/start_email_update", member(api::email_update::start).differs(RIGHTS, SENT)),
    // SSO connections.
    get("/sdk/v1/b2b/sso", member(api::sso::connections).done(RIGHTS)),
    delete("/sdk/v1/b2b/sso/{connection_id}", member(api::sso::delete_connection).done(RIGHTS)),
    post("/sdk/v1/b2b/sso/oidc", member(api::sso_oidc::create).done(RIGHTS)),
    put("/sdk/v1/b2b/sso/oidc/{connection_id}", member(api::sso_oidc::update).differs(RIGHTS, "metadata of the sandbox's identity provider only; attribute_mapping has no effect")),
    post("/sdk/v1/b2b/sso/saml", member(api::sso_saml::create).done(RIGHTS)),
    put("/sdk/v1/b2b/sso/saml/{connection_id}", member(api::sso_saml::update).differs(RIGHTS, "of attribute_mapping, only groups has an effect; no SAML messages are exchanged, so keys and URLs are stored but not used")),
    put("/sdk/v1/b2b/sso/saml/{connection_id}/url", member(api::sso_saml::update_by_url).differs(RIGHTS, "metadata of the sandbox's identity provider only")),
    delete("/sdk/v1/b2b/sso/saml/{connection_id}/verification_certificates/{certificate_id}", member(api::sso_saml::delete_certificate).done(RIGHTS)),
    delete("/sdk/v1/b2b/sso/saml/{connection_id}/encryption_private_key/{private_key_id}", member(api::sso_saml::delete_encryption_key).done(RIGHTS)),
    post("/sdk/v1/b2b/sso/external", member(api::sso_external::create).done(RIGHTS)),
    put("/sdk/v1/b2b/sso/external/{connection_id}", member(api::sso_external::update).done(RIGHTS)),
    // Everything else: One Tap, connected apps, SCIM, impersonation, the admin portal's settings, the Consumer product.
    get("/sdk/v1/{*}", MISSING_PUBLIC),
    post("/sdk/v1/{*}", MISSING_PUBLIC),
    put("/sdk/v1/{*}", MISSING_PUBLIC),
    delete("/sdk/v1/{*}", MISSING_PUBLIC),
];
