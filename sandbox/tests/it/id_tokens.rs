//! The ID tokens of the simulated providers, checked as apps do, with the keys that the issuer publishes.

use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::{Value, json};
use stytch_sandbox::{RedirectUrls, Seed};

use super::lab::{Lab, Reply, text};

const ADA: &str = "ada@acme.example";

async fn fetch(lab: &Lab, url: &str) -> Value {
    let reply = Reply::send(lab.http.get(url)).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()
}

/// The claims of a token, after checking its signature, issuer and audience.
async fn verified(lab: &Lab, token: &str, provider: &str) -> Value {
    let issuer = format!("{}/_sandbox/oauth/{provider}", lab.url);
    let configuration = fetch(lab, &format!("{issuer}/.well-known/openid-configuration")).await;
    assert_eq!(configuration["issuer"], json!(issuer));
    let keys = fetch(lab, &text(&configuration["jwks_uri"])).await;
    let kid = decode_header(token).expect("a header").kid.expect("a kid");
    let keys = keys["keys"].as_array().expect("keys");
    let key = keys
        .iter()
        .find(|key| key["kid"] == json!(kid))
        .expect("its key");
    let part = |name: &str| text(&key[name]);
    let key = DecodingKey::from_rsa_components(&part("n"), &part("e")).expect("an RSA key");
    let mut rules = Validation::new(Algorithm::RS256);
    rules.set_issuer(&[issuer]);
    rules.set_audience(&[format!(
        "{provider}-client.{}",
        lab.credentials().project_id
    )]);
    rules.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
    decode::<Value>(token, &key, &rules)
        .expect("a valid token")
        .claims
}

/// The response of the member's provider-token endpoint.
async fn stored(lab: &Lab, provider: &str) -> Value {
    let id = text(&lab.member("acme", ADA)["member_id"]);
    let path = format!("/v1/b2b/organizations/acme/members/{id}/oauth_providers/{provider}");
    lab.get(&path).await.ok()
}

#[tokio::test]
async fn microsofts_is_in_the_login_response() {
    let lab = Lab::start().await;
    let login = lab.sign_in("microsoft", ADA, "acme", json!({})).await.ok();
    let token = text(&login["provider_values"]["id_token"]);
    let claims = verified(&lab, &token, "microsoft").await;
    assert_eq!(claims["sub"], login["provider_subject"]);
    assert_eq!(claims["email"], ADA);
    assert_eq!(stored(&lab, "microsoft").await["id_token"], json!(token));
    assert!(lab.world.minted_secrets().contains(&token));
}

/// `provider_values` has no ID token for Google, but the provider-token endpoint has.
#[tokio::test]
async fn googles_is_at_the_provider_token_endpoint_only() {
    let lab = Lab::start().await;
    let login = lab.sign_in("google", ADA, "acme", json!({})).await.ok();
    assert_eq!(login["provider_values"]["id_token"], Value::Null);
    let token = text(&stored(&lab, "google").await["id_token"]);
    let claims = verified(&lab, &token, "google").await;
    assert_eq!(claims["sub"], login["provider_subject"]);
    assert_eq!(claims["email"], ADA);
    assert_eq!(claims["hd"], "acme.example");
    assert_eq!(claims["email_verified"], true);
    // It is valid for an hour from now, even in a world whose clock is ahead.
    let now = lab.world.now().unix_timestamp();
    let number = |claims: &Value, name: &str| claims[name].as_i64().expect("a number");
    assert_eq!(number(&claims, "exp") - number(&claims, "iat"), 3600);
    assert!((now - 60..=now).contains(&number(&claims, "iat")));
    lab.world.advance(Duration::from_hours(48));
    lab.sign_in("google", ADA, "acme", json!({})).await.ok();
    let later = text(&stored(&lab, "google").await["id_token"]);
    assert!(number(&verified(&lab, &later, "google").await, "iat") <= now + 60);
}

#[tokio::test]
async fn providers_without_openid_connect_issue_none() {
    let lab = Lab::start().await;
    for provider in ["github", "slack", "hubspot"] {
        let login = lab.sign_in(provider, "dave@hooli.example", "hooli", json!({}));
        let login = login.await.ok();
        assert_eq!(
            login["provider_values"]["id_token"],
            Value::Null,
            "{provider}"
        );
        for path in ["jwks.json", ".well-known/openid-configuration"] {
            let url = format!("{}/_sandbox/oauth/{provider}/{path}", lab.url);
            Reply::send(lab.http.get(url))
                .await
                .is_error(404, "route_not_found");
        }
    }
}

/// An ID token belongs to one project, and its key signs no sessions.
#[tokio::test]
async fn an_id_token_is_not_accepted_as_a_session() {
    let lab = Lab::start().await;
    let login = lab.sign_in("microsoft", ADA, "acme", json!({})).await.ok();
    let token = text(&login["provider_values"]["id_token"]);
    let body = json!({ "session_jwt": token });
    let refused = lab.post("/v1/b2b/sessions/authenticate", body).await;
    assert!((400..500).contains(&refused.status), "{}", refused.text);
    let project = lab.credentials().project_id;
    let sessions = lab
        .get(&format!("/v1/b2b/sessions/jwks/{project}"))
        .await
        .ok();
    let kid = decode_header(&token).expect("a header").kid;
    let of_sessions = sessions["keys"].as_array().expect("keys");
    assert!(
        of_sessions
            .iter()
            .all(|key| key["kid"].as_str() != kid.as_deref())
    );

    let world = lab
        .sandbox
        .create_world(Seed::Default, RedirectUrls::default());
    let other = Lab { world, ..lab };
    let login = other
        .sign_in("microsoft", ADA, "acme", json!({}))
        .await
        .ok();
    let token = text(&login["provider_values"]["id_token"]);
    verified(&other, &token, "microsoft").await; // with the other project's audience
}

/// `email_verified` is the provider's value. A step-up by email completes such a login.
#[tokio::test]
async fn an_unverified_address_is_in_the_token() {
    let lab = Lab::start().await;
    for is_verified in [false, true] {
        let body = json!({ "flow": "oauth", "provider": "google", "email": ADA, "organization": "acme",
            "person": { "email_verified": is_verified } });
        let approved = super::control::good(&super::control::steer(&lab, "approve", body).await);
        let token = json!({ "oauth_token": approved["token"] });
        let login = lab.post("/v1/b2b/oauth/authenticate", token).await.ok();
        assert_eq!(login["member_authenticated"], is_verified);
        if !is_verified {
            lab.send_email_code("acme", ADA, json!({})).await.ok();
            let code = lab.world.messages_to(Some(ADA), None).remove(0).code;
            let body = json!({ "organization_id": "acme", "email_address": ADA, "code": code,
                "intermediate_session_token": login["intermediate_session_token"] });
            let done = lab.post("/v1/b2b/otps/email/authenticate", body).await.ok();
            assert_eq!(done["member_authenticated"], true);
        }
        let token = text(&stored(&lab, "google").await["id_token"]);
        let claims = verified(&lab, &token, "google").await;
        assert_eq!(claims["email_verified"], is_verified);
    }
}
