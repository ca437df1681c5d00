//! A request to the console: its world, its input, and the calls that it makes.

use serde_json::{Map, Value};

use crate::{
    console::{shell::Shell, typed::Typed},
    control::{
        error::ControlError,
        request::{Control, ControlRequest, check_origin},
    },
    http::{Answer, Api, ApiRequest, Incoming, answer},
    model::{ApiError, CurrentCall, Reply, State},
    public::pages,
    rules::current,
    world::{World, sandbox::Sandbox},
};

/// The page, or the error that is shown instead.
pub type Shown = Result<Answer, ControlError>;

/// A request for a page of a world's console.
pub struct Visit<'a> {
    pub sandbox: &'a Sandbox,
    pub request: &'a Incoming,
    pub world: World,
}

/// `GET`: shows a page.
pub fn show(
    sandbox: &Sandbox,
    request: &Incoming,
    page: impl FnOnce(&Visit<'_>) -> Shown,
) -> Answer {
    let shown = visit(sandbox, request).and_then(|visit| page(&visit));
    shown.unwrap_or_else(|error| refuse(&error, "This page can't be shown"))
}

/// `POST`: changes something, unless the form was sent by another site's page.
pub fn change(
    sandbox: &Sandbox,
    request: &Incoming,
    change: impl FnOnce(&Visit<'_>, &Typed) -> Shown,
) -> Answer {
    let changed = check_origin(request)
        .and_then(|()| visit(sandbox, request))
        .and_then(|visit| change(&visit, &Typed::of(request)));
    changed.unwrap_or_else(|error| refuse(&error, "The change was refused"))
}

/// The error for a page about something that does not exist, such as a `member`.
pub fn unknown(what: &'static str) -> ControlError {
    not_found(format!(
        "This project has no such {what}. It may have been deleted, or the project was reset."
    ))
}

fn not_found(message: String) -> ControlError {
    ControlError::plain(404, "sandbox_not_found", message)
}

fn visit<'a>(sandbox: &'a Sandbox, request: &'a Incoming) -> Result<Visit<'a>, ControlError> {
    let id = request.path.get("project_id").map_or("", String::as_str);
    let world = sandbox.project(id).ok_or_else(|| {
        not_found(
            "This sandbox has no such project. It may have been deleted, or the sandbox was restarted."
                .to_owned(),
        )
    })?;
    Ok(Visit {
        sandbox,
        request,
        world,
    })
}

/// The page for an error. `title` is for errors about something that exists.
fn refuse(error: &ControlError, title: &str) -> Answer {
    let title = match error.error_type {
        "sandbox_not_found" => "Not found",
        _ => title,
    };
    pages::leading_to_console(error.status, title, &error.message, "Go to the console")
}

impl Visit<'_> {
    /// A path below the path of the world's console.
    pub fn path(&self, rest: &str) -> String {
        format!("{}{rest}", Shell::path_of(&self.world))
    }

    /// The part of the path that this name stands for in the route.
    pub fn part(&self, name: &str) -> &str {
        self.request.path.get(name).map_or("", String::as_str)
    }

    /// The frame for the page of this tab.
    pub fn shell(&self, tab: &'static str) -> Shell {
        Shell::new(&self.world, self.request, tab)
    }

    /// Redirects to this page of the console with a note about the change.
    pub fn back_to(&self, rest: &str, done: &str) -> Answer {
        let path = self.path(&format!("{rest}?done={done}"));
        answer::redirect(303, &self.request.location(&path))
    }

    /// Calls the API with the project's rights. The call has the same checks, effects and webhooks as a call of the app.
    pub fn call(&self, api: Api, path: &[(&'static str, &str)], body: Map<String, Value>) -> Reply {
        self.run(&mut self.world.lock(), api, path, body)
    }

    /// The same with a world that is already locked, for several calls that must all succeed or have no effect.
    pub fn run(
        &self,
        state: &mut State,
        api: Api,
        path: &[(&'static str, &str)],
        body: Map<String, Value>,
    ) -> Reply {
        let path = path.iter().map(|(name, part)| (*name, (*part).to_owned()));
        let request = ApiRequest {
            path: path.collect(),
            body,
            base_url: self.request.origin(),
            ..ApiRequest::default()
        };
        let call = CurrentCall {
            origin: self.request.origin(),
            method: "POST".to_owned(),
            path: self.path(""),
            request_id: self.request.request_id.clone(),
        };
        current::run(state, call, |state| api(state, &request))
    }

    /// Calls the API for a button, whose errors are shown on a separate page.
    pub fn press(
        &self,
        api: Api,
        path: &[(&'static str, &str)],
        body: Map<String, Value>,
    ) -> Result<Map<String, Value>, ControlError> {
        self.call(api, path, body).map_err(|it| plain(&it))
    }

    /// Calls the control API.
    pub fn control(&self, act: Control, body: Map<String, Value>) -> Result<Value, ControlError> {
        let request = ControlRequest {
            sandbox: self.sandbox,
            incoming: self.request,
            body,
        };
        act(&request).map(|(_, body)| body)
    }
}

fn plain(error: &ApiError) -> ControlError {
    let message = error.message.clone();
    ControlError::plain(error.status, "sandbox_bad_request", message)
}
