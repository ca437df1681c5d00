//! Every URL that the sandbox knows, with what answers it. The vendor's other endpoints stand here too: they are
//! answered with 501 and a hint, while what the vendor lacks is its 404 `route_not_found`.

use serde_json::{Map, Value};

use crate::{
    api, console,
    control::{self, request::Control},
    model::{error::ApiError, state::State},
    public::{consent, idp, idp_pages, magic_link, pages, sso_start, start},
    server::{answer::Answer, handle::Incoming, request::ApiRequest},
    world::sandbox::Sandbox,
};

/// A method and a path, and what answers it.
#[derive(Debug)]
pub struct Route {
    pub method: &'static str,
    pub path: &'static str,
    pub handler: Handler,
}

/// A handler of the server API: it runs under the world's lock, so a call happens whole or not at all.
pub type Api = fn(&mut State, &ApiRequest) -> Result<Map<String, Value>, ApiError>;

/// Who answers.
#[derive(Debug)]
pub enum Handler {
    /// The server API, with Basic auth.
    Api(Api),
    /// The same without auth; the project stands in the path.
    Project(Api),
    /// What browsers and people open.
    Public(fn(&Sandbox, &Incoming) -> Answer),
    /// How a test steers a world.
    Control(Control),
    /// The same, for the one call that waits.
    Inbox,
    /// An endpoint with Basic auth that the vendor has and the sandbox lacks.
    Missing,
    /// The same, without auth.
    MissingPublic,
}

use Handler::{Api as Done, Control as Steer, Inbox, Missing, MissingPublic, Project, Public};

/// The URL table. The first that fits wins, so literal paths stand before those with names.
#[rustfmt::skip] // a table: one URL a line
pub const ROUTES: &[Route] = &[
    // What a browser opens.
    get("/v1/b2b/public/oauth/{provider}/discovery/start", Public(start::discovery)),
    get("/v1/b2b/public/oauth/{provider}/start", Public(start::organization)),
    get("/v1/public/oauth/{provider}/discovery/start", Public(start::discovery_without_b2b)),
    get("/v1/public/oauth/{provider}/start", Public(start::organization_without_b2b)),
    get("/_sandbox/oauth/{request}", Public(consent::show)),
    post("/_sandbox/oauth/{request}", Public(consent::choose)),
    post("/_sandbox/oauth/{request}/person", Public(consent::add_person)),
    post("/_sandbox/oauth/{request}/cancel", Public(consent::cancel)),
    post("/_sandbox/oauth/{request}/made-up", Public(consent::make_up)),
    post("/_sandbox/oauth/{request}/fail", Public(consent::fail)),
    get("/_sandbox/sso/{request}", Public(idp::show)),
    post("/_sandbox/sso/{request}", Public(idp::choose)),
    post("/_sandbox/sso/{request}/person", Public(idp::add_person)),
    post("/_sandbox/sso/{request}/cancel", Public(idp::cancel)),
    get("/_sandbox/idp", Public(idp_pages::start_page)),
    post("/_sandbox/idp", Public(sso_start::start_at_idp)),
    get("/_sandbox/inbox", Public(idp_pages::inbox)),
    get("/_sandbox/sandbox.css", Public(pages::styles)),
    get("/_sandbox/icon.svg", Public(pages::icon)),
    get("/_sandbox/health", Public(pages::health)),
    // The console, for people.
    get("/", Public(console::home)),
    get("/_sandbox", Public(console::first)),
    get("/_sandbox/console/{project_id}", Public(console::show)),
    post("/_sandbox/console/{project_id}/advance", Public(console::advance)),
    post("/_sandbox/console/{project_id}/freeze", Public(console::freeze)),
    post("/_sandbox/console/{project_id}/resume", Public(console::resume)),
    post("/_sandbox/console/{project_id}/reset", Public(console::reset)),
    post("/_sandbox/console/{project_id}/faults", Public(console::remove_fault)),
    post("/_sandbox/console/{project_id}/calls", Public(console::clear_calls)),
    // How a test steers a world.
    get("/_sandbox/projects", Steer(control::projects::list)),
    post("/_sandbox/projects", Steer(control::projects::create)),
    get("/_sandbox/projects/{project_id}/state", Steer(control::projects::state)),
    post("/_sandbox/projects/{project_id}/reset", Steer(control::rewind::reset)),
    post("/_sandbox/projects/{project_id}/snapshot", Steer(control::rewind::snapshot)),
    post("/_sandbox/projects/{project_id}/restore", Steer(control::rewind::restore)),
    post("/_sandbox/projects/{project_id}/clock", Steer(control::time::clock)),
    get("/_sandbox/projects/{project_id}/inbox", Inbox),
    get("/_sandbox/projects/{project_id}/totp", Steer(control::inbox::totp)),
    get("/_sandbox/projects/{project_id}/calls", Steer(control::calls::list)),
    delete("/_sandbox/projects/{project_id}/calls", Steer(control::calls::clear)),
    post("/_sandbox/projects/{project_id}/faults", Steer(control::faults::add)),
    get("/_sandbox/projects/{project_id}/faults", Steer(control::faults::list)),
    delete("/_sandbox/projects/{project_id}/faults", Steer(control::faults::clear)),
    delete("/_sandbox/projects/{project_id}/faults/{fault}", Steer(control::faults::remove)),
    post("/_sandbox/projects/{project_id}/approve", Steer(control::approve::approve)),
    post("/_sandbox/projects/{project_id}/expire", Steer(control::expire::expire)),
    post("/_sandbox/projects/{project_id}/keys/rotate", Steer(control::keys::rotate)),
    get("/_sandbox/support", Steer(control::support::show)),
    // The server API.
    post("/v1/b2b/oauth/discovery/authenticate", Done(api::oauth::discovery_authenticate)),
    post("/v1/b2b/oauth/authenticate", Done(api::oauth::authenticate)),
    post("/v1/b2b/discovery/intermediate_sessions/exchange", Done(api::discovery::exchange)),
    post("/v1/b2b/discovery/organizations/create", Done(api::discovery::create)),
    post("/v1/b2b/discovery/organizations", Done(api::discovery::list)),
    post("/v1/b2b/organizations/search", Done(api::search::search)),
    get("/v1/b2b/organizations/{organization_id}", Done(api::organizations::get)),
    post("/v1/b2b/sessions/authenticate", Done(api::sessions::authenticate)),
    post("/v1/b2b/sessions/revoke", Done(api::sessions::revoke)),
    get("/v1/b2b/sessions/jwks/{project_id}", Project(api::sessions::jwks)),
    // The vendor's other endpoints.
    post("/v1/b2b/organizations", Done(api::organizations::create)),
    put("/v1/b2b/organizations/{organization_id}", Done(api::organizations::update)),
    delete("/v1/b2b/organizations/{organization_id}", Done(api::organizations::delete)),
    get("/v1/b2b/organizations/{organization_id}/metrics", Done(api::organizations::metrics)),
    delete("/v1/b2b/organizations/{organization_id}/external_id", Done(api::organizations::delete_external_id)),
    get("/v1/b2b/organizations/{organization_id}/connected_apps", Missing),
    get("/v1/b2b/organizations/{organization_id}/connected_apps/{connected_app_id}", Missing),
    get("/v1/b2b/organizations/members/dangerously_get/{member_id}", Done(api::members::dangerously_get)),
    post("/v1/b2b/organizations/members/search", Done(api::member_search::search)),
    post("/v1/b2b/organizations/{organization_id}/members", Done(api::members::create)),
    get("/v1/b2b/organizations/{organization_id}/member", Done(api::members::get)),
    put("/v1/b2b/organizations/{organization_id}/members/{member_id}", Done(api::member_update::update)),
    delete("/v1/b2b/organizations/{organization_id}/members/{member_id}", Done(api::members::delete)),
    put("/v1/b2b/organizations/{organization_id}/members/{member_id}/reactivate", Done(api::members::reactivate)),
    delete("/v1/b2b/organizations/{organization_id}/members/mfa_phone_numbers/{member_id}", Done(api::member_factors::delete_phone)),
    delete("/v1/b2b/organizations/{organization_id}/members/passwords/{member_password_id}", Missing),
    delete("/v1/b2b/organizations/{organization_id}/members/{member_id}/totp", Done(api::member_factors::delete_totp)),
    delete("/v1/b2b/organizations/{organization_id}/members/{member_id}/external_id", Done(api::member_factors::delete_external_id)),
    post("/v1/b2b/organizations/{organization_id}/members/{member_id}/unlink_retired_email", Done(api::member_factors::unlink_retired_email)),
    post("/v1/b2b/organizations/{organization_id}/members/{member_id}/start_email_update", Missing),
    get("/v1/b2b/organizations/{organization_id}/members/{member_id}/connected_apps", Missing),
    post("/v1/b2b/organizations/{organization_id}/members/{member_id}/connected_apps/{connected_app_id}/revoke", Missing),
    get("/v1/b2b/organizations/{organization_id}/members/{member_id}/oidc_providers", Missing),
    get("/v1/b2b/organizations/{organization_id}/members/{member_id}/oauth_providers/{provider}", Done(api::oauth_providers::get)),
    get("/v1/b2b/sessions", Done(api::sessions::get)),
    post("/v1/b2b/sessions/exchange", Done(api::session_exchange::exchange)),
    post("/v1/b2b/sessions/exchange_access_token", Missing),
    post("/v1/b2b/sessions/attest", Missing),
    post("/v1/b2b/sessions/migrate", Missing),
    post("/v1/b2b/sso/authenticate", Done(api::sso::authenticate)),
    get("/v1/b2b/sso/{organization_id}", Done(api::sso::connections)),
    delete("/v1/b2b/sso/{organization_id}/connections/{connection_id}", Done(api::sso::delete_connection)),
    post("/v1/b2b/sso/oidc/{organization_id}", Missing),
    put("/v1/b2b/sso/oidc/{organization_id}/connections/{connection_id}", Missing),
    post("/v1/b2b/sso/saml/{organization_id}", Missing),
    put("/v1/b2b/sso/saml/{organization_id}/connections/{connection_id}", Missing),
    put("/v1/b2b/sso/saml/{organization_id}/connections/{connection_id}/url", Missing),
    delete("/v1/b2b/sso/saml/{organization_id}/connections/{connection_id}/verification_certificates/{certificate_id}", Missing),
    delete("/v1/b2b/sso/saml/{organization_id}/connections/{connection_id}/encryption_private_keys/{private_key_id}", Missing),
    post("/v1/b2b/sso/external/{organization_id}", Missing),
    put("/v1/b2b/sso/external/{organization_id}/connections/{connection_id}", Missing),
    post("/v1/b2b/magic_links/email/login_or_signup", Done(api::magic_links::login_or_signup)),
    post("/v1/b2b/magic_links/email/invite", Done(api::invites::invite)),
    post("/v1/b2b/magic_links/email/discovery/send", Done(api::magic_links::discovery_send)),
    post("/v1/b2b/magic_links/authenticate", Done(api::magic_links::authenticate)),
    post("/v1/b2b/magic_links/email/authenticate", Done(api::magic_links::authenticate)),
    post("/v1/b2b/magic_links/discovery/authenticate", Done(api::magic_links::discovery_authenticate)),
    post("/v1/b2b/magic_links/email/discovery/authenticate", Done(api::magic_links::discovery_authenticate)),
    post("/v1/b2b/otps/email/login_or_signup", Done(api::email_otps::login_or_signup)),
    post("/v1/b2b/otps/email/authenticate", Done(api::email_otps::authenticate)),
    post("/v1/b2b/otps/email/discovery/send", Done(api::email_otps::discovery_send)),
    post("/v1/b2b/otps/email/discovery/authenticate", Done(api::email_otps::discovery_authenticate)),
    post("/v1/b2b/otps/sms/send", Done(api::sms_otps::send)),
    post("/v1/b2b/otps/sms/authenticate", Done(api::sms_otps::authenticate)),
    post("/v1/b2b/totp", Done(api::totps::create)),
    post("/v1/b2b/totp/authenticate", Done(api::totps::authenticate)),
    post("/v1/b2b/totp/migrate", Missing),
    post("/v1/b2b/recovery_codes/recover", Done(api::recovery_codes::recover)),
    post("/v1/b2b/recovery_codes/rotate", Done(api::recovery_codes::rotate)),
    get("/v1/b2b/recovery_codes/{organization_id}/{member_id}", Done(api::recovery_codes::get)),
    post("/v1/b2b/passwords/authenticate", Missing),
    post("/v1/b2b/passwords/strength_check", Missing),
    post("/v1/b2b/passwords/migrate", Missing),
    post("/v1/b2b/passwords/email/reset/start", Missing),
    post("/v1/b2b/passwords/email/reset", Missing),
    post("/v1/b2b/passwords/email/require_reset", Missing),
    post("/v1/b2b/passwords/session/reset", Missing),
    post("/v1/b2b/passwords/existing_password/reset", Missing),
    post("/v1/b2b/passwords/discovery/authenticate", Missing),
    post("/v1/b2b/passwords/discovery/email/reset/start", Missing),
    post("/v1/b2b/passwords/discovery/email/reset", Missing),
    get("/v1/b2b/rbac/policy", Done(api::rbac::policy)),
    get("/v1/b2b/rbac/organizations/{organization_id}", Done(api::rbac::organization_policy)),
    put("/v1/b2b/rbac/organizations/{organization_id}", Done(api::rbac::set_organization_policy)),
    post("/v1/b2b/impersonation/authenticate", Missing),
    post("/v1/b2b/idp/oauth/authorize/start", Missing),
    post("/v1/b2b/idp/oauth/authorize", Missing),
    get("/v1/b2b/scim/{organization_id}/connection", Missing),
    post("/v1/b2b/scim/{organization_id}/connection", Missing),
    get("/v1/b2b/scim/{organization_id}/connection/{connection_id}", Missing),
    put("/v1/b2b/scim/{organization_id}/connection/{connection_id}", Missing),
    delete("/v1/b2b/scim/{organization_id}/connection/{connection_id}", Missing),
    post("/v1/b2b/scim/{organization_id}/connection/{connection_id}/rotate/{step}", Missing),
    get("/v1/b2b/scim/{organization_id}/connections", Missing),
    post("/v1/b2b/scim/{organization_id}/connections", Missing),
    put("/v1/b2b/scim/{organization_id}/connections/{connection_id}", Missing),
    delete("/v1/b2b/scim/{organization_id}/connections/{connection_id}", Missing),
    post("/v1/b2b/scim/{organization_id}/connections/{connection_id}/rotate/{step}", Missing),
    get("/v1/debug/whoami", Done(api::debug::whoami)),
    get("/v1/projects/metrics", Missing),
    post("/v1/m2m/clients", Missing),
    post("/v1/m2m/clients/search", Missing),
    get("/v1/m2m/clients/{client_id}", Missing),
    put("/v1/m2m/clients/{client_id}", Missing),
    delete("/v1/m2m/clients/{client_id}", Missing),
    post("/v1/m2m/clients/{client_id}/secrets/rotate", Missing),
    post("/v1/m2m/clients/{client_id}/secrets/rotate/{step}", Missing),
    post("/v1/connected_apps/clients", Missing),
    post("/v1/connected_apps/clients/search", Missing),
    get("/v1/connected_apps/clients/{client_id}", Missing),
    put("/v1/connected_apps/clients/{client_id}", Missing),
    delete("/v1/connected_apps/clients/{client_id}", Missing),
    post("/v1/connected_apps/clients/{client_id}/secrets/rotate", Missing),
    post("/v1/connected_apps/clients/{client_id}/secrets/rotate/{step}", Missing),
    // The vendor's other pages and redirects.
    get("/v1/public/sso/start", Public(sso_start::start)),
    post("/v1/public/{project_id}/oauth2/token", MissingPublic),
    get("/v1/magic_links/redirect", Public(magic_link::follow)),
    get("/v1/b2b/oauth/callback/{callback_id}", MissingPublic),
    get("/v1/b2b/sso/callback/{connection_id}", MissingPublic),
    post("/v1/b2b/sso/callback/{connection_id}", MissingPublic),
];

const fn get(path: &'static str, handler: Handler) -> Route {
    Route {
        method: "GET",
        path,
        handler,
    }
}

const fn post(path: &'static str, handler: Handler) -> Route {
    Route {
        method: "POST",
        path,
        handler,
    }
}

const fn put(path: &'static str, handler: Handler) -> Route {
    Route {
        method: "PUT",
        path,
        handler,
    }
}

const fn delete(path: &'static str, handler: Handler) -> Route {
    Route {
        method: "DELETE",
        path,
        handler,
    }
}
