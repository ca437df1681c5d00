//! Custom claims of an existing session.

use serde_json::{Value, json};

use super::lab::Lab;

async fn authenticate(lab: &Lab, token: &str, claims: Value) -> Value {
    let body = json!({ "session_token": token, "session_custom_claims": claims });
    let answer = lab.post("/v1/b2b/sessions/authenticate", body).await.ok();
    answer["member_session"].clone()
}

/// The expiry of the session does not change.
#[tokio::test]
async fn claims_are_updated_without_a_duration() {
    let lab = Lab::start().await;
    let (token, _) = lab.adas_session().await;
    let first = authenticate(&lab, &token, json!({ "plan": "free", "seats": 1 })).await;
    lab.world.advance(std::time::Duration::from_mins(10));
    let second = authenticate(&lab, &token, json!({ "plan": "paid", "seats": null })).await;
    assert_eq!(second["custom_claims"], json!({ "plan": "paid" }));
    assert_eq!(first["expires_at"], second["expires_at"]);
    let third = authenticate(&lab, &token, json!(null)).await;
    assert_eq!(third["custom_claims"], json!({ "plan": "paid" }), "kept");
}

/// Objects are merged at every depth, and null deletes a key.
#[tokio::test]
async fn nested_claims_are_merged() {
    let lab = Lab::start().await;
    let (token, _) = lab.adas_session().await;
    let claims = json!({ "app": { "a": 1, "b": { "c": 1, "d": 2 }, "list": [1, null] } });
    let written = authenticate(&lab, &token, claims.clone()).await;
    assert_eq!(written["custom_claims"], claims);
    let change = json!({ "app": { "a": null, "b": { "c": null, "e": 3 } } });
    let merged = authenticate(&lab, &token, change).await;
    let expected = json!({ "app": { "b": { "d": 2, "e": 3 }, "list": [1, null] } });
    assert_eq!(merged["custom_claims"], expected);
    // An object replaces another value, and another value replaces an object.
    let change = json!({ "app": { "b": 7, "list": { "x": null, "y": 1 } } });
    let replaced = authenticate(&lab, &token, change).await;
    let expected = json!({ "app": { "b": 7, "list": { "y": 1 } } });
    assert_eq!(replaced["custom_claims"], expected);
    // The JWT's names are ignored at the top level only, and the limit applies to the merged claims.
    let change = json!({ "exp": 1, "app": { "exp": 1, "b": null } });
    let named = authenticate(&lab, &token, change).await;
    let expected = json!({ "app": { "exp": 1, "list": { "y": 1 } } });
    assert_eq!(named["custom_claims"], expected);
    for (key, status) in [("big", 200), ("bigger", 400)] {
        let claims = json!({ "app": { key: "x".repeat(2500) } });
        let body = json!({ "session_token": token, "session_custom_claims": claims });
        let reply = lab.post("/v1/b2b/sessions/authenticate", body).await;
        assert_eq!(reply.status, status, "{}", reply.text);
    }
}

/// A second factor writes claims too.
#[tokio::test]
async fn an_added_login_writes_claims() {
    let lab = Lab::start().await;
    let (token, _) = lab.adas_session().await;
    authenticate(&lab, &token, json!({ "app": { "a": 1 } })).await;
    let more = json!({ "session_token": token, "session_custom_claims": { "app": { "b": 2 } } });
    let added = lab
        .sign_in("microsoft", "ada@acme.example", "acme", more)
        .await
        .ok();
    let expected = json!({ "app": { "a": 1, "b": 2 } });
    assert_eq!(added["member_session"]["custom_claims"], expected);
}

/// A new session has claims only if its call gives a duration.
#[tokio::test]
async fn a_new_session_needs_a_duration_for_claims() {
    let lab = Lab::start().await;
    let claims = json!({ "plan": "free" });
    for (minutes, expected) in [(json!(null), json!({})), (json!(30), claims.clone())] {
        let more = json!({ "session_custom_claims": claims, "session_duration_minutes": minutes });
        let by_oauth = lab.sign_in("google", "ada@acme.example", "acme", more.clone());
        let by_oauth = by_oauth.await.ok();
        let mut body = more.clone();
        body["intermediate_session_token"] = json!(lab.ist("google", "ada@acme.example").await);
        body["organization_id"] = json!("acme");
        let path = "/v1/b2b/discovery/intermediate_sessions/exchange";
        let by_discovery = lab.post(path, body).await.ok();
        let mut body = more;
        body["session_token"] = by_oauth["session_token"].clone();
        body["organization_id"] = json!("oneil");
        let switched = lab.post("/v1/b2b/sessions/exchange", body).await.ok();
        for answer in [by_oauth, by_discovery, switched] {
            assert_eq!(answer["member_session"]["custom_claims"], expected);
        }
    }
}
