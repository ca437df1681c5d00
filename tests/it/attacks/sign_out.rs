//! Sign-outs, and what must not undo them.

use std::time::Duration;

use axum::{
    Router,
    extract::State,
    response::IntoResponse,
    routing::{get, post},
};
use stytch_b2b_axum::{
    routes::logout, session::BrowserSession, sign_in::EmailKind, state::AppState,
};
use stytch_sandbox::{FaultKind, HeldRequest};
use tokio::time::timeout;
use tower_sessions::{Session, SessionStore};

use super::session::assert_anonymous;
use crate::support::{
    Browser, Fault, TestApp,
    app::{EXCHANGE, REVOKE, SESSION, Setup},
};

/// S5: sign-out in every state, and with a session that Stytch has ended already.
#[tokio::test]
async fn sign_out_always_signs_out() {
    let app = TestApp::start().await;
    let mut anonymous = app.browser();
    assert_eq!(anonymous.post("/logout", &[]).await.location().path(), "/");
    let ada = app.signed_in("acme", "ada@acme.example").await;
    let old = ada.cookie().unwrap();
    app.world.revoke_all_sessions();
    let mut leaving = ada.clone();
    let page = leaving.click("Sign out").await;
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(leaving.cookie(), None);
    assert_anonymous(&app, &old).await;
    assert_eq!(app.state.store.len(), 0);
}

/// S6: with Stytch down, the visitor is signed out here at once, and the page says what is unknown.
#[tokio::test]
async fn sign_out_works_while_stytch_is_down() {
    let setup = Setup {
        deadline: Some(Duration::from_millis(300)),
        ..Setup::default()
    };
    let app = TestApp::with(setup).await;
    let status = |status| FaultKind::Status {
        status,
        headers: Vec::new(),
        body: None,
    };
    for fault in [
        status(500),
        FaultKind::Hold(HeldRequest::new()),
        FaultKind::ResetBefore,
    ] {
        let mut ada = app.signed_in("acme", "ada@acme.example").await;
        app.fault(REVOKE, fault);
        let page = ada.go("Sign out").await;
        assert_eq!(ada.cookie(), None);
        assert!(
            page.text()
                .contains("We could not confirm that your session has ended"),
            "{}",
            page.text()
        );
    }
}

/// S6: a sign-out does not wait for a Stytch that hangs, however long calls may take.
#[tokio::test]
async fn a_sign_out_waits_for_stytch_for_a_second_at_most() {
    let app = TestApp::with(Setup {
        deadline: Some(Duration::from_mins(10)),
        ..Setup::default()
    })
    .await;
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    let hold = HeldRequest::new();
    app.fault(REVOKE, FaultKind::Hold(hold.clone()));
    let page = timeout(Duration::from_secs(20), ada.go("Sign out")).await;
    let text = page.expect("a response while Stytch hangs").text();
    assert!(
        text.contains("We could not confirm that your session has ended"),
        "{text}"
    );
    hold.release();
    app.settle().await;
    assert!(app.world.state()["sessions"].as_array().unwrap().is_empty());
}

/// S7: a session that ended during a slow request stays ended.
#[tokio::test]
async fn a_slow_request_does_not_undo_a_sign_out() {
    let app = TestApp::start().await;
    // A page that renews the JWT.
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    app.advance_app(360);
    undone(&app, SESSION, FaultKind::Hold, &mut ada, "/org/acme").await;
    // The same, with Stytch's response before the sign-out reached it.
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    app.advance_app(360);
    undone(&app, SESSION, FaultKind::HoldAfter, &mut ada, "/org/acme").await;
    // A sign-in that completes while "Use another account" is pressed.
    let mut ada = app.choosing("ada@acme.example").await;
    undone(
        &app,
        EXCHANGE,
        FaultKind::Hold,
        &mut ada,
        "Sign in to Acme Corp",
    )
    .await;
}

async fn undone(
    app: &TestApp,
    path: &str,
    kind: fn(HeldRequest) -> FaultKind,
    browser: &mut Browser,
    slow: &str,
) {
    let hold = HeldRequest::new();
    app.fault(path, kind(hold.clone()));
    let old = browser.cookie().unwrap();
    let mut tab = browser.clone();
    let slow = slow.to_owned();
    let late = tokio::spawn(async move {
        if slow.starts_with('/') {
            tab.get(&slow).await
        } else {
            tab.click(&slow).await
        }
    });
    hold.reached().await;
    browser.post("/logout", &[]).await;
    hold.release();
    let late = late.await.unwrap();
    assert_eq!(late.status, 303);
    assert_eq!(late.header("location"), "/");
    assert_eq!(
        late.header("set-cookie"),
        "",
        "the late request changes no cookie"
    );
    assert_anonymous(app, &old).await;
    assert_eq!(app.state.store.len(), 0);
    app.settle().await;
    let sessions = app.world.state()["sessions"].as_array().unwrap().len();
    assert_eq!(sessions, 0, "no session is left behind at Stytch");
}

/// S5: after a sign-out the visitor is anonymous for the rest of the request, even if it writes to the session.
#[tokio::test]
async fn a_sign_out_applies_to_the_rest_of_the_request() {
    async fn ends(session: BrowserSession, other_extractor: BrowserSession) -> String {
        session.sign_in_state().await.unwrap();
        other_extractor.sign_in_state().await.unwrap();
        session.end().await.unwrap();
        format!("{:?}", other_extractor.sign_in_state().await.unwrap())
    }
    async fn ends_and_writes(session: BrowserSession) -> &'static str {
        session.sign_in_state().await.unwrap();
        session.end().await.unwrap();
        let marked = session.mark_email_sent("ada@acme.example", EmailKind::Code, None);
        assert!(marked.await.unwrap().is_some());
        "written"
    }
    let more = Router::new()
        .route("/ends", post(ends))
        .route("/ends_and_writes", post(ends_and_writes));
    let app = TestApp::with(Setup {
        more,
        ..Setup::default()
    })
    .await;
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    assert_eq!(ada.post("/ends", &[]).await.body, "Anonymous");
    assert_eq!(ada.cookie(), None);
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    assert_eq!(ada.post("/ends_and_writes", &[]).await.status, 200);
    assert_eq!(ada.get("/member").await.status, 401);
}

/// S7: the record disappears between the handler's save and the middleware's own.
#[tokio::test]
async fn a_record_lost_at_the_last_moment_is_a_redirect() {
    async fn loses(State(app): State<AppState>, session: Session) -> &'static str {
        session.insert("key", 1).await.unwrap();
        session.save().await.unwrap();
        let store = &app.context().store;
        store.delete(&session.id().unwrap()).await.unwrap();
        "the handler noticed nothing"
    }
    let more = Router::new().route("/loses", get(loses));
    let app = TestApp::with(Setup {
        more,
        ..Setup::default()
    })
    .await;
    let page = app.browser().get("/loses").await;
    assert_eq!(page.status, 303);
    assert_eq!(page.header("location"), "/");
    assert_eq!(page.header("set-cookie"), "");
}

/// S7: if another tab changes the session during a sign-out, the visitor is signed out nevertheless.
#[tokio::test]
async fn a_sign_out_during_another_change_removes_the_cookie() {
    async fn overtaken(
        State(app): State<AppState>,
        session: Session,
        browser: BrowserSession,
    ) -> impl IntoResponse {
        browser.sign_in_state().await.unwrap();
        let store = &app.context().store;
        store.delete(&session.id().unwrap()).await.unwrap();
        logout::logout(State(app.context().clone()), browser).await
    }
    let app = TestApp::with(Setup {
        more: Router::new().route("/overtaken", post(overtaken)),
        ..Setup::default()
    })
    .await;
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    assert_eq!(ada.post("/overtaken", &[]).await.status, 303);
    assert_eq!(ada.cookie(), None);
}

/// S6, S10: the visitor signs out while the session store is down. The browser forgets the session at once, and the
/// page says what could not be done.
#[tokio::test]
async fn sign_out_works_while_the_store_is_down() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    let mut choosing = app.choosing("ada@acme.example").await;
    let old = ada.clone();
    let outage = |after| Fault {
        after,
        times: 50,
        done: false,
    };
    app.state.store.set_fault(Some(outage(0)));
    for (browser, button) in [
        (&mut ada, "Sign out"),
        (&mut choosing, "Use another account"),
    ] {
        let page = browser.click(button).await;
        assert_eq!(page.status, 503, "{}", page.text());
        let text = page.text();
        assert!(
            text.contains("You are signed out in this browser"),
            "{text}"
        );
        assert!(text.contains("could not end your session"), "{text}");
        assert_eq!(browser.cookie(), None);
    }
    app.state.store.set_fault(None);
    assert!(
        ada.get("/")
            .await
            .text()
            .contains("After you sign in, you can choose an organization")
    );
    // The record is still there, as the page said.
    let mut other = old.clone();
    assert_eq!(other.get("/org/acme").await.header("set-cookie"), "");
    // If the session can be read, Stytch ends it.
    app.state.store.set_fault(Some(outage(1)));
    assert_eq!(other.click("Sign out").await.status, 503);
    app.state.store.set_fault(None);
    app.settle().await;
    assert_eq!(app.calls(REVOKE).len(), 1);
    assert_eq!(other.cookie(), None);
}
