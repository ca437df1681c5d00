//! Lifetime of a list, and who can see it.

use stytch_sandbox::{FaultKind, HeldRequest};

use super::{app, kept};
use crate::{
    routes::mfa::{at_mfa, newest_code},
    support::{
        Redis, TestApp,
        app::{SWITCH, Setup},
    },
};

/// S33: the list moves with the session's new ids, and ends with the session.
#[tokio::test]
async fn the_list_ends_at_sign_out() {
    let app = app().await;
    let mut ada = at_mfa(&app, "ada@acme.example").await;
    ada.fill(
        "Sign in with the SMS code",
        &[("code", &newest_code(&app.world))],
    )
    .await;
    let page = ada.arrive().await;
    assert_eq!(page.path(), "/org/initech");
    let steps = page.steps().join("\n");
    for part in [
        "GET /start/google",
        "GET /discovery",
        "POST /login/",
        "POST /mfa",
        "otps.sms.authenticate",
    ] {
        assert!(steps.contains(part), "{part}: {steps}");
    }
    assert!(ada.seen_cookies.len() >= 4, "the session id changed");
    assert_eq!(
        (kept(&app).len(), app.state.store.len()),
        (1, 2),
        "one session, one list"
    );
    let mut before = ada.clone();
    let page = ada.go("Sign out").await;
    assert_eq!(page.steps().len(), 1, "{:?}", page.steps());
    assert_eq!(app.state.store.len(), 0);
    for id in before.seen_cookies.clone() {
        before.set_cookie(&id);
        assert_eq!(before.get("/").await.steps().len(), 1);
    }
}

/// S33: the session ends at Stytch, or a sign-in in progress expires.
#[tokio::test]
async fn the_list_ends_with_the_session() {
    let app = app().await;
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    app.world.revoke_all_sessions();
    app.advance_app(360);
    assert_eq!(ada.get("/org/acme").await.status, 401);
    assert_eq!(
        app.state.store.len(),
        0,
        "a page that ends the session, too"
    );
    app.choosing("ada@acme.example").await;
    assert_eq!(app.state.store.len(), 2);
    app.advance_app(24 * 60 * 60);
    assert_eq!(app.state.store.len(), 0);
}

/// S33: a sign-out during a slow step leaves no list behind, at whichever point the step is.
#[tokio::test]
async fn a_slow_step_does_not_restore_the_list() {
    let app = app().await;
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    let mut other_tab = ada.clone();
    let hold = HeldRequest::new();
    app.fault(SWITCH, FaultKind::Hold(hold.clone()));
    other_tab.get("/organizations").await;
    let slow = tokio::spawn(async move {
        other_tab.click("Switch to O'Neil").await;
    });
    hold.reached().await;
    ada.go("Sign out").await;
    hold.release();
    slow.await.unwrap();
    app.settle().await;
    assert!(kept(&app).is_empty());
    let mut ada = app.choosing("ada@acme.example").await;
    app.state.store.end_sessions_before_a_list();
    ada.click("Sign in to Acme Corp").await;
    assert!(kept(&app).is_empty());
}

/// S33: another visitor can't see it, and neither can a stranger who knew an earlier id.
#[tokio::test]
async fn other_visitors_can_not_see_the_list() {
    let app = app().await;
    let mut ada = app.browser();
    ada.get("/").await;
    ada.go("Continue with Google").await;
    let mut thief = app.browser();
    thief.set_cookie(&ada.cookie().unwrap());
    ada.go("ada@acme.example").await;
    ada.go("Sign in to Acme Corp").await;
    assert!(ada.page().text().contains("ada@acme.example"));
    let page = thief.get("/").await;
    assert_eq!(page.steps().len(), 1, "{}", page.text());
    let bob = app.choosing("bob@globex.example").await;
    assert!(!bob.inspected.concat().contains("ada@acme.example"));
    let page = app.browser().get("/").await;
    assert_eq!(page.steps().len(), 1, "{}", page.text());
}

#[tokio::test]
async fn a_new_sign_in_starts_a_new_list() {
    let app = app().await;
    let mut ada = app.choosing("ada@acme.example").await;
    ada.get("/").await;
    ada.go("Continue with Microsoft").await;
    let page = ada.go("ada@acme.example").await;
    let steps = page.steps().join("\n");
    assert!(
        steps.contains("/start/microsoft") && !steps.contains("/start/google"),
        "{steps}"
    );
    // A step-up or a switch continues the list.
    ada.go("Sign in to Acme Corp").await;
    ada.go("Switch organization").await;
    ada.go("Switch to O'Neil").await;
    let steps = ada.page().steps().join("\n");
    assert!(
        steps.contains("/start/microsoft") && steps.contains("sessions.exchange"),
        "{steps}"
    );
}

/// S32: many steps do not fill the store.
#[tokio::test]
async fn a_list_has_a_limit() {
    let app = app().await;
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    for _ in 0..12 {
        ada.go("Switch organization").await;
        ada.go("Switch to O'Neil").await;
        ada.go("Switch organization").await;
        ada.go("Switch to Acme").await;
    }
    let page = ada.page();
    assert_eq!(page.path(), "/org/acme");
    assert!(page.text().contains("The oldest steps were dropped."));
    assert!(page.steps().len() > 4);
    assert!(kept(&app).iter().all(|list| list.len() <= 48 * 1024));
    assert_eq!(kept(&app).len(), 1);
}

/// S33: whatever fails in the inspector, the visitor gets the same page.
#[tokio::test]
async fn failures_of_the_inspector_change_nothing() {
    let app = app().await;
    let mut ada = app.browser();
    app.state.store.fail_lists(true);
    for fails_from_the_start in [true, false] {
        app.state.store.fail_lists(fails_from_the_start);
        ada.get("/").await;
        ada.go("Continue with Google").await;
        app.state.store.fail_lists(true);
        ada.go("ada@acme.example").await;
        let page = ada.go("Sign in to Acme Corp").await;
        assert_eq!(page.path(), "/org/acme", "{}", page.text());
        assert_eq!(page.steps().len(), 1, "{:?}", page.steps());
        let page = ada.go("Sign out").await;
        assert!(
            page.text().contains("You are signed out."),
            "{}",
            page.text()
        );
        assert_eq!(ada.cookie(), None);
    }
}

/// S33: the same in Redis, where the list is encrypted and expires.
#[tokio::test]
#[ignore = "needs redis-server: tests/run"]
async fn redis_stores_the_list_next_to_the_session() {
    let redis = Redis::start();
    let app = TestApp::with(Setup {
        redis: Some(redis.url()),
        inspector: true,
        ..Setup::default()
    })
    .await;
    let mut ada = app.choosing("ada@acme.example").await;
    ada.go("Sign in to Acme Corp").await;
    let steps = ada.page().steps().join("\n");
    assert!(
        steps.contains("GET /start/google") && steps.contains("POST /login/"),
        "{steps}"
    );
    let records = redis.records().await;
    let records: Vec<_> = records
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .collect();
    assert_eq!(records.len(), 2);
    for (name, value) in records {
        assert!(!value.windows(5).any(|part| part == b"steps"), "{name}");
        let milliseconds: i64 = redis::AsyncCommands::pttl(&mut redis.connect().await, name)
            .await
            .unwrap();
        assert!(milliseconds > 0, "{name}");
    }
    ada.go("Sign out").await;
    assert!(
        redis
            .records()
            .await
            .iter()
            .all(|(_, value)| value.is_empty())
    );
}
