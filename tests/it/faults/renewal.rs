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

fn refuses(status: u16, error_type: &str) -> FaultKind {
    FaultKind::Error {
        status,
        error_type: error_type.into(),
        message: String::new(),
    }
}

/// S14: a definite no is no outage: out at once, and told so, whichever of them has gone.
#[tokio::test]
async fn who_may_come_in_no_more_is_out_at_once() {
    for (status, error_type) in [
        (404, "session_not_found"),
        (400, "invalid_session_token"),
        (404, "member_not_found"),
        (404, "organization_not_found"),
        (403, "organization_suspended"),
        (401, "unauthorized_session"),
    ] {
        let app = TestApp::start().await;
        let mut ada = app.signed_in("acme", "ada@acme.example").await;
        app.advance_app(331);
        app.fault(SESSION, refuses(status, error_type));
        let page = ada.get("/org/acme").await;
        assert_eq!(page.status, 401, "{error_type}");
        assert!(page.text().contains("You were signed out"), "{error_type}");
        assert_eq!(ada.cookie(), None, "{error_type}");
        assert_eq!(ada.get("/member").await.status, 401, "{error_type}");
    }
}

/// S14, V10: what says nothing about the visitor is an outage: our mistakes, and too many calls.
#[tokio::test]
async fn what_is_not_about_the_visitor_signs_nobody_out() {
    for (status, error_type, late) in [
        (400, "invalid_session_duration", 500),
        (401, "unauthorized_credentials", 500),
        (404, "route_not_found", 500),
        (429, "too_many_requests", 429),
    ] {
        let app = TestApp::start().await;
        let mut ada = app.signed_in("acme", "ada@acme.example").await;
        app.faults(SESSION, 100, refuses(status, error_type));
        app.advance_app(331);
        assert_eq!(ada.get("/org/acme").await.status, 200, "{error_type}");
        app.advance_app(300);
        assert_eq!(ada.get("/org/acme").await.status, late, "{error_type}");
        app.world.clear_faults();
        let page = ada.get("/org/acme").await;
        assert!(page.text().contains("You are signed in"), "{error_type}");
    }
}

/// S14: a locked member is refused at once, and in again when the lock ends: the session is kept.
#[tokio::test]
async fn a_locked_member_is_refused_and_stays() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    let cookie = ada.cookie();
    app.advance_app(331);
    app.fault(SESSION, refuses(429, "user_lock_limit_reached"));
    let page = ada.get("/org/acme").await;
    assert_eq!(page.status, 429);
    assert!(page.text().contains("Locked for now"), "{}", page.text());
    assert_eq!(ada.cookie(), cookie);
    let page = ada.get("/org/acme").await;
    assert!(page.text().contains("You are signed in"));
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
