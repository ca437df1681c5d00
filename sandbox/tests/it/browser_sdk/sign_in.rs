//! All ways to sign in, with the calls that the SDK makes.

use reqwest::Method;
use serde_json::{Value, json};

use super::{ADA, Browser, CHALLENGE, VERIFIER};
use crate::{
    lab::{Lab, listed, pairs, text},
    sso::{BOB, SAML},
};

pub fn with_pkce(name: &str, token: &str) -> Value {
    json!({ name: token, "pkce_code_verifier": VERIFIER, "session_duration_minutes": 30 })
}

/// Follows the link in the newest message, and returns the token that the app's page receives.
async fn token_of(lab: &Lab, email: &str) -> String {
    lab.follow(email).await.1
}

#[tokio::test]
async fn oauth_signs_in_through_discovery() {
    let lab = Lab::start().await;
    let mut browser = Browser::new(&lab);
    let body = with_pkce("discovery_oauth_token", &lab.token_with_pkce(ADA, None));
    let found = browser
        .post("/b2b/oauth/discovery/authenticate", body)
        .await
        .data();
    let ist = text(&found["intermediate_session_token"]);
    assert_eq!(found["email_address"], ADA);
    let body = json!({ "intermediate_session_token": ist });
    let again = browser
        .post("/b2b/discovery/organizations", body)
        .await
        .data();
    assert_eq!(listed(&again), listed(&found));

    let body = json!({ "intermediate_session_token": ist, "organization_id": lab.organization("acme")["organization_id"], "session_duration_minutes": 60 });
    let path = "/b2b/discovery/intermediate_sessions/exchange";
    let signed_in = browser.post(path, body).await.data();
    assert_eq!(signed_in["member"]["email_address"], ADA);
    browser.keep(&signed_in);

    let renewed = browser
        .post("/b2b/sessions/authenticate", json!({}))
        .await
        .data();
    assert_eq!(renewed["session_token"], signed_in["session_token"]);
    assert_eq!(renewed["member_session"]["organization_slug"], "acme");
    // With the session instead of the intermediate session.
    let found = browser
        .post("/b2b/discovery/organizations", json!({}))
        .await
        .data();
    assert!(listed(&found).contains(&("oneil".to_owned(), "active_member".to_owned())));

    let body = json!({ "organization_id": "oneil", "session_duration_minutes": 30 });
    let switched = browser.post("/b2b/sessions/exchange", body).await.data();
    assert_eq!(switched["member_session"]["organization_slug"], "oneil");
    browser
        .post("/b2b/sessions/exchange", json!({}))
        .await
        .is_error(400, "bad_request");
    browser.post("/b2b/sessions/revoke", json!({})).await.data();
    browser
        .post("/b2b/sessions/authenticate", json!({}))
        .await
        .is_error(404, "session_not_found");
}

/// Fields that only servers may send have no effect.
#[tokio::test]
async fn an_organization_is_created_without_server_only_fields() {
    let lab = Lab::start().await;
    let mut browser = Browser::new(&lab);
    let ist = lab.ist("google", "frank@startup.example").await;
    let body = json!({
        "intermediate_session_token": ist,
        "session_duration_minutes": 30,
        "trusted_metadata": { "plan": "gold" },
        "organization_external_id": "mine",
        "session_custom_claims": { "admin": true },
    });
    let created = browser
        .post("/b2b/discovery/organizations/create", body)
        .await
        .data();
    browser.keep(&created);
    assert_eq!(created["organization"]["organization_slug"], "startup");
    assert_eq!(created["organization"]["trusted_metadata"], json!({}));
    assert_eq!(
        created["organization"]["organization_external_id"],
        Value::Null
    );
    assert_eq!(created["member_session"]["custom_claims"], json!({}));
    assert_eq!(
        created["member_session"]["roles"],
        json!(["stytch_member", "stytch_admin"])
    );
    let body =
        json!({ "session_duration_minutes": 30, "session_custom_claims": { "admin": true } });
    let renewed = browser
        .post("/b2b/sessions/authenticate", body)
        .await
        .data();
    assert_eq!(renewed["member_session"]["custom_claims"], json!({}));
}

#[tokio::test]
async fn oauth_to_an_organization_requires_the_pkce_verifier() {
    let lab = Lab::start().await;
    let mut browser = Browser::new(&lab);
    let token = lab.token_with_pkce(ADA, Some("acme"));
    let path = "/b2b/oauth/authenticate";
    browser
        .post(path, json!({ "oauth_token": token }))
        .await
        .is_error(400, "pkce_expected_code_verifier");
    let signed_in = browser
        .post(path, with_pkce("oauth_token", &token))
        .await
        .data();
    assert_eq!(signed_in["organization"]["organization_slug"], "acme");
    browser.keep(&signed_in);

    // A wrong verifier uses up the token, as in the server API.
    let token = lab.token_with_pkce(ADA, Some("acme"));
    let wrong = json!({ "oauth_token": token, "pkce_code_verifier": "wrong" });
    Browser::new(&lab)
        .post(path, wrong)
        .await
        .is_error(400, "pkce_mismatch");
    browser
        .post(path, with_pkce("oauth_token", &token))
        .await
        .is_error(400, "oauth_token_not_found");

    // A second login is added to the browser's session.
    let token = lab.world.approve(stytch_sandbox::Approval {
        flow: stytch_sandbox::Flow::Oauth,
        provider: "microsoft",
        email: ADA,
        organization: Some("acme"),
        pkce_code_challenge: Some(CHALLENGE),
    });
    let joined = browser
        .post(path, with_pkce("oauth_token", &token.token))
        .await
        .data();
    assert_eq!(
        joined["member_session"]["member_session_id"],
        signed_in["member_session"]["member_session_id"]
    );
    let factors = joined["member_session"]["authentication_factors"].as_array();
    assert_eq!(factors.map(Vec::len), Some(2));
}

/// The call is refused before the token is used up.
#[tokio::test]
async fn a_call_with_an_ended_session_does_not_use_up_the_token() {
    let lab = Lab::start().await;
    let browser = Browser::of(&lab, ADA, "acme").await;
    lab.world.revoke_all_sessions();
    let body = with_pkce("oauth_token", &lab.token_with_pkce(ADA, Some("acme")));
    let path = "/b2b/oauth/authenticate";
    browser
        .post(path, body.clone())
        .await
        .is_error(404, "session_not_found");
    Browser::new(&lab).post(path, body).await.data();
}

#[tokio::test]
async fn sso_signs_in() {
    let lab = Lab::start().await;
    let token = lab.world.approve_sso(SAML, BOB, Some(CHALLENGE)).token;
    let browser = Browser::new(&lab);
    let path = "/b2b/sso/authenticate";
    let signed_in = browser
        .post(path, with_pkce("sso_token", &token))
        .await
        .data();
    assert_eq!(signed_in["organization"]["organization_slug"], "globex");
}

#[tokio::test]
async fn links_by_email_sign_in() {
    let lab = Lab::start().await;
    let browser = Browser::new(&lab);
    let send = "/b2b/magic_links/email/login_or_signup";
    let body = json!({ "organization_id": "acme", "email_address": ADA, "pkce_code_challenge": CHALLENGE });
    let mut elsewhere = body.clone();
    elsewhere["login_redirect_url"] = json!("http://localhost:3000/elsewhere");
    browser
        .post(send, elsewhere)
        .await
        .is_error(400, "no_match_for_provided_magic_link_url");
    browser.post(send, body).await.data();
    let token = token_of(&lab, ADA).await;
    let path = "/b2b/magic_links/authenticate";
    let signed_in = browser
        .post(path, with_pkce("magic_links_token", &token))
        .await
        .data();
    assert_eq!(signed_in["organization"]["organization_slug"], "acme");

    let body = json!({ "email_address": ADA, "pkce_code_challenge": CHALLENGE });
    browser
        .post("/b2b/magic_links/email/discovery/send", body)
        .await
        .data();
    let token = token_of(&lab, ADA).await;
    let path = "/b2b/magic_links/discovery/authenticate";
    let body = json!({ "discovery_magic_links_token": token });
    browser
        .post(path, body)
        .await
        .is_error(400, "pkce_expected_code_verifier");
    let body = with_pkce("discovery_magic_links_token", &token);
    let found = browser.post(path, body).await.data();
    assert!(listed(&found).contains(&("acme".to_owned(), "active_member".to_owned())));
}

#[tokio::test]
async fn codes_by_email_sign_in() {
    let lab = Lab::start().await;
    let browser = Browser::new(&lab);
    let to = json!({ "organization_id": "acme", "email_address": ADA });
    browser
        .post("/b2b/otps/email/login_or_signup", to.clone())
        .await
        .data();
    let mut body = to;
    body["code"] = json!(lab.code(ADA));
    let signed_in = browser
        .post("/b2b/otps/email/authenticate", body)
        .await
        .data();
    assert_eq!(signed_in["member_authenticated"], true);

    let to = json!({ "email_address": "frank@startup.example" });
    browser
        .post("/b2b/otps/email/discovery/send", to.clone())
        .await
        .data();
    let mut body = to;
    body["code"] = json!(lab.code("frank@startup.example"));
    let path = "/b2b/otps/email/discovery/authenticate";
    assert_eq!(listed(&browser.post(path, body).await.data()), pairs(&[]));
}

/// Only the session in the `Authorization` header counts.
#[tokio::test]
async fn a_session_in_the_body_is_ignored() {
    let lab = Lab::start().await;
    let (token, jwt) = lab.adas_session().await;
    for body in [
        json!({ "session_token": token }),
        json!({ "session_jwt": jwt }),
    ] {
        let stranger = Browser::new(&lab);
        for path in ["/b2b/sessions/authenticate", "/b2b/sessions/revoke"] {
            let reply = stranger.post(path, body.clone()).await;
            reply.is_error(401, "user_unauthenticated");
        }
        stranger
            .post("/b2b/discovery/organizations", body.clone())
            .await
            .is_error(400, "no_session_arguments");
        let acting = stranger.request(Method::GET, "/b2b/organizations/me");
        let acting = acting.header("x-stytch-member-session", &token);
        crate::lab::Reply::send(acting)
            .await
            .is_error(401, "user_unauthenticated");
    }
    let ada = Browser {
        lab: &lab,
        session: Some(token),
    };
    ada.post("/b2b/sessions/authenticate", json!({}))
        .await
        .data();
}
