//! The console at `/_sandbox/`: pages on which people look at a world and work in it. They need no script. Changes run through
//! the same handlers as calls of the API and of the control API, so the console permits nothing that these refuse.

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

/// `GET /`: who opens the address that the program printed is led to the console; a program gets the vendor's 404.
pub fn home(_: &Sandbox, request: &Incoming) -> Answer {
    if prefers_html(&request.headers) {
        answer::redirect(302, &request.location("/_sandbox/"))
    } else {
        answer::error(&ApiError::of("route_not_found"), &request.request_id)
    }
}

/// `GET /_sandbox/`: the world that was there from the beginning.
pub fn first(sandbox: &Sandbox, request: &Incoming) -> Answer {
    overview::page(&Visit {
        sandbox,
        request,
        world: sandbox.world(),
    })
}
