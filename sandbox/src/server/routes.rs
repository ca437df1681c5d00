//! The URLs that are the sandbox's own: pages, the console, the control API. The vendor's are in
//! [`support::routes`](crate::support::routes).

use self::Handler::{Control as Steer, Inbox, Public, Query};
use crate::{
    console,
    control::{self, request::Control},
    http::{
        Answer, Incoming, Route,
        route::{delete, get, post, put},
    },
    public::{consent, idp, idp_pages, pages, provider_keys, sso_start},
    world::sandbox::Sandbox,
};

/// What answers a URL.
#[derive(Debug)]
pub enum Handler {
    Public(fn(&Sandbox, &Incoming) -> Answer),
    Control(Control),
    /// The same, with these parameters in the query. The others have none.
    Query(&'static [&'static str], Control),
    /// The same, for the one call that waits.
    Inbox,
}

/// The URL table.
#[rustfmt::skip] // a table: one URL per line
pub const ROUTES: &[Route<Handler>] = &[
    // What a browser opens.
    get("/_sandbox/oauth/{request}", Public(consent::show)),
    post("/_sandbox/oauth/{request}", Public(consent::choose)),
    post("/_sandbox/oauth/{request}/person", Public(consent::add_person)),
    post("/_sandbox/oauth/{request}/cancel", Public(consent::cancel)),
    post("/_sandbox/oauth/{request}/made-up", Public(consent::make_up)),
    post("/_sandbox/oauth/{request}/fail", Public(consent::fail)),
    get("/_sandbox/oauth/{provider}/jwks.json", Public(provider_keys::jwks)),
    get("/_sandbox/oauth/{provider}/.well-known/openid-configuration", Public(provider_keys::configuration)),
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
    delete("/_sandbox/projects/{project_id}", Steer(control::projects::delete)),
    get("/_sandbox/projects/{project_id}/state", Steer(control::projects::state)),
    get("/_sandbox/projects/{project_id}/export", Steer(control::export::export)),
    post("/_sandbox/projects/{project_id}/reset", Steer(control::rewind::reset)),
    post("/_sandbox/projects/{project_id}/snapshot", Steer(control::rewind::snapshot)),
    post("/_sandbox/projects/{project_id}/restore", Steer(control::rewind::restore)),
    post("/_sandbox/projects/{project_id}/rbac_policy", Steer(control::policy::set)),
    post("/_sandbox/projects/{project_id}/clock", Steer(control::time::clock)),
    put("/_sandbox/projects/{project_id}/redirect_urls", Steer(control::redirect_urls::replace)),
    get("/_sandbox/projects/{project_id}/inbox", Inbox),
    delete("/_sandbox/projects/{project_id}/inbox", Steer(control::inbox::clear)),
    get("/_sandbox/projects/{project_id}/totp", Query(&["member_id"], control::inbox::totp)),
    get("/_sandbox/projects/{project_id}/calls", Steer(control::calls::list)),
    delete("/_sandbox/projects/{project_id}/calls", Steer(control::calls::clear)),
    post("/_sandbox/projects/{project_id}/faults", Steer(control::faults::add)),
    get("/_sandbox/projects/{project_id}/faults", Steer(control::faults::list)),
    delete("/_sandbox/projects/{project_id}/faults", Steer(control::faults::clear)),
    delete("/_sandbox/projects/{project_id}/faults/{fault}", Steer(control::faults::remove)),
    post("/_sandbox/projects/{project_id}/approve", Steer(control::approve::approve)),
    post("/_sandbox/projects/{project_id}/auto_approve", Steer(control::auto_approve::set)),
    get("/_sandbox/projects/{project_id}/auto_approve", Steer(control::auto_approve::show)),
    post("/_sandbox/projects/{project_id}/expire", Steer(control::expire::expire)),
    post("/_sandbox/projects/{project_id}/keys/rotate", Steer(control::keys::rotate)),
    post("/_sandbox/projects/{project_id}/webhooks", Steer(control::webhooks::create)),
    get("/_sandbox/projects/{project_id}/webhooks", Steer(control::webhooks::list)),
    get("/_sandbox/projects/{project_id}/webhooks/deliveries", Query(&["webhook_id"], control::webhooks::deliveries)),
    delete("/_sandbox/projects/{project_id}/webhooks/{webhook_id}", Steer(control::webhooks::delete)),
    get("/_sandbox/support", Steer(control::support::show)),
];
