use std::sync::Arc;

use stytch_b2b_axum::{clock::Clock, limits::ReplayCache};
use stytch_sandbox::{FaultKind, HeldRequest};

use crate::support::{
    TestApp,
    app::{CREATE, DISCOVERY, EXCHANGE},
};

/// C6: the same callback arrives twice at once.
#[tokio::test]
async fn two_identical_callbacks_get_one_response() {
    let app = TestApp::start().await;
    let mut ada = app.browser();
    ada.get("/").await;
    ada.go("Continue with Google").await;
    let callback = ada.click("ada@acme.example").await.location();
    let hold = HeldRequest::new();
    app.fault(DISCOVERY, FaultKind::Hold(hold.clone()));
    let (mut first, mut second) = (ada.clone(), ada.clone());
    let url = callback.to_string();
    let first = tokio::spawn(async move { first.follow().await });
    hold.reached().await;
    let second = tokio::spawn(async move { second.get(&url).await });
    hold.release();
    let (first, second) = (first.await.unwrap(), second.await.unwrap());
    assert_eq!(first.location(), second.location());
    assert_eq!(first.header("set-cookie"), second.header("set-cookie"));
    assert!(!first.header("set-cookie").is_empty());
    assert_eq!(app.calls(DISCOVERY).len(), 1);
}

/// C6, P1: the browser abandons a request and sends it again. The work of the first signs in the second.
#[tokio::test]
async fn an_abandoned_request_completes() {
    let app = TestApp::start().await;
    let mut ada = app.browser();
    ada.get("/").await;
    ada.go("Continue with Google").await;
    ada.click("ada@acme.example").await;
    for (path, next) in [(DISCOVERY, "/organizations"), (EXCHANGE, "/org/acme")] {
        let hold = HeldRequest::new();
        app.fault(path, FaultKind::Hold(hold.clone()));
        let mut leaving = ada.clone();
        let gone = tokio::spawn(async move {
            if path == DISCOVERY {
                leaving.follow().await
            } else {
                leaving.click("Sign in to Acme Corp").await
            }
        });
        hold.reached().await;
        gone.abort();
        assert!(
            gone.await.unwrap_err().is_cancelled(),
            "the connection is closed"
        );
        hold.release();
        let page = if path == DISCOVERY {
            ada.follow().await
        } else {
            ada.click("Sign in to Acme Corp").await
        };
        assert_eq!(page.location().path(), next);
        assert_eq!(app.calls(path).len(), 1);
        ada.follow().await;
    }
    assert!(ada.page().text().contains("You are signed in"));
}

/// P1: afterwards, another page with the old cookie is anonymous.
#[tokio::test]
async fn after_an_abandoned_sign_in_the_old_cookie_is_anonymous() {
    let app = TestApp::start().await;
    let mut ada = app.choosing("ada@acme.example").await;
    let hold = HeldRequest::new();
    app.fault(EXCHANGE, FaultKind::HoldAfter(hold.clone()));
    let mut leaving = ada.clone();
    let gone = tokio::spawn(async move { leaving.click("Sign in to Acme Corp").await });
    hold.reached().await;
    gone.abort();
    hold.release();
    app.settle().await;
    let page = ada.get("/member").await;
    assert_eq!(page.status, 401);
    assert_eq!(
        app.world.state()["sessions"].as_array().unwrap().len(),
        1,
        "the request was completed"
    );
}

/// O3: one organization is created, however often the button is pressed.
#[tokio::test]
async fn twenty_presses_create_one_organization() {
    let app = TestApp::start().await;
    let mut frank = app.choosing("frank@startup.example").await;
    frank.go("Create an organization").await;
    let before = app.world.state()["organizations"].as_array().unwrap().len();
    let hold = HeldRequest::new();
    app.fault(CREATE, FaultKind::Hold(hold.clone()));
    let mut presses = Vec::new();
    for _ in 0..20 {
        let mut frank = frank.clone();
        presses.push(tokio::spawn(async move {
            frank.go("Create organization").await
        }));
    }
    hold.reached().await;
    hold.release();
    for press in presses {
        let page = press.await.unwrap();
        assert_eq!(page.path(), "/org/startup");
        assert!(page.text().contains("You are signed in"), "{}", page.text());
    }
    assert_eq!(app.calls(CREATE).len(), 1);
    assert_eq!(
        app.world.state()["organizations"].as_array().unwrap().len(),
        before + 1
    );
}

/// C6: a response belongs to a browser, a path and a click. Without one of them nothing is replayed: a stranger who
/// opens the same link gets a session of their own.
#[tokio::test]
async fn nothing_is_replayed_without_a_cookie_or_a_value() {
    let app = TestApp::start().await;
    let link = app.foreign_discovery("ada@acme.example");
    let (mut ada, mut stranger) = (app.browser(), app.browser());
    for browser in [&mut ada, &mut stranger] {
        assert_eq!(browser.get(&link).await.location().path(), "/confirm");
    }
    assert!(ada.cookie().is_some());
    assert_ne!(ada.cookie(), stranger.cookie());
    for (number, query) in ["", "?form_id=", "?other=1"].iter().enumerate() {
        for half in ["a", "b"] {
            let address = format!("{half}{number}@acme.example");
            let fields = [("email_address", address.as_str()), ("way", "code")];
            let page = ada.post(&format!("/email{query}"), &fields).await;
            assert_eq!(page.status, 303);
            assert!(ada.arrive().await.text().contains(&address), "{query}");
        }
    }
}

/// C6: only the responses of the last minute are stored, up to a limit. The oldest is dropped first.
#[tokio::test]
async fn stored_responses_are_limited_in_number() {
    let cache = ReplayCache::new(Clock::default());
    let slot = |number: u32| cache.slot(number.to_string());
    let (first, second) = (slot(0), slot(1));
    for number in 2..10_000 {
        slot(number);
    }
    assert!(Arc::ptr_eq(&second, &slot(1)), "there is room for all");
    slot(10_000);
    assert!(!Arc::ptr_eq(&first, &slot(0)), "the oldest is forgotten");
}

/// A response is replayed to no other cookie and no other value, and not after a minute.
#[tokio::test]
async fn replays_are_only_for_the_same_click() {
    let app = TestApp::start().await;
    let mut ada = app.choosing("ada@acme.example").await;
    let action = ada.page().action("Sign in to Acme Corp", &[]).url;
    let press = format!("{}?{}", action.path(), action.query().unwrap());
    let here = [("here", "ada@acme.example")];
    let mut copies: Vec<_> = (0..4).map(|_| ada.clone()).collect();
    assert_eq!(ada.post(&press, &here).await.location().path(), "/org/acme");
    let again = copies[0].post(&press, &here).await;
    assert_eq!(again.location().path(), "/org/acme");
    let other_value = copies[1]
        .post(&format!("{}?form_id=other", action.path()), &here)
        .await;
    // Another form of the same step leads to the destination of the first (S23), but not by a replay.
    assert_eq!(other_value.location().path(), "/org/acme");
    let query = action.query().unwrap();
    let other_path = copies[1]
        .clone()
        .post(&format!("/logout?{query}"), &[])
        .await;
    assert_eq!(other_path.location().path(), "/");
    copies[2].set_cookie("AAAAAAAAAAAAAAAAAAAAAA");
    assert_eq!(copies[2].post(&press, &here).await.status, 400);
    app.advance_app(60);
    assert_eq!(copies[3].post(&press, &here).await.status, 400);
    assert_eq!(app.calls(EXCHANGE).len(), 1);
}
