use serde_json::Value;

use crate::support::{
    TestApp,
    app::{REVOKE, SESSION},
};

#[tokio::test]
async fn member_returns_json() {
    let app = TestApp::start().await;
    let mut ada = app.browser();
    let page = ada.get("/member").await;
    assert_eq!(
        (page.status.as_u16(), page.body.as_str()),
        (401, r#"{"error":"signed_out"}"#)
    );
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    let page = ada.get("/member").await;
    let body: Value = serde_json::from_str(&page.body).unwrap();
    assert_eq!(body["member"]["email_address"], "ada@acme.example");
    assert_eq!(body["organization"]["organization_slug"], "acme");
    assert_eq!(
        body["session"]["authentication_factors"][0]["delivery_method"],
        "oauth_google"
    );
    for secret in app.world.minted_secrets() {
        assert!(!page.body.contains(&secret));
    }
}

#[tokio::test]
async fn sign_out_ends_the_session_here_and_at_stytch() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    let page = ada.go("Sign out").await;
    assert_eq!(page.path(), "/");
    assert!(page.text().contains("You are signed out."));
    assert_eq!(ada.cookie(), None);
    assert_eq!(app.calls(REVOKE)[0].status, 200);
    assert_eq!(app.world.state()["sessions"].as_array().unwrap().len(), 0);
    assert_eq!(app.state.store.len(), 0);
}

/// S12: five minutes later the JWT has expired. The session is renewed and extended, and the member does not notice.
#[tokio::test]
async fn the_jwt_is_renewed() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    app.advance_app(200);
    assert_eq!(ada.get("/org/acme").await.status, 200);
    assert!(app.calls(SESSION).is_empty(), "a page view makes no call");
    let before = ada.cookie();
    app.advance(360);
    let page = ada.get("/org/acme").await;
    assert!(page.text().contains("You are signed in"));
    let calls = app.calls(SESSION);
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].body["session_duration_minutes"], 60);
    assert_eq!(ada.cookie(), before, "the same member keeps the same id");
}

#[tokio::test]
async fn a_session_ended_at_stytch_ends_here() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    app.world.revoke_all_sessions();
    app.advance_app(360);
    let page = ada.get("/org/acme").await;
    assert_eq!(page.status, 401);
    assert!(page.text().contains("You were signed out"));
    assert_eq!(ada.cookie(), None);
}
