//! One-time tokens, which work once, for ten minutes, in one flow, with their verifier. See
//! `docs/stytch.md#ids-tokens-and-lifetimes` and `docs/stytch.md#oauth`.

use std::time::Duration;

use serde_json::{Value, json};
use stytch_sandbox::{Approval, Flow};

use super::lab::{Lab, Reply};

const DISCOVERY: &str = "/v1/b2b/oauth/discovery/authenticate";
const OAUTH: &str = "/v1/b2b/oauth/authenticate";
/// The verifier in the vendor's test vector; see `docs/stytch.md#pkce`.
const VERIFIER: &str = "00000000000000000000000000000000";
const CHALLENGE: &str = "hODA6vqpWjTCk_J4rFLkXOU3urXnUqAOaVmhOuEDtlo";

async fn discovery(lab: &Lab, token: &str) -> Reply {
    lab.post(DISCOVERY, json!({ "discovery_oauth_token": token }))
        .await
}

#[tokio::test]
async fn tokens_can_be_used_once() {
    let lab = Lab::start().await;
    let token = lab.discovery_token("google", "ada@acme.example");
    discovery(&lab, &token).await.ok();
    discovery(&lab, &token)
        .await
        .is_error(400, "oauth_token_not_found");
    let token = lab.oauth_token("google", "ada@acme.example", "acme");
    lab.post(OAUTH, json!({ "oauth_token": token })).await.ok();
    lab.post(OAUTH, json!({ "oauth_token": token }))
        .await
        .is_error(400, "oauth_token_not_found");
}

/// The vendor's behavior is not documented.
#[tokio::test]
async fn a_refused_login_uses_up_its_token() {
    let lab = Lab::start().await;
    let token = lab.oauth_token("google", "mallory@evil.example", "oneil");
    let body = json!({ "oauth_token": token });
    lab.post(OAUTH, body.clone())
        .await
        .is_error(400, "email_jit_provisioning_not_allowed");
    lab.post(OAUTH, body)
        .await
        .is_error(400, "oauth_token_not_found");
}

#[tokio::test]
async fn one_of_two_simultaneous_calls_gets_the_token() {
    let lab = Lab::start().await;
    let token = lab.discovery_token("google", "ada@acme.example");
    let replies = tokio::join!(
        discovery(&lab, &token),
        discovery(&lab, &token),
        discovery(&lab, &token)
    );
    let mut statuses = [replies.0.status, replies.1.status, replies.2.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400, 400]);
}

#[tokio::test]
async fn tokens_expire_after_ten_minutes() {
    let lab = Lab::start().await;
    let (good, late) = (
        lab.discovery_token("google", "ada@acme.example"),
        lab.discovery_token("google", "ada@acme.example"),
    );
    lab.world.advance(Duration::from_secs(590));
    discovery(&lab, &good).await.ok();
    lab.world.advance(Duration::from_secs(10));
    discovery(&lab, &late)
        .await
        .is_error(400, "oauth_token_not_found");
}

#[tokio::test]
async fn unknown_and_missing_tokens_are_refused() {
    let lab = Lab::start().await;
    for token in ["x", "AqaZp5x2ZqZ29gcSr1wdOeVbN-VoypFaHA4jNW2L_z_J"] {
        discovery(&lab, token)
            .await
            .is_error(400, "oauth_token_not_found");
        lab.post(OAUTH, json!({ "oauth_token": token }))
            .await
            .is_error(400, "oauth_token_not_found");
    }
    lab.post(DISCOVERY, json!({}))
        .await
        .is_error(400, "bad_request");
    lab.post(OAUTH, json!({ "oauth_token": "" }))
        .await
        .is_error(400, "bad_request");
    lab.post(OAUTH, json!({ "oauth_token": 5 }))
        .await
        .is_error(400, "bad_request");
}

#[tokio::test]
async fn tokens_work_in_their_flow_only() {
    let lab = Lab::start().await;
    let token = lab.oauth_token("google", "ada@acme.example", "acme");
    discovery(&lab, &token)
        .await
        .is_error(400, "oauth_non_discovery_flow_callback_error");
    let token = lab.discovery_token("google", "ada@acme.example");
    lab.post(OAUTH, json!({ "oauth_token": token }))
        .await
        .is_error(400, "oauth_discovery_flow_callback_error");
}

#[tokio::test]
async fn a_token_with_a_challenge_requires_its_verifier() {
    let lab = Lab::start().await;
    for (flow, path, field) in [
        (Flow::DiscoveryOauth, DISCOVERY, "discovery_oauth_token"),
        (Flow::Oauth, OAUTH, "oauth_token"),
    ] {
        let token = |pkce_code_challenge| {
            let approval = Approval {
                flow,
                provider: "google",
                email: "ada@acme.example",
                organization: Some("acme"),
                pkce_code_challenge,
            };
            lab.world.approve(approval).token
        };
        let call = |token: &str, verifier: Value| {
            lab.post(
                path,
                json!({ field: token, "pkce_code_verifier": verifier }),
            )
        };

        let bound = token(Some(CHALLENGE));
        call(&bound, Value::Null)
            .await
            .is_error(400, "pkce_expected_code_verifier");
        call(&bound, json!(""))
            .await
            .is_error(400, "pkce_expected_code_verifier");
        // A verifier that is not base64url does not use up the token.
        for odd in ["a b", "a.b", "a~b", "ab=", "a+b/", "\u{e4}"] {
            call(&bound, json!(odd))
                .await
                .is_error(400, "invalid_pkce_code_verifier");
        }
        call(&bound, json!(VERIFIER)).await.ok();

        let burnt = token(Some(CHALLENGE));
        call(&burnt, json!("1".repeat(43)))
            .await
            .is_error(400, "pkce_mismatch");
        call(&burnt, json!(VERIFIER))
            .await
            .is_error(400, "oauth_token_not_found");

        let free = token(None);
        call(&free, json!(VERIFIER))
            .await
            .is_error(400, "pkce_did_not_expect_code_verifier");
        call(&free, Value::Null).await.ok();
    }
}
