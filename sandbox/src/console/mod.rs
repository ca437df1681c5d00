//! The console at `/_sandbox/`: pages that show a world and change it, without scripts. Changes run through the same
//! handlers as calls of the API and the control API, so the console has the same rules.

pub mod calls;
pub mod connections;
pub mod faults;
mod field;
mod form;
pub mod member;
mod member_form;
pub mod messages;
pub mod organization;
mod organization_form;
pub mod organizations;
pub mod overview;
pub mod people;
pub mod redirect_urls;
mod rows;
pub mod sessions;
mod shell;
mod stories;
mod typed;
pub mod visit;
pub mod webhooks;

use crate::{
    console::visit::Visit,
    http::{Answer, Incoming, answer},
    model::ApiError,
    public::accept::prefers_html,
    world::sandbox::Sandbox,
};

/// `GET /`: redirects a browser to the console. A program receives the vendor's 404.
pub fn home(_: &Sandbox, request: &Incoming) -> Answer {
    if prefers_html(&request.headers) {
        answer::redirect(302, &request.location("/_sandbox/"))
    } else {
        answer::error(&ApiError::of("route_not_found"), &request.request_id)
    }
}

/// `GET /_sandbox/`: redirects to the world that the program started with.
pub fn first(sandbox: &Sandbox, request: &Incoming) -> Answer {
    overview::page(&Visit {
        sandbox,
        request,
        world: sandbox.world(),
    })
}
