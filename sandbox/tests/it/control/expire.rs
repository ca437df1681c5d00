//! Making tokens expire.

use serde_json::json;

use super::{good, refused, steer};
use crate::lab::Lab;

async fn expire(lab: &Lab, token: &str) {
    good(&steer(lab, "expire", json!({ "token": token })).await);
    let again = steer(lab, "expire", json!({ "token": token })).await;
    refused(&again, 404, "token");
    assert!(!again.text.contains(token), "the answer does not repeat it");
}

#[tokio::test]
async fn each_kind_of_token_can_be_made_to_expire_alone() {
    let lab = Lab::start().await;
    let (first, _) = lab.adas_session().await;
    let (second, jwt) = lab.adas_session().await;
    let session = |name: &'static str, token: String| {
        lab.post("/v1/b2b/sessions/authenticate", json!({ name: token }))
    };
    expire(&lab, &first).await;
    session("session_token", first)
        .await
        .is_error(404, "session_not_found");
    session("session_token", second.clone()).await.ok();
    expire(&lab, &jwt).await;
    session("session_jwt", jwt)
        .await
        .is_error(404, "session_not_found");
    session("session_token", second)
        .await
        .is_error(404, "session_not_found");

    let ist = lab.ist("google", "ada@acme.example").await;
    expire(&lab, &ist).await;
    lab.exchange(&ist, "acme")
        .await
        .is_error(404, "intermediate_session_not_found");

    let token = lab.discovery_token("google", "ada@acme.example");
    expire(&lab, &token).await;
    lab.post(
        "/v1/b2b/oauth/discovery/authenticate",
        json!({ "discovery_oauth_token": token }),
    )
    .await
    .is_error(400, "oauth_token_not_found");
}

#[tokio::test]
async fn only_valid_tokens_can_be_made_to_expire() {
    let lab = Lab::start().await;
    let spent = lab.ist("google", "ada@acme.example").await;
    lab.exchange(&spent, "acme").await.ok();
    let (over, _) = lab.adas_session().await;
    lab.world.advance(std::time::Duration::from_hours(2));
    for token in [spent.as_str(), &over, "nonsense", &lab.credentials().secret] {
        refused(
            &steer(&lab, "expire", json!({ "token": token })).await,
            404,
            "token",
        );
    }
    refused(&steer(&lab, "expire", json!({})).await, 400, "token");
    refused(
        &steer(&lab, "expire", json!({ "token": 3 })).await,
        400,
        "token",
    );
}
