//! `sessions.get`. See `docs/stytch.md#sessions-and-jwts`.

use std::time::Duration;

use serde_json::json;

use super::lab::{Lab, text};
use super::shapes::{SESSION, has_exactly};

#[tokio::test]
async fn a_members_live_sessions_are_listed() {
    let lab = Lab::start().await;
    let id = text(&lab.member("acme", "ada@acme.example")["member_id"]);
    let list = || async {
        let path = format!("/v1/b2b/sessions?organization_id=acme&member_id={id}");
        lab.get(&path).await.ok()["member_sessions"].clone()
    };
    assert_eq!(list().await, json!([]));
    let (first, _) = lab.adas_session().await;
    lab.sign_in("google", "ada@acme.example", "oneil", json!({}))
        .await
        .ok();
    lab.world.advance(Duration::from_mins(30));
    let second = lab
        .sign_in("google", "ada@acme.example", "acme", json!({}))
        .await
        .ok();
    let sessions = list().await;
    assert_eq!(
        sessions.as_array().map(Vec::len),
        Some(2),
        "those of this member only"
    );
    has_exactly(&sessions[0], SESSION);
    assert_eq!(sessions[1], second["member_session"]);
    lab.post("/v1/b2b/sessions/revoke", json!({ "session_token": first }))
        .await
        .ok();
    assert_eq!(list().await, json!([second["member_session"]]));
    lab.world.advance(Duration::from_hours(1));
    assert_eq!(list().await, json!([]));
}

#[tokio::test]
async fn both_arguments_are_required_and_must_match() {
    let lab = Lab::start().await;
    let id = text(&lab.member("acme", "ada@acme.example")["member_id"]);
    for (query, status, error) in [
        (String::new(), 400, "bad_request"),
        ("organization_id=acme".to_owned(), 400, "bad_request"),
        (format!("member_id={id}"), 400, "bad_request"),
        (
            format!("organization_id=nobody&member_id={id}"),
            404,
            "organization_not_found",
        ),
        (
            format!("organization_id=globex&member_id={id}"),
            404,
            "member_not_found",
        ),
    ] {
        lab.get(&format!("/v1/b2b/sessions?{query}"))
            .await
            .is_error(status, error);
    }
}

/// External ids are unique in an organization only, so one could end sessions of a member elsewhere.
#[tokio::test]
async fn revoking_does_not_accept_an_external_id() {
    let lab = Lab::start().await;
    let (token, _) = lab.adas_session().await;
    lab.world.patch_member(
        "acme",
        "ada@acme.example",
        json!({ "external_id": "crm-1" }),
    );
    lab.post("/v1/b2b/sessions/revoke", json!({ "member_id": "crm-1" }))
        .await
        .is_error(404, "member_not_found");
    let body = json!({ "session_token": token });
    lab.post("/v1/b2b/sessions/authenticate", body).await.ok();
}
