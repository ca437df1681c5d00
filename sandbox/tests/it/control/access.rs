//! Access to the control API: programs on this machine, and the sandbox's own pages.

use reqwest::Method;
use serde_json::json;

use super::{control, look, refused, steer};
use crate::lab::{Lab, Reply};

#[tokio::test]
async fn pages_of_other_sites_are_refused() {
    let lab = Lab::start().await;
    let path = format!(
        "{}/_sandbox/projects/{}",
        lab.url,
        lab.credentials().project_id
    );
    let reset = |name: &'static str, value: String| {
        Reply::send(lab.http.post(format!("{path}/reset")).header(name, value))
    };
    let read = |name: &'static str, value: String| {
        Reply::send(lab.http.get(format!("{path}/state")).header(name, value))
    };
    lab.world
        .add_organization(json!({ "name": "Kept", "slug": "kept" }));
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
    ] {
        for reply in [
            reset(name, value.to_owned()).await,
            read(name, value.to_owned()).await,
        ] {
            assert_eq!(reply.status, 403, "{name}: {value}");
            assert_eq!(reply.json()["error_type"], "sandbox_forbidden");
            assert_eq!(reply.header("access-control-allow-origin"), "");
        }
    }
    assert!(lab.organization("kept").is_object(), "nothing was reset");
    for (name, value) in [
        ("sec-fetch-site", "same-origin".to_owned()),
        ("sec-fetch-site", "none".to_owned()),
        ("origin", lab.url.clone()),
    ] {
        assert_eq!(read(name, value).await.status, 200, "{name}");
    }
}

/// A form can't send this content type to another site without a preflight.
#[tokio::test]
async fn a_body_must_be_json_with_its_content_type() {
    let lab = Lab::start().await;
    let url = format!(
        "{}/_sandbox/projects/{}/clock",
        lab.url,
        lab.credentials().project_id
    );
    let post = |kind: &'static str, body: &'static str| {
        Reply::send(lab.http.post(&url).header("content-type", kind).body(body))
    };
    let before = lab.world.now();
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/jsonp",
    ] {
        let reply = post(kind, r#"{"advance_seconds": 999}"#).await;
        refused(&reply, 400, "Content-Type");
    }
    refused(&post("application/json", "[]").await, 400, "The body");
    refused(&post("application/json", "{").await, 400, "The body");
    assert!(lab.world.now() - before < time::Duration::seconds(900));
    let good = post(
        "application/json; charset=utf-8",
        r#"{"advance_seconds": 999}"#,
    )
    .await;
    assert_eq!(good.status, 200);
}

#[tokio::test]
async fn other_hosts_are_refused() {
    let lab = Lab::start().await;
    for host in ["evil.example", "127.0.0.1.evil.example", "192.0.2.1:3100"] {
        let request = lab.http.get(format!("{}/_sandbox/projects", lab.url));
        let reply = Reply::send(request.header("host", host)).await;
        assert_eq!(reply.status, 421, "{host}");
        assert!(!reply.text.contains("public-token-test"));
    }
}

#[tokio::test]
async fn unknown_projects_and_calls_are_404() {
    let lab = Lab::start().await;
    let post = |path: &'static str| control(&lab, Method::POST, path, None);
    for id in [
        "project-test-nobody",
        "project-live-5a4db0c5-0000-4000-8000-000000000001",
    ] {
        for (method, call) in [
            (Method::GET, "state"),
            (Method::GET, "calls"),
            (Method::DELETE, "calls"),
            (Method::GET, "faults"),
            (Method::DELETE, "faults"),
            (Method::DELETE, "faults/fault-1"),
            (Method::POST, "reset"),
            (Method::POST, "snapshot"),
            (Method::POST, "keys/rotate"),
        ] {
            let reply = control(&lab, method, &format!("/projects/{id}/{call}"), None).await;
            refused(&reply, 404, "project_id");
        }
    }
    assert_eq!(post("/nothing").await.status, 404);
    let reply = post("/health").await;
    assert_eq!((reply.status, reply.header("allow")), (405, "GET, HEAD"));
}

/// A misspelled field would otherwise silently have no effect.
#[tokio::test]
async fn unknown_fields_are_refused() {
    let lab = Lab::start().await;
    for (call, body) in [
        ("reset", json!({ "now": true })),
        ("snapshot", json!({ "name": "x" })),
        ("clock", json!({ "advance_second": 1 })),
        ("keys/rotate", json!({ "kid": "x" })),
        ("expire", json!({ "tokens": [] })),
        ("restore", json!({ "snapshots": "x" })),
        ("faults", json!({ "kind": "garbage", "ms": 3 })),
        ("approve", json!({ "flows": "oauth" })),
    ] {
        let field = body
            .as_object()
            .and_then(|it| it.keys().next_back())
            .cloned();
        refused(
            &steer(&lab, call, body).await,
            400,
            &field.unwrap_or_default(),
        );
    }
}

/// Responses of the control API can end up in logs, so they contain no secrets of the world.
#[tokio::test]
async fn only_the_response_to_a_creation_contains_a_secret() {
    let lab = Lab::start().await;
    lab.ist("google", "ada@acme.example").await;
    lab.adas_session().await;
    let shown = [
        look(&lab, "state").await,
        look(&lab, "calls").await,
        look(&lab, "faults").await,
        control(&lab, Method::GET, "/projects", None).await.json(),
    ]
    .map(|value| value.to_string())
    .concat();
    let secrets = lab.world.minted_secrets();
    assert!(secrets.len() > 5);
    for secret in secrets {
        assert!(!shown.contains(&secret), "{secret}");
    }
}
