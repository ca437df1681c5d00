//! Serves a browser's request: logs it with its project, and applies the project's faults.

use axum::body::to_bytes;
use hyper::header::CONTENT_TYPE;
use serde_json::{Map, Value};

use crate::{
    http::{
        Answer, Incoming, answer,
        auth::{by_project, by_public_token},
    },
    model::{Call, CallRoute, FaultKind, LoggedCall, OpenRequest},
    rules::{
        ActingHeaders,
        explain::{explain, tokens},
    },
    server::{
        call_log::{self, Done},
        instead::instead,
        spoil::{self, Reset},
    },
    world::{World, off_thread, sandbox::Sandbox},
};

/// A request for a page or a redirect.
pub struct BrowserCall {
    pub sandbox: Sandbox,
    pub method: String,
    pub path: String,
    pub incoming: Incoming,
}

impl BrowserCall {
    /// Responds with `show`, or as a fault requires.
    pub async fn serve(
        self,
        show: impl FnOnce(&Sandbox, &Incoming) -> Answer + Send + 'static,
    ) -> Result<Answer, Reset> {
        let begin = move || {
            let world = self.world();
            let fault = world.as_ref().and_then(|world| self.arrive(world));
            match fault {
                None => {
                    let answer = show(&self.sandbox, &self.incoming);
                    Ok(self.finish(world.as_ref(), answer))
                }
                Some(fault) => Err(Box::new((self, world, fault, show))),
            }
        };
        let faulty = match off_thread::run(begin).await {
            Ok(answer) => return Ok(answer),
            Err(faulty) => faulty,
        };
        let (call, world, fault, show) = *faulty;
        spoil::delay_before(&fault).await?;
        if let Some(instead) = instead(&fault, &call.incoming.request_id) {
            let finish = move || call.finish(world.as_ref(), instead.answer);
            return Ok(off_thread::run(finish).await);
        }
        let answer = off_thread::run(move || {
            let answer = show(&call.sandbox, &call.incoming);
            call.finish(world.as_ref(), answer)
        })
        .await;
        spoil::delay_after(&fault).await?;
        Ok(spoiled(answer, &fault).await)
    }

    /// Writes the call into the project's log, and returns the fault for it.
    fn arrive(&self, world: &World) -> Option<FaultKind> {
        let form = self.incoming.form();
        let call = Call {
            method: self.method.clone(),
            path: self.path.clone(),
            status: 0,
            error_type: None,
            request_id: self.incoming.request_id.clone(),
            at: world.now(),
            body: call_log::object(form.iter()),
        };
        let query = self.incoming.query.iter();
        let query = call_log::object(query.map(|(name, value)| (name, value)));
        let call = LoggedCall::new(call, CallRoute::Browser, &query);
        call_log::begin(world, call);
        world.lock().faults.take(&self.method, &self.path)
    }

    /// Writes the outcome into the project's log, and attaches notes for the program's log to the response.
    fn finish(&self, world: Option<&World>, mut answer: Answer) -> Answer {
        let Some(world) = world else {
            return answer;
        };
        let mut done = Done::of(&answer);
        let request_id = &self.incoming.request_id;
        if done.status >= 400 {
            let query = self.incoming.query.iter();
            let query = query.map(|(name, value)| (name, value));
            let tokens = tokens(&Map::new(), query, &ActingHeaders::default());
            done.tokens = explain(&world.lock(), &tokens, request_id);
        }
        call_log::complete(world, request_id, &done);
        let project_id = world.credentials().project_id.clone();
        answer::note(&mut answer, |it| {
            done.note(it);
            it.project_id = Some(project_id);
        });
        answer
    }

    /// The project of the request. It is named by the request id in a page's path, by the form of a start at the IdP,
    /// by the path of a vendor URL, or by the public token. Requests for the console belong to no project.
    fn world(&self) -> Option<World> {
        if let Some(request) = self.incoming.path.get("request") {
            return self.sandbox.project(OpenRequest::project_id(request));
        }
        if self.path == "/_sandbox/idp" && self.method == "POST" {
            let id = self.incoming.form().remove("project_id")?;
            return self.sandbox.project(&id);
        }
        if !self.path.starts_with("/v1/") {
            return None;
        }
        let world = if let Some(id) = self.incoming.path.get("project_id") {
            by_project(&self.sandbox, id)
        } else {
            let token = self.incoming.parameter("public_token");
            by_public_token(&self.sandbox, token.unwrap_or_default())
        };
        world.ok()
    }
}

/// The response with its body changed by the fault.
async fn spoiled(answer: Answer, fault: &FaultKind) -> Answer {
    let (parts, body) = answer.into_parts();
    let mut text = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let is_json = parts
        .headers
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    if is_json && let Ok(mut json) = serde_json::from_slice::<Value>(&text) {
        spoil::change(fault, &mut json);
        text = json.to_string().into();
    }
    let mut answer = answer::json(200, &Value::Null);
    *answer.status_mut() = parts.status;
    *answer.headers_mut() = parts.headers;
    *answer.extensions_mut() = parts.extensions;
    spoil::body(fault, &mut answer, text);
    answer
}
