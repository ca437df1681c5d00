//! A request of the console: its world, what was typed, and the calls that it makes.

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

/// The page, or why there is none.
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
    shown.unwrap_or_else(|error| refuse(&error))
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
    changed.unwrap_or_else(|error| refuse(&error))
}

/// What is not there, for a page about one thing.
pub fn unknown(what: &'static str) -> ControlError {
    let expected = "one of this project, which it may not know any more";
    ControlError::unknown(what, expected)
}

fn visit<'a>(sandbox: &'a Sandbox, request: &'a Incoming) -> Result<Visit<'a>, ControlError> {
    let id = request.path.get("project_id").map_or("", String::as_str);
    let world = sandbox.project(id).ok_or_else(|| {
        ControlError::unknown(
            "The project",
            "one of this sandbox, which it may not know any more",
        )
    })?;
    Ok(Visit {
        sandbox,
        request,
        world,
    })
}

fn refuse(error: &ControlError) -> Answer {
    pages::message(error.status, "That did not work", &error.message)
}

impl Visit<'_> {
    /// A path below that of the world's console.
    pub fn path(&self, rest: &str) -> String {
        format!("{}{rest}", Shell::path_of(&self.world))
    }

    /// A part of the path by its name in the route.
    pub fn part(&self, name: &str) -> &str {
        self.request.path.get(name).map_or("", String::as_str)
    }

    /// What all pages of the console have, for the page of this tab.
    pub fn shell(&self, tab: &'static str) -> Shell {
        Shell::new(&self.world, self.request, tab)
    }

    /// Back to this page of the console, which says what was done.
    pub fn back_to(&self, rest: &str, done: &str) -> Answer {
        let path = self.path(&format!("{rest}?done={done}"));
        answer::redirect(303, &self.request.location(&path))
    }

    /// Calls the API with the project's rights: the call has the checks, the effects and the webhooks of the app's own call.
    pub fn call(&self, api: Api, path: &[(&'static str, &str)], body: Map<String, Value>) -> Reply {
        self.run(&mut self.world.lock(), api, path, body)
    }

    /// The same in a world that is locked already, for several calls of which all or none take place.
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

    /// The same for a button, whose errors have a page of their own.
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
