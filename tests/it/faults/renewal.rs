use stytch_b2b_axum::sandbox::{FaultKind, Hold};

use crate::support::{TestApp, app::SESSION};

fn down() -> FaultKind {
    FaultKind::Status {
        status: 503,
        headers: Vec::new(),
        body: None,
    }
}

/// S13: a hundred requests with a JWT that has run out: one question, all are answered.
#[tokio::test]
async fn a_hundred_requests_renew_once() {
    let app = TestApp::start().await;
    let ada = app.signed_in("acme", "ada@acme.example").await;
    app.advance_app(331);
    let hold = Hold::new();
    app.fault(SESSION, FaultKind::HoldAfter(hold.clone()));
    let mut requests = Vec::new();
    for n in 0..100 {
        let mut ada = ada.clone();
        let path = if n % 2 == 0 { "/org/acme" } else { "/member" };
        requests.push(tokio::spawn(async move { ada.get(path).await }));
    }
    hold.reached().await;
    while app.state.renewals.waiting() < 100 {
        tokio::task::yield_now().await;
    }
    hold.release();
    for request in requests {
        assert_eq!(request.await.unwrap().status, 200);
    }
    assert_eq!(app.calls(SESSION).len(), 1);
}

/// S13: the one that asks leaves, or gets no answer: the others are served all the same.
#[tokio::test]
async fn a_leader_that_fails_takes_nobody_down() {
    let app = TestApp::start().await;
    let ada = app.signed_in("acme", "ada@acme.example").await;
    app.advance_app(331);
    let hold = Hold::new();
    app.fault(SESSION, FaultKind::Hold(hold.clone()));
    let mut leading = ada.clone();
    let leader = tokio::spawn(async move { leading.get("/org/acme").await });
    hold.reached().await;
    leader.abort();
    let mut others = Vec::new();
    for _ in 0..10 {
        let mut ada = ada.clone();
        others.push(tokio::spawn(async move { ada.get("/org/acme").await }));
    }
    hold.release();
    for other in others {
        assert_eq!(other.await.unwrap().status, 200);
    }
    app.faults(SESSION, 2, down());
    app.advance_app(60);
    let mut ada = ada.clone();
    assert_eq!(ada.get("/org/acme").await.status, 200, "stale, but in");
}

/// S14: Stytch down: in for five minutes, then 503, never signed out.
#[tokio::test]
async fn an_outage_signs_nobody_out() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    let cookie = ada.cookie();
    app.faults(SESSION, 100, down());
    app.advance_app(331);
    assert_eq!(ada.get("/org/acme").await.status, 200);
    app.advance_app(290);
    assert_eq!(ada.get("/org/acme").await.status, 200);
    app.advance_app(20);
    let page = ada.get("/org/acme").await;
    assert_eq!(page.status, 503);
    assert!(page.text().contains("Stytch does not answer"));
    assert_eq!(ada.get("/member").await.status, 503);
    assert_eq!(ada.cookie(), cookie);
    app.world.clear_faults();
    assert_eq!(ada.get("/org/acme").await.status, 200, "and it recovers");
}

/// S11: revoked at Stytch: out when the JWT has run out, 30 seconds of leeway included; and told so.
#[tokio::test]
async fn a_revoked_member_is_out_with_the_jwt() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    app.world.revoke_all_sessions();
    app.advance_app(328);
    assert_eq!(ada.get("/org/acme").await.status, 200);
    app.advance_app(3);
    let page = ada.get("/org/acme").await;
    assert_eq!(page.status, 401);
    assert!(page.text().contains("You were signed out"));
    assert_eq!(ada.cookie(), None);
}

/// S11: twelve hours are the end, however often the session was extended.
#[tokio::test]
async fn twelve_hours_are_the_end() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    for _ in 0..14 {
        app.advance(50 * 60);
        let page = ada.get("/org/acme").await;
        assert!(page.text().contains("You are signed in"));
    }
    app.advance(30 * 60);
    assert!(
        !ada.get("/org/acme")
            .await
            .text()
            .contains("You are signed in")
    );
    assert_eq!(ada.get("/member").await.status, 401);
}

/// A JWT that can't be verified vouches for nothing: Stytch is asked at every page, and nobody is kept out.
#[tokio::test]
async fn without_keys_stytch_is_asked_every_time() {
    let app = TestApp::start().await;
    app.world.fault(stytch_b2b_axum::sandbox::Fault {
        method: "GET".into(),
        path: "/v1/b2b/sessions/jwks/*".into(),
        times: 1000,
        kind: down(),
    });
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    app.world.clear_calls();
    for _ in 0..3 {
        assert_eq!(ada.get("/org/acme").await.status, 200);
    }
    assert_eq!(app.calls(SESSION).len(), 3);
}
