//! The console at `/_sandbox/`: a world to look at, and the few things that a person wants to do with it. Pages
//! without a script; what a test needs beyond it is in the control API.

mod stories;
mod view;

use std::collections::HashMap;

use crate::{
    control::{error::ControlError, request::check_origin, time},
    http::{Answer, Incoming, answer},
    model::ApiError,
    public::{accept::prefers_html, pages},
    world::{World, sandbox::Sandbox},
};

/// `GET /`: who opens the address that the program printed is led to the console; a program gets the vendor's 404.
pub fn home(_: &Sandbox, request: &Incoming) -> Answer {
    if prefers_html(&request.headers) {
        answer::redirect(302, "/_sandbox/")
    } else {
        answer::error(&ApiError::of("route_not_found"), &request.request_id)
    }
}

/// `GET /_sandbox/`: the world that was there from the beginning.
pub fn first(sandbox: &Sandbox, request: &Incoming) -> Answer {
    view::page(sandbox, &sandbox.world(), request)
}

/// `GET /_sandbox/console/{project_id}`: any world.
pub fn show(sandbox: &Sandbox, request: &Incoming) -> Answer {
    match world(sandbox, request) {
        Ok(world) => view::page(sandbox, &world, request),
        Err(error) => refuse(&error),
    }
}

/// `POST …/advance`: by the form's `seconds`.
pub fn advance(sandbox: &Sandbox, request: &Incoming) -> Answer {
    act(sandbox, request, |world, form| {
        let seconds = form
            .get("seconds")
            .and_then(|text| text.trim().parse().ok());
        let seconds =
            seconds.ok_or_else(|| ControlError::field("seconds", "a whole number of seconds"))?;
        time::advance(&mut world.lock(), seconds)
    })
}

/// `POST …/freeze`: at the form's `at`.
pub fn freeze(sandbox: &Sandbox, request: &Incoming) -> Answer {
    act(sandbox, request, |world, form| {
        let at = form.get("at").map_or("", |text| text.trim());
        let at = time::read_time(at).ok_or_else(|| ControlError::field("The time", time::TIME))?;
        world.freeze_at(at);
        Ok(())
    })
}

/// `POST …/resume`
pub fn resume(sandbox: &Sandbox, request: &Incoming) -> Answer {
    act(sandbox, request, |world, _| {
        world.resume();
        Ok(())
    })
}

/// `POST …/reset`
pub fn reset(sandbox: &Sandbox, request: &Incoming) -> Answer {
    act(sandbox, request, |world, _| {
        world.reset();
        Ok(())
    })
}

/// `POST …/faults`: removes the form's `fault`.
pub fn remove_fault(sandbox: &Sandbox, request: &Incoming) -> Answer {
    act(sandbox, request, |world, form| {
        // One that is used up meanwhile is removed just the same.
        let fault = form.get("fault").map_or("", String::as_str);
        world.lock().faults.remove(Some(fault));
        Ok(())
    })
}

/// `POST …/calls`: forgets them.
pub fn clear_calls(sandbox: &Sandbox, request: &Incoming) -> Answer {
    act(sandbox, request, |world, _| {
        world.clear_calls();
        Ok(())
    })
}

type Form = HashMap<String, String>;

/// Does what a button of the console wants, if the press came from the console, and shows it again.
fn act(
    sandbox: &Sandbox,
    request: &Incoming,
    change: impl FnOnce(&World, &Form) -> Result<(), ControlError>,
) -> Answer {
    let done = check_origin(request).and_then(|()| {
        let world = world(sandbox, request)?;
        change(&world, &request.form())?;
        Ok(world)
    });
    match done {
        Ok(world) => answer::redirect(303, &view::path(&world)),
        Err(error) => refuse(&error),
    }
}

fn world(sandbox: &Sandbox, request: &Incoming) -> Result<World, ControlError> {
    let id = request.path.get("project_id").map_or("", String::as_str);
    sandbox.project(id).ok_or_else(|| {
        ControlError::unknown(
            "The project",
            "one of this sandbox, which it may not know any more",
        )
    })
}

fn refuse(error: &ControlError) -> Answer {
    pages::message(error.status, "That did not work", &error.message)
}
