//! The control API over HTTP, as a test in another language uses it.

mod access;
mod approve;
mod auto_approve;
mod calls;
mod clock;
mod expire;
mod faults;
mod keys;
mod messages;
mod parallel;
mod pinned;
mod projects;
mod rewind;

use reqwest::Method;
use serde_json::{Value, json};

use super::lab::{Lab, Reply};

/// A call of the control API; `None` sends no body.
pub async fn control(lab: &Lab, method: Method, path: &str, body: Option<Value>) -> Reply {
    let request = lab
        .http
        .request(method, format!("{}/_sandbox{path}", lab.url));
    Reply::send(match body {
        Some(body) => request.json(&body),
        None => request,
    })
    .await
}

/// A POST to the lab's project.
pub async fn steer(lab: &Lab, call: &str, body: Value) -> Reply {
    let path = format!("/projects/{}/{call}", lab.credentials().project_id);
    control(lab, Method::POST, &path, Some(body)).await
}

/// A GET of the lab's project.
pub async fn look(lab: &Lab, what: &str) -> Value {
    let path = format!("/projects/{}/{what}", lab.credentials().project_id);
    good(&control(lab, Method::GET, &path, None).await)
}

/// The body of a successful response.
#[track_caller]
pub fn good(reply: &Reply) -> Value {
    let body = reply.json();
    assert!((200..=201).contains(&reply.status), "{body}");
    body
}

/// Asserts an error that names this field and says what was expected.
#[track_caller]
pub fn refused(reply: &Reply, status: u16, field: &str) {
    let body = reply.json();
    assert_eq!(
        (reply.status, &body["status_code"], &body["field"]),
        (status, &json!(status), &json!(field)),
        "{body}"
    );
    let expected = body["expected"].as_str().unwrap_or_default();
    let message = body["error_message"].as_str().unwrap_or_default();
    assert!(!expected.is_empty() && message.contains(expected), "{body}");
    assert!(message.contains(field), "{body}");
}
