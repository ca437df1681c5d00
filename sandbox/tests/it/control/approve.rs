//! A sign-in without the page.

use serde_json::{Value, json};

use super::{good, refused, steer};
use crate::lab::{Lab, text};

/// The vector of the vendor's browser SDK (fact sheet §7.6).
const VERIFIER: &str = "00000000000000000000000000000000";
const CHALLENGE: &str = "hODA6vqpWjTCk_J4rFLkXOU3urXnUqAOaVmhOuEDtlo";

#[tokio::test]
async fn discovery_with_its_challenge() {
    let lab = Lab::start().await;
    let body = json!({ "flow": "discovery_oauth", "provider": "google", "email": "Ada@acme.example",
        "pkce_code_challenge": CHALLENGE });
    let approved = good(&steer(&lab, "approve", body).await);
    let token = text(&approved["token"]);
    assert_eq!(
        approved["redirect_url"],
        format!("http://localhost:3000/discovery?stytch_token_type=discovery_oauth&token={token}")
    );
    let spend = |body: Value| lab.post("/v1/b2b/oauth/discovery/authenticate", body);
    spend(json!({ "discovery_oauth_token": token }))
        .await
        .is_error(400, "pkce_expected_code_verifier");
    let answer =
        spend(json!({ "discovery_oauth_token": token, "pkce_code_verifier": VERIFIER })).await;
    assert_eq!(answer.ok()["email_address"], "ada@acme.example");
}

#[tokio::test]
async fn an_organization_by_its_slug_or_id() {
    let lab = Lab::start().await;
    let id = text(&lab.organization("acme")["organization_id"]);
    for organization in ["acme", &id] {
        let body = json!({ "flow": "oauth", "provider": "google", "email": "ada@acme.example",
            "organization": organization });
        let approved = good(&steer(&lab, "approve", body).await);
        let begins = "http://localhost:3000/authenticate?slug=acme&stytch_token_type=oauth&token=";
        assert!(text(&approved["redirect_url"]).starts_with(begins));
        let token = json!({ "oauth_token": approved["token"] });
        let answer = lab.post("/v1/b2b/oauth/authenticate", token).await.ok();
        assert_eq!(answer["member_authenticated"], true);
    }
}

#[tokio::test]
async fn mistakes_are_named() {
    let lab = Lab::start().await;
    let good_one = json!({ "flow": "oauth", "provider": "google", "email": "ada@acme.example", "organization": "acme" });
    for (field, value) in [
        ("flow", json!(null)),
        ("flow", json!("password")),
        ("provider", json!("apple")),
        ("provider", json!(["google"])),
        ("email", json!("nobody@acme.example")),
        ("email", json!("dave@hooli.example")), // has no Google account
        ("email", json!(null)),
        ("organization", json!(null)),
        ("organization", json!("nowhere")),
        (
            "organization",
            json!("organization-live-00000001-0000-4000-8000-000000000000"),
        ),
        ("pkce_code_challenge", json!("short")),
        ("connection_id", json!("saml-connection-test-1")),
    ] {
        let mut body = good_one.clone();
        body[field] = value;
        refused(&steer(&lab, "approve", body).await, 400, field);
    }
    let mut body = good_one;
    body["flow"] = json!("discovery_oauth");
    refused(&steer(&lab, "approve", body).await, 400, "organization");
}
