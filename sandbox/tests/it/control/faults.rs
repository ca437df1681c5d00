//! The fault script over HTTP. `faults.rs` tests the effects in detail.

use reqwest::Method;
use serde_json::{Value, json};

use super::{control, good, look, refused, steer};
use crate::lab::{Lab, Reply, text};

const SEARCH: &str = "/v1/b2b/organizations/search";

async fn add(lab: &Lab, mut more: Value) -> Value {
    more["method"] = json!("POST");
    more["path"] = json!(SEARCH);
    let reply = steer(lab, "faults", more).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    reply.json()
}

async fn remove(lab: &Lab, id: &str) -> Reply {
    let path = format!("/projects/{}/faults{id}", lab.credentials().project_id);
    control(lab, Method::DELETE, &path, None).await
}

async fn search(lab: &Lab) -> Reply {
    lab.post(SEARCH, json!({})).await
}

/// Every kind is accepted, listed as it was given, and has its effect, including those that break connections.
#[tokio::test]
async fn every_kind_is_accepted_and_works() {
    let lab = Lab::start().await;
    let headers = json!({ "Retry-After": "7" });
    for fault in [
        json!({ "kind": "latency", "ms": 1 }),
        json!({ "kind": "status", "status": 503, "headers": headers, "body": "busy" }),
        json!({ "kind": "error", "status": 404, "error_type": "made_up", "error_message": "So." }),
        json!({ "kind": "reset_before" }),
        json!({ "kind": "reset_mid" }),
        json!({ "kind": "reset_after" }),
        json!({ "kind": "garbage" }),
        json!({ "kind": "truncated" }),
        json!({ "kind": "empty" }),
        json!({ "kind": "redirect", "url": "http://127.0.0.1:9/x" }),
        json!({ "kind": "extra_fields" }),
        json!({ "kind": "unknown_enum" }),
        json!({ "kind": "other_organization" }),
    ] {
        let added = add(&lab, fault.clone()).await;
        let mut expected = fault.clone();
        expected["id"] = added["id"].clone();
        expected["method"] = json!("POST");
        expected["path"] = json!(SEARCH);
        expected["times"] = json!(1);
        assert_eq!(added, expected);
        assert_eq!(look(&lab, "faults").await["faults"], json!([expected]));
        let answer = lab.try_post(SEARCH, json!({})).await;
        let kind = text(&fault["kind"]);
        match (kind.as_str(), answer) {
            ("reset_before" | "reset_mid" | "reset_after", answer) => {
                assert!(answer.is_err(), "{kind}");
            }
            ("latency", answer) => assert_eq!(answer.expect("an answer").status, 200),
            ("status", answer) => {
                let answer = answer.expect("an answer");
                assert_eq!(
                    (answer.status, answer.header("retry-after"), &*answer.text),
                    (503, "7", "busy")
                );
            }
            ("error", answer) => answer.expect("an answer").is_error(404, "made_up"),
            ("redirect", answer) => {
                assert_eq!(
                    answer.expect("an answer").header("location"),
                    "http://127.0.0.1:9/x"
                );
            }
            ("extra_fields", answer) => {
                assert!(answer.expect("one").text.contains("sandbox_unknown_field"));
            }
            ("unknown_enum", answer) => {
                assert!(answer.expect("one").text.contains("sandbox_unknown_word"));
            }
            ("other_organization", answer) => {
                assert!(answer.expect("one").text.contains("somebody-else"));
            }
            (_, answer) => {
                let answer = answer.expect("an answer");
                assert!(
                    serde_json::from_str::<Value>(&answer.text).is_err(),
                    "{kind}"
                );
            }
        }
        assert_eq!(
            look(&lab, "faults").await["faults"],
            json!([]),
            "{kind}: used up"
        );
    }
    // Both would take forever to read.
    for kind in ["huge", "drip"] {
        let id = text(&add(&lab, json!({ "kind": kind })).await["id"]);
        good(&remove(&lab, &format!("/{id}")).await);
    }
    search(&lab).await.ok();
}

#[tokio::test]
async fn a_status_without_a_body_is_the_vendors_error() {
    let lab = Lab::start().await;
    add(&lab, json!({ "kind": "status", "status": 429 })).await;
    search(&lab).await.is_error(429, "too_many_requests");
    add(
        &lab,
        json!({ "kind": "status", "status": 500, "body": { "oops": [1] } }),
    )
    .await;
    let reply = search(&lab).await;
    assert_eq!((reply.status, &*reply.text), (500, r#"{"oops":[1]}"#));
}

#[tokio::test]
async fn they_are_used_up_and_can_be_removed_one_by_one_or_all() {
    let lab = Lab::start().await;
    let status =
        |status: u16, times: u32| json!({ "kind": "status", "status": status, "times": times });
    add(&lab, status(500, 2)).await;
    let second = text(&add(&lab, status(503, 9)).await["id"]);
    let third = text(&add(&lab, status(429, 9)).await["id"]);
    search(&lab).await.is_error(500, "internal_server_error");
    let left = look(&lab, "faults").await;
    assert_eq!(
        (
            &left["faults"][0]["times"],
            left["faults"].as_array().map(Vec::len)
        ),
        (&json!(1), Some(3))
    );
    good(&remove(&lab, &format!("/{second}")).await);
    refused(&remove(&lab, &format!("/{second}")).await, 404, "fault");
    search(&lab).await.is_error(500, "internal_server_error");
    search(&lab).await.is_error(429, "too_many_requests");
    assert_eq!(look(&lab, "faults").await["faults"][0]["id"], json!(third));
    good(&remove(&lab, "").await);
    search(&lab).await.ok();
}

/// A hold is listed while it holds a request, even after its last call.
#[tokio::test]
async fn held_calls_are_listed_and_released() {
    let lab = Lab::start().await;
    for (kind, id_in_path) in [("hold", true), ("hold_after", false)] {
        let id = text(&add(&lab, json!({ "kind": kind })).await["id"]);
        let held = async {
            loop {
                let faults = look(&lab, "faults").await["faults"].take();
                if faults[0]["held"] == 1 {
                    assert_eq!(
                        (&faults[0]["id"], &faults[0]["times"]),
                        (&json!(id), &json!(0))
                    );
                    break;
                }
                tokio::task::yield_now().await;
            }
            let path = if id_in_path {
                format!("/{id}")
            } else {
                String::new()
            };
            good(&remove(&lab, &path).await);
        };
        let (reply, ()) = tokio::join!(search(&lab), held);
        reply.ok();
        assert_eq!(look(&lab, "faults").await["faults"], json!([]));
    }
}

#[tokio::test]
async fn errors_name_the_field() {
    let lab = Lab::start().await;
    let good_one = json!({ "method": "POST", "path": SEARCH, "kind": "status", "status": 500 });
    for (field, value) in [
        ("kind", json!(null)),
        ("kind", json!("explode")),
        ("method", json!("PATCH")),
        ("method", json!(null)),
        ("path", json!("organizations/search")),
        ("path", json!("/_sandbox/health")),
        ("path", json!("/v1/b2b/organisations/search")),
        ("path", json!("/v1/*/search")),
        ("path", json!("/v1/b2b/sessions/jwks/{project_id}/more")),
        ("times", json!(0)),
        ("times", json!("2")),
        ("status", json!(null)),
        ("status", json!(199)),
        ("status", json!(600)),
        ("headers", json!(["Retry-After"])),
        ("headers.Retry-After", json!({ "Retry-After": 7 })),
        ("headers.a b", json!({ "a b": "x" })),
        ("ms", json!(3)),
    ] {
        let mut body = good_one.clone();
        body[field.split('.').next().unwrap_or_default()] = value;
        refused(&steer(&lab, "faults", body).await, 400, field);
    }
    for (kind, field) in [("latency", "ms"), ("redirect", "url"), ("error", "status")] {
        let body = json!({ "method": "*", "path": "/v1/*", "kind": kind });
        refused(&steer(&lab, "faults", body).await, 400, field);
    }
    assert_eq!(look(&lab, "faults").await["faults"], json!([]));
}
