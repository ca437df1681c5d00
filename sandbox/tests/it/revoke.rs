//! `sessions.revoke`. See `docs/stytch.md#sessions-and-jwts`.

use serde_json::{Value, json};

use super::lab::{Lab, Reply};

const AUTHENTICATE: &str = "/v1/b2b/sessions/authenticate";
const REVOKE: &str = "/v1/b2b/sessions/revoke";
const UNKNOWN: &str = "AqaZp5x2ZqZ29gcSr1wdOeVbN-VoypFaHA4jNW2L_z_J";

async fn authenticate(lab: &Lab, body: Value) -> Reply {
    lab.post(AUTHENTICATE, body).await
}

#[tokio::test]
async fn each_argument_revokes_a_session() {
    let lab = Lab::start().await;
    for field in [
        "session_token",
        "session_jwt",
        "member_session_id",
        "member_id",
    ] {
        let answer = lab
            .sign_in("google", "ada@acme.example", "acme", json!({}))
            .await
            .ok();
        let value = match field {
            "member_session_id" => &answer["member_session"][field],
            _ => &answer[field],
        };
        let body = lab.post(REVOKE, json!({ field: value })).await.ok();
        assert_eq!(
            body.as_object().map(serde_json::Map::len),
            Some(2),
            "only the envelope: {body}"
        );
        let token = json!({ "session_token": answer["session_token"] });
        authenticate(&lab, token)
            .await
            .is_error(404, "session_not_found");
        let again = lab.post(REVOKE, json!({ field: value })).await;
        if field == "member_id" {
            again.ok();
        } else {
            again.is_error(404, "session_not_found");
        }
    }
}

#[tokio::test]
async fn revoking_a_member_ends_exactly_their_sessions() {
    let lab = Lab::start().await;
    let (first, _) = lab.adas_session().await;
    let (second, _) = lab.adas_session().await;
    let oneil = lab
        .sign_in("google", "ada@acme.example", "oneil", json!({}))
        .await
        .ok();
    let id = lab.member("acme", "ada@acme.example")["member_id"].clone();
    lab.post(REVOKE, json!({ "member_id": id })).await.ok();
    for token in [first, second] {
        authenticate(&lab, json!({ "session_token": token }))
            .await
            .is_error(404, "session_not_found");
    }
    authenticate(&lab, json!({ "session_token": oneil["session_token"] }))
        .await
        .ok();
}

#[tokio::test]
async fn invalid_arguments_are_refused() {
    let lab = Lab::start().await;
    let (token, jwt) = lab.adas_session().await;
    lab.post(REVOKE, json!({}))
        .await
        .is_error(400, "no_session_revoke_arguments");
    let both = json!({ "session_token": token, "session_jwt": jwt });
    lab.post(REVOKE, both)
        .await
        .is_error(400, "too_many_session_revoke_arguments");
    lab.post(REVOKE, json!({ "session_token": "short" }))
        .await
        .is_error(400, "invalid_session_token");
    lab.post(REVOKE, json!({ "session_token": UNKNOWN }))
        .await
        .is_error(404, "session_not_found");
    lab.post(
        REVOKE,
        json!({ "member_session_id": "member-session-test-x" }),
    )
    .await
    .is_error(404, "session_not_found");
    lab.post(REVOKE, json!({ "member_id": "member-test-x" }))
        .await
        .is_error(404, "member_not_found");
    authenticate(&lab, json!({ "session_token": token }))
        .await
        .ok();
}

#[tokio::test]
async fn a_test_can_end_all_sessions() {
    let lab = Lab::start().await;
    let (token, _) = lab.adas_session().await;
    lab.world.revoke_all_sessions();
    authenticate(&lab, json!({ "session_token": token }))
        .await
        .is_error(404, "session_not_found");
}
