use std::time::Duration;

use axum::{Router, extract::State, routing::get};
use stytch_b2b_axum::{session::BrowserSession, state::AppState};
use stytch_sandbox::{FaultKind, HeldRequest};
use tokio::task::JoinHandle;
use tower_sessions::Session;

use crate::support::{
    Browser, Fault, Page, TestApp,
    app::{AUTHENTICATE, SESSION, Setup, session_of_another_request},
};

fn down() -> FaultKind {
    FaultKind::Status {
        status: 503,
        headers: Vec::new(),
        body: None,
    }
}

/// S13: a hundred requests with an expired JWT make one call, and all get a response.
#[tokio::test]
async fn a_hundred_requests_renew_once() {
    let app = TestApp::start().await;
    let ada = app.signed_in("acme", "ada@acme.example").await;
    app.advance_app(331);
    let hold = HeldRequest::new();
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

/// Requests her page in this many tabs while her renewal is running.
async fn waiting_tabs(app: &TestApp, ada: &Browser, tabs: usize) -> Vec<JoinHandle<Page>> {
    let mut requests = Vec::new();
    for _ in 0..tabs {
        let mut tab = ada.clone();
        requests.push(tokio::spawn(async move { tab.get("/org/acme").await }));
    }
    while app.state.renewals.waiting() < tabs {
        tokio::task::yield_now().await;
    }
    requests
}

/// S13: Stytch fails while ten requests wait. The failed call counts for all of them, and all are let in.
#[tokio::test]
async fn a_failed_renewal_serves_all_waiting_requests() {
    let app = TestApp::start().await;
    let ada = app.signed_in("acme", "ada@acme.example").await;
    app.advance_app(331);
    let hold = HeldRequest::new();
    app.fault(SESSION, FaultKind::HoldAfter(hold.clone()));
    app.faults(SESSION, 100, down());
    let requests = waiting_tabs(&app, &ada, 10).await;
    hold.release();
    for request in requests {
        assert_eq!(request.await.unwrap().status, 200);
    }
    assert!(app.calls(SESSION).len() <= 3, "one call, tried twice");
}

/// S13, S10: Stytch renewed the session, but the result could not be stored. Only the request that made the call fails.
#[tokio::test]
async fn a_renewal_that_can_not_be_stored_is_tried_once_more() {
    let app = TestApp::start().await;
    let ada = app.signed_in("acme", "ada@acme.example").await;
    app.advance_app(331);
    let hold = HeldRequest::new();
    app.fault(SESSION, FaultKind::HoldAfter(hold.clone()));
    let requests = waiting_tabs(&app, &ada, 10).await;
    hold.reached().await;
    app.state.store.set_fault(Some(Fault {
        after: 0,
        times: 1,
        done: false,
    }));
    hold.release();
    let mut statuses = Vec::new();
    for request in requests {
        statuses.push(request.await.unwrap().status.as_u16());
    }
    statuses.sort_unstable();
    assert_eq!(statuses[..9], [200; 9]);
    assert_eq!(statuses[9], 503);
    assert_eq!(app.calls(SESSION).len(), 2);
}

/// S14: while Stytch is down, a member stays for five minutes, then gets 503, and is never signed out.
#[tokio::test]
async fn an_outage_does_not_sign_the_member_out() {
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
    assert!(
        page.text()
            .contains("The sign-in service is not responding")
    );
    assert_eq!(ada.get("/member").await.status, 503);
    assert_eq!(ada.cookie(), cookie);
    app.world.clear_faults();
    assert_eq!(ada.get("/org/acme").await.status, 200, "and it recovers");
}

/// S11: a session that was revoked at Stytch ends when its JWT expires, 30 seconds of leeway included, and the visitor
/// is told.
#[tokio::test]
async fn a_revoked_session_ends_with_its_jwt() {
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

/// S14: while Stytch hangs, one page in ten seconds waits for it. The others are served at once, and do not delay that
/// one.
#[tokio::test]
async fn one_page_in_ten_seconds_waits_for_a_stytch_that_hangs() {
    let app = TestApp::with(Setup {
        deadline: Some(Duration::from_millis(200)),
        ..Setup::default()
    })
    .await;
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    app.advance_app(331);
    app.faults(SESSION, 1, FaultKind::Hold(HeldRequest::new()));
    for path in ["/org/acme", "/member", "/org/acme"] {
        assert_eq!(ada.get(path).await.status, 200);
    }
    app.advance_app(9);
    assert_eq!(ada.get("/member").await.status, 200);
    assert_eq!(app.calls(SESSION).len(), 1);
    app.advance_app(1);
    assert_eq!(ada.get("/member").await.status, 200);
    assert_eq!(app.calls(SESSION).len(), 2, "and then it is called again");
}

fn refuses(status: u16, error_type: &str) -> FaultKind {
    FaultKind::Error {
        status,
        error_type: error_type.into(),
        message: String::new(),
    }
}

/// S14: a definite refusal is not an outage. The member is signed out at once, and told so, whichever object is gone.
#[tokio::test]
async fn a_definite_refusal_signs_the_member_out_at_once() {
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

/// S14, V10: an error that says nothing about the visitor counts as an outage: the app's own mistakes, and too many
/// calls.
#[tokio::test]
async fn an_error_of_the_app_does_not_sign_the_member_out() {
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

/// S14: a locked member is refused at once, and let in when the lock ends, because the session is kept.
#[tokio::test]
async fn a_locked_member_is_refused_and_keeps_the_session() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    let cookie = ada.cookie();
    app.advance_app(331);
    app.fault(SESSION, refuses(429, "user_lock_limit_reached"));
    let page = ada.get("/org/acme").await;
    assert_eq!(page.status, 429);
    assert!(
        page.text().contains("This account is locked for now"),
        "{}",
        page.text()
    );
    assert_eq!(ada.cookie(), cookie);
    let page = ada.get("/org/acme").await;
    assert!(page.text().contains("You are signed in"));
}

/// S11: the app's clock is set back by an hour, or ahead. A revoked session ends nevertheless, and no other does.
#[tokio::test]
async fn a_jump_of_the_clock_ends_only_revoked_sessions() {
    for ahead in [false, true] {
        // Longer than the jump.
        let setup = Setup {
            session_minutes: "120",
            ..Setup::default()
        };
        let app = TestApp::with(setup).await;
        let mut ada = app.signed_in("acme", "ada@acme.example").await;
        if ahead {
            app.advance_app(3600);
        } else {
            app.set_app_back(3600);
        }
        let page = ada.get("/org/acme").await;
        assert!(page.text().contains("You are signed in"), "{ahead}");
        app.world.revoke_all_sessions();
        app.advance(331);
        assert_eq!(ada.get("/org/acme").await.status, 401, "{ahead}");
        assert_eq!(ada.cookie(), None);
    }
}

/// S11: while Stytch does not respond, a JWT proves nothing if the clock was set back, and a recent confirmation by
/// Stytch counts for at most five minutes.
#[tokio::test]
async fn during_an_outage_a_session_counts_for_five_minutes() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    app.set_app_back(3000);
    app.faults(SESSION, 2, down());
    assert_eq!(ada.get("/member").await.status, 503, "the clock is back");
    app.advance_app(3000 + 625);
    app.faults(SESSION, 2, down());
    assert_eq!(ada.get("/member").await.status, 200, "for the last time");
    app.advance_app(7);
    app.faults(SESSION, 2, down());
    assert_eq!(ada.get("/member").await.status, 503, "time is up");
    assert_eq!(ada.get("/member").await.status, 200, "Stytch is back");
}

/// S13: a request that comes late finds the session renewed, and makes no call.
#[tokio::test]
async fn a_renewal_by_another_request_is_used() {
    async fn late(State(app): State<AppState>, tower: Session, session: BrowserSession) -> String {
        session.sign_in_state().await.unwrap();
        let faster = tokio::spawn(async move {
            let session = session_of_another_request(&app, &tower).await;
            session.member().await.unwrap().unwrap();
        });
        faster.await.unwrap();
        session.member().await.unwrap().unwrap().home()
    }
    let app = TestApp::with(Setup {
        more: Router::new().route("/late", get(late)),
        ..Setup::default()
    })
    .await;
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    app.advance_app(331);
    app.forget_calls().await;
    assert_eq!(ada.get("/late").await.body, "/org/acme");
    assert_eq!(app.calls(SESSION).len(), 1);
}

/// O2: a renewal about another organization is not accepted, and the member stays.
#[tokio::test]
async fn a_renewal_for_another_organization_is_refused() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    app.advance_app(331);
    app.fault(SESSION, FaultKind::OtherOrganization);
    assert_eq!(ada.get("/org/acme").await.status, 500);
    let page = ada.get("/org/acme").await;
    assert!(page.text().contains("You are signed in"), "{}", page.text());
}

/// S11: a session ends after twelve hours, however often it was extended.
#[tokio::test]
async fn a_session_ends_after_twelve_hours() {
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

/// S11: a member who returns after the session has ended at Stytch is anonymous here, too, without a call.
#[tokio::test]
async fn an_expired_session_is_anonymous() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    app.forget_calls().await;
    app.advance(3590);
    assert_eq!(ada.get("/").await.location().path(), "/org/acme");
    app.advance(20);
    assert_eq!(ada.get("/").await.status, 200);
    assert_eq!(ada.get("/member").await.status, 401);
    assert!(app.world.calls().is_empty());
}

/// S11: the shortest session is renewed like any other, if the member opens a page now and then.
#[tokio::test]
async fn a_short_session_is_renewed_too() {
    let app = TestApp::with(Setup {
        session_minutes: "5",
        ..Setup::default()
    })
    .await;
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    app.advance(140);
    assert_eq!(ada.get("/member").await.status, 200);
    assert_eq!(app.calls(SESSION).len(), 0, "half of its time is not over");
    for _ in 0..10 {
        app.advance(155);
        assert_eq!(ada.get("/member").await.status, 200);
    }
    app.advance(301);
    assert_eq!(ada.get("/member").await.status, 401);
}

/// S11: the app requests no session beyond the twelve hours, however long sessions are configured to last.
#[tokio::test]
async fn no_session_at_stytch_outlasts_twelve_hours() {
    let app = TestApp::with(Setup {
        session_minutes: "527040",
        ..Setup::default()
    })
    .await;
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    let call = app.calls(AUTHENTICATE).remove(0);
    assert_eq!(call.body["session_duration_minutes"], 720);
    for (minutes_on, wanted) in [(60, 660), (650, 10), (7, 5)] {
        app.advance(minutes_on * 60);
        app.forget_calls().await;
        assert_eq!(ada.get("/member").await.status, 200);
        let call = app.calls(SESSION).remove(0);
        assert_eq!(call.body["session_duration_minutes"], wanted);
    }
    app.advance(180);
    assert_eq!(ada.get("/member").await.status, 401);
}

/// A JWT that can't be verified proves nothing. The app calls Stytch for every page, and the member stays signed in.
#[tokio::test]
async fn without_keys_stytch_is_called_every_time() {
    let app = TestApp::start().await;
    app.world.fault(stytch_sandbox::Fault {
        method: "GET".into(),
        path: "/v1/b2b/sessions/jwks/*".into(),
        times: 1000,
        kind: down(),
    });
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    app.forget_calls().await;
    for _ in 0..3 {
        assert_eq!(ada.get("/org/acme").await.status, 200);
    }
    assert_eq!(app.calls(SESSION).len(), 3);
}
