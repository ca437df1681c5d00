//! A request that a browser sends to one of the vendor's URLs: spoiled if the fault script of its project says so. It is
//! not in the log of calls, which is the server API's.

use axum::body::to_bytes;
use hyper::header::CONTENT_TYPE;
use serde_json::Value;

use crate::{
    http::{
        Answer, Incoming, answer,
        auth::{by_project, by_public_token},
    },
    model::FaultKind,
    server::{
        instead::instead,
        off_thread,
        spoil::{self, Reset},
    },
    world::{World, sandbox::Sandbox},
};

/// A request for a page or a redirect of the vendor's.
pub struct BrowserCall {
    pub sandbox: Sandbox,
    pub method: String,
    pub path: String,
    pub incoming: Incoming,
}

impl BrowserCall {
    /// Answers the request with `show`, or as a fault wants it.
    pub async fn serve(
        self,
        show: impl FnOnce(&Sandbox, &Incoming) -> Answer + Send + 'static,
    ) -> Result<Answer, Reset> {
        let begin = move || match self.fault() {
            None => Ok(show(&self.sandbox, &self.incoming)),
            Some(fault) => Err(Box::new((self, fault, show))),
        };
        let faulty = match off_thread::run(begin).await {
            Ok(answer) => return Ok(answer),
            Err(faulty) => faulty,
        };
        let (call, fault, show) = *faulty;
        spoil::delay_before(&fault).await?;
        if let Some(instead) = instead(&fault, &call.incoming.request_id) {
            return Ok(instead.answer);
        }
        let answer = off_thread::run(move || show(&call.sandbox, &call.incoming)).await;
        spoil::delay_after(&fault).await?;
        Ok(spoiled(answer, &fault).await)
    }

    fn fault(&self) -> Option<FaultKind> {
        let world = self.world()?;
        let mut state = world.lock();
        state.faults.take(&self.method, &self.path)
    }

    /// The project that the request names, in its path or by its public token.
    fn world(&self) -> Option<World> {
        let world = if let Some(id) = self.incoming.path.get("project_id") {
            by_project(&self.sandbox, id)
        } else {
            let token = self.incoming.parameter("public_token");
            by_public_token(&self.sandbox, token.unwrap_or_default())
        };
        world.ok()
    }
}

/// The answer with its body spoiled.
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
    spoil::body(fault, &mut answer, text);
    answer
}
