//! The session: its cookie, its id, the private page and sign-out.

use axum::{body::Body, extract::Request};
use stytch_sandbox::FaultKind;
use tower::ServiceExt;
use tower_sessions::MemoryStore;
use url::Url;

use super::{Example, assert_failed, example, stytch};
use crate::support::app::REVOKE;

const SIGNED_OUT: &str = "You are not signed in.";

/// Every step that changes the visitor's identity changes the session id, and the old id becomes invalid.
#[tokio::test]
async fn the_session_id_changes_with_the_identity() {
    let example = Example::start().await;
    let mut ada = example.choosing("ada@acme.example").await;
    ada.go("Continue to Acme Corp").await;
    let [started, choosing, member] = &ada.seen_cookies[..] else {
        panic!("three ids, not {}", ada.seen_cookies.len());
    };
    assert!(started != choosing && choosing != member);
    assert!(!example.knows(started).await && !example.knows(choosing).await);
    assert!(example.knows(member).await);
    ada.get("/org/acme").await;
    ada.go("Continue with Google").await;
    ada.go("ada@acme.example").await;
    let again = ada.cookie().unwrap();
    assert!(!ada.seen_cookies[..3].contains(&again));
}

/// Session fixation: a stranger plants the id of their own session in the visitor's browser.
#[tokio::test]
async fn a_planted_session_id_is_of_no_use() {
    let example = Example::start().await;
    let mut mallory = example.browser();
    mallory.get("/start/google").await;
    let mut ada = example.browser();
    ada.set_cookie(&mallory.cookie().unwrap());
    ada.get("/org/acme").await;
    ada.go("Continue with Google").await;
    assert_eq!(ada.go("ada@acme.example").await.path(), "/dashboard");
    assert_failed(&mallory.get("/dashboard").await, 401, SIGNED_OUT);
    // An id that the server has never issued is not adopted.
    let invented = "AAAAAAAAAAAAAAAAAAAAAA";
    let mut ada = example.browser();
    ada.set_cookie(invented);
    ada.get("/start/google").await;
    assert_ne!(ada.cookie().unwrap(), invented);
}

#[tokio::test]
async fn the_cookie_is_as_narrow_as_it_can_be() {
    let example = Example::start().await;
    let mut ada = example.browser();
    for path in ["/", "/org/acme", "/dashboard", "/organizations", "/nowhere"] {
        assert_eq!(ada.get(path).await.header("set-cookie"), "", "{path}");
    }
    let start = ada.get("/start/google").await;
    let id = ada.cookie().unwrap();
    let expected = format!("both_flows={id}; HttpOnly; SameSite=Lax; Path=/");
    assert_eq!(start.header("set-cookie"), expected);

    let base_url = Url::parse(&example.world.base_url()).unwrap();
    let stytch = stytch(&example.world, base_url);
    let https = Url::parse("https://login.example").unwrap();
    let router = example::router(stytch, https, MemoryStore::default());
    let request = Request::get("/start/google").body(Body::empty()).unwrap();
    let response = router.oneshot(request).await.unwrap();
    let cookie = response.headers()["set-cookie"].to_str().unwrap();
    assert!(
        cookie.ends_with("; HttpOnly; SameSite=Lax; Secure; Path=/"),
        "{cookie}"
    );
}

#[tokio::test]
async fn the_private_page_needs_a_member_session() {
    let example = Example::start().await;
    assert_failed(&example.browser().get("/dashboard").await, 401, SIGNED_OUT);
    let mut choosing = example.choosing("ada@acme.example").await;
    assert_failed(&choosing.get("/dashboard").await, 401, SIGNED_OUT);
    let mut ada = example.signed_in().await;
    assert_eq!(ada.get("/dashboard").await.status, 200);
    // An administrator ends the session at Stytch.
    example.world.revoke_all_sessions();
    assert_failed(&ada.get("/dashboard").await, 401, SIGNED_OUT);
}

#[tokio::test]
async fn the_private_page_fails_closed() {
    let example = Example::start().await;
    let mut ada = example.signed_in().await;
    example.fault("/v1/b2b/sessions/authenticate", FaultKind::Garbage);
    let page = ada.get("/dashboard").await;
    assert_failed(&page, 503, "Sign-in is not available.");
    assert!(!page.body.contains("ada@"));
}

#[tokio::test]
async fn signing_out_ends_the_session_here_and_at_stytch() {
    let example = Example::start().await;
    let mut ada = example.signed_in().await;
    let id = ada.cookie().unwrap();
    let out = ada.go("Sign out").await;
    assert_eq!(out.path(), "/");
    assert_eq!(ada.cookie(), None, "the browser removed it");
    assert_eq!(example.calls(REVOKE).len(), 1);
    assert!(!example.knows(&id).await);
    // A copy of the cookie is of no use.
    ada.set_cookie(&id);
    assert_failed(&ada.get("/dashboard").await, 401, SIGNED_OUT);
}

/// The visitor is signed out here even if Stytch fails, and learns that Stytch has not confirmed it.
#[tokio::test]
async fn signing_out_works_while_stytch_is_down() {
    let example = Example::start().await;
    let mut ada = example.signed_in().await;
    let id = ada.cookie().unwrap();
    example.fault(REVOKE, FaultKind::ResetBefore);
    assert_eq!(ada.go("Sign out").await.status, 503);
    assert_eq!(ada.cookie(), None);
    assert!(!example.knows(&id).await);
    // Without a session there is nothing to revoke.
    example.world.clear_calls();
    assert_eq!(example.browser().post("/logout", &[]).await.status, 303);
    assert!(example.world.calls().is_empty());
}

/// No page and no URL of the example contains a token or a verifier, except the callback's own.
#[tokio::test]
async fn secrets_stay_on_the_server() {
    let example = Example::start().await;
    let mut ada = example.browser();
    let start = ada.get("/start/google").await;
    ada.arrive().await;
    ada.click("ada@acme.example").await;
    let callback = ada.follow().await;
    let list = ada.follow().await;
    let login = ada.click("Continue to Acme Corp").await;
    let dashboard = ada.follow().await;
    let pages = [&start, &list, &login, &dashboard];
    let mut seen = pages.map(|page| format!("{page:?}")).concat();
    // Its URL is the only one with a token.
    seen += callback.header("location");
    seen += &callback.body;
    let calls = example.world.calls();
    let verifiers = calls
        .iter()
        .filter_map(|call| call.body["pkce_code_verifier"].as_str());
    let mut secrets = example.world.minted_secrets();
    secrets.extend(verifiers.map(str::to_owned));
    assert!(secrets.len() > 3);
    for secret in secrets {
        assert!(!seen.contains(&secret), "{secret}");
    }
}
