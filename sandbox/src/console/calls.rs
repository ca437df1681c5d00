//! The log of calls, newest first, and one call with its body.

use askama::Template;
use hyper::header::{HeaderName, HeaderValue};
use serde_json::Value;
use url::form_urlencoded::Serializer;

use crate::{
    console::{
        rows::time,
        shell::{Shell, render},
        visit::{Shown, Visit, unknown},
    },
    http::Answer,
    model::{Call, LoggedCall},
    public::{
        listing::{Listing, Search},
        names,
    },
};

/// Seconds between two reloads of a followed page.
const FOLLOW: u64 = 3;

#[derive(Template)]
#[template(path = "console/calls.html")]
struct Page {
    shell: Shell,
    search: Search,
    is_followed: bool,
    /// URL of the same page with following switched on or off.
    other: String,
    calls: Listing<Row>,
    dropped: u64,
    most: usize,
}

struct Row {
    at: String,
    method: String,
    path: String,
    status: u16,
    error_type: String,
    request_id: String,
}

#[derive(Template)]
#[template(path = "console/call.html")]
struct OneCall {
    shell: Shell,
    call: Row,
    /// JSON body with secrets masked; `None` if the body was not JSON.
    body: Option<String>,
    /// One sentence for each token in the call that did not work.
    explanations: Vec<String>,
}

/// `GET …/calls`: with `follow` in the query, the browser reloads the page every few seconds.
pub fn page(visit: &Visit<'_>) -> Answer {
    let path = visit.path("/calls");
    let search = Search::of(visit.request, &path);
    let shell = visit.shell("/calls");
    let state = visit.world.lock();
    let calls = state.calls.iter().rev().map(|logged| &logged.call);
    let found = calls.filter(|call| {
        let error_type = call.error_type.as_deref().unwrap_or_default();
        let status = call.status.to_string();
        search.fits(&[&call.method, &call.path, &status, error_type, outcome(call)])
    });
    let is_followed = visit.request.parameter("follow").is_some();
    let page = Page {
        shell,
        is_followed,
        other: other(visit, &path, is_followed),
        calls: Listing::of(visit.request, &path, "calls", found, row),
        dropped: state.calls.dropped(),
        most: state.calls.most(),
        search,
    };
    drop(state);
    let mut answer = render(200, &page);
    if is_followed {
        let name = HeaderName::from_static("refresh");
        answer.headers_mut().insert(name, HeaderValue::from(FOLLOW));
    }
    answer
}

/// The same search with `follow`, or without it.
fn other(visit: &Visit<'_>, path: &str, is_followed: bool) -> String {
    let query = visit.request.query.iter();
    let kept = query.filter(|(name, _)| !matches!(name.as_str(), "follow" | "calls" | "done"));
    let follow = (!is_followed).then_some(("follow", "yes"));
    let query = Serializer::new(String::new())
        .extend_pairs(kept)
        .extend_pairs(follow)
        .finish();
    format!("{path}?{query}")
}

/// `GET …/calls/{request_id}`
pub fn one(visit: &Visit<'_>) -> Shown {
    let id = visit.part("request_id");
    let shell = visit.shell("/calls");
    let state = visit.world.lock();
    let mut calls = state.calls.iter().rev();
    let found = calls.find(|logged| logged.call.request_id == id);
    let logged = found.cloned();
    drop(state);
    let logged = logged.ok_or_else(|| unknown("call"))?;
    let texts = logged
        .tokens
        .iter()
        .filter_map(|it| it["explanation"].as_str());
    let page = OneCall {
        shell,
        body: body(&logged),
        explanations: texts.map(str::to_owned).collect(),
        call: row(&logged.call),
    };
    Ok(render(200, &page))
}

fn row(call: &Call) -> Row {
    Row {
        at: time(call.at),
        method: call.method.clone(),
        path: call.path.clone(),
        status: call.status,
        error_type: call.error_type.clone().unwrap_or_default(),
        request_id: call.request_id.clone(),
    }
}

/// The word that a search for calls with this outcome uses.
fn outcome(call: &Call) -> &'static str {
    match call.status {
        0 => "no response",
        400.. => "error",
        _ => "ok",
    }
}

/// The body with secrets masked. For a truncated body, only its length, because incomplete JSON can't be masked.
fn body(logged: &LoggedCall) -> Option<String> {
    match logged.masked_body() {
        Value::Null => None,
        Value::String(note) => Some(note),
        body => serde_json::to_string_pretty(&body).ok(),
    }
}

/// `POST …/calls`: clears the log.
pub fn clear(visit: &Visit<'_>) -> Answer {
    visit.world.clear_calls();
    visit.back_to("/calls", "cleared")
}
