//! Two instances behind a proxy: each can finish what the other one started.

use std::time::Duration;

use stytch_sandbox::{FaultKind, HeldRequest};
use tokio::time::timeout;

use crate::{
    routes::{mfa::at_mfa, step_up::at_step_up},
    support::{
        Instances, Redis,
        app::{AUTHENTICATE, CREATE, DISCOVERY, EXCHANGE, SESSION},
    },
};

/// S12: both flows, each request at another instance than the one before.
#[tokio::test]
#[ignore = "needs redis-server: tests/run"]
async fn a_sign_in_may_change_instances_at_each_step() {
    let both = Instances::start(Redis::start()).await;
    for begins in [0, 1] {
        let mut ada = both.browser();
        ada.get("/").await;
        both.proxy.only(Some(begins));
        ada.click("Continue with Google").await;
        ada.arrive().await;
        both.proxy.only(Some(1 - begins));
        assert_eq!(ada.go("ada@acme.example").await.path(), "/organizations");
        both.proxy.only(Some(begins));
        assert_eq!(ada.click("Sign in to Acme Corp").await.status, 303);
        both.proxy.only(Some(1 - begins));
        assert!(ada.follow().await.text().contains("You are signed in"));
        let mut bob = both.browser();
        bob.get("/org/globex").await;
        both.proxy.only(Some(begins));
        bob.click("Continue with Google").await;
        both.proxy.only(Some(1 - begins));
        bob.arrive().await;
        let inside = bob.go("bob@globex.example").await;
        assert_eq!(inside.path(), "/org/globex");
        both.proxy.only(Some(begins));
        bob.get("/org/globex").await;
        bob.click("Sign out").await;
        both.proxy.only(Some(1 - begins));
        assert_eq!(bob.get("/member").await.status, 401);
        assert_eq!(ada.get("/member").await.status, 200);
    }
}

/// S1, S12: one instance replaces the id, and a slow tab sends a request with the old one to the other instance. The
/// response does not remove the new cookie.
#[tokio::test]
#[ignore = "needs redis-server: tests/run"]
async fn an_id_replaced_at_one_instance_removes_no_cookie_at_the_other() {
    let both = Instances::start(Redis::start()).await;
    let mut ada = both.apps[0].choosing("ada@acme.example").await;
    let mut other_tab = ada.clone();
    both.proxy.only(Some(0));
    ada.go("Sign in to Acme Corp").await;
    both.proxy.only(Some(1));
    for path in ["/", "/organizations", "/member"] {
        let page = other_tab.get(path).await;
        assert!(!page.text().contains("You are signed in"), "{path}");
        assert!(page.headers.get("set-cookie").is_none(), "{path}");
    }
    let mut other_tab = ada.clone();
    ada.go("Sign out").await;
    other_tab.get("/").await;
    assert_eq!(other_tab.cookie(), None, "a sign-out is not a rotation");
}

/// S12: the proxy sends each request to the next instance.
#[tokio::test]
#[ignore = "needs redis-server: tests/run"]
async fn a_sign_in_works_while_instances_alternate() {
    let both = Instances::start(Redis::start()).await;
    for _ in 0..3 {
        both.apps[0].signed_in("acme", "ada@acme.example").await;
        let mut ada = both.apps[0].choosing("ada@acme.example").await;
        assert_eq!(ada.go("Sign in to Initech").await.path(), "/mfa");
    }
    let counts = both.proxy.counts();
    assert!(counts.iter().all(|count| *count >= 10), "{counts:?}");
}

/// S13: a hundred requests with an expired JWT. Each instance calls Stytch at most once.
#[tokio::test]
#[ignore = "needs redis-server: tests/run"]
async fn each_instance_renews_once() {
    let both = Instances::start(Redis::start()).await;
    let ada = both.apps[0].signed_in("acme", "ada@acme.example").await;
    both.advance_apps(331);
    let hold = HeldRequest::new();
    both.apps[0].faults(SESSION, 2, FaultKind::HoldAfter(hold.clone()));
    let mut requests = Vec::new();
    for n in 0..100 {
        let mut ada = ada.clone();
        let path = if n % 3 == 0 { "/org/acme" } else { "/member" };
        requests.push(tokio::spawn(async move { ada.get(path).await }));
    }
    let waiting = || both.apps.iter().map(|app| app.state.renewals.waiting());
    while waiting().sum::<usize>() < 100 {
        tokio::task::yield_now().await;
    }
    assert!(waiting().all(|waiting| waiting > 0));
    hold.release();
    for request in requests {
        assert_eq!(request.await.unwrap().status, 200);
    }
    assert_eq!(both.apps[0].calls(SESSION).len(), 2);
}

/// C6, O3, S23: a duplicate at the other instance is told to start again. The first request signs in nevertheless.
#[tokio::test]
#[ignore = "needs redis-server: tests/run"]
async fn a_duplicate_at_the_other_instance_starts_again() {
    let both = Instances::start(Redis::start()).await;
    let app = &both.apps[0];
    for path in [DISCOVERY, AUTHENTICATE, EXCHANGE, CREATE] {
        let mut ada = both.browser();
        let press = match path {
            DISCOVERY => {
                ada.get("/").await;
                ada.go("Continue with Google").await;
                ada.click("ada@acme.example").await;
                None
            }
            AUTHENTICATE => {
                ada.get("/org/acme").await;
                ada.go("Continue with Google").await;
                ada.click("ada@acme.example").await;
                None
            }
            EXCHANGE => {
                ada = app.choosing("ada@acme.example").await;
                Some("Sign in to Acme Corp")
            }
            _ => {
                ada = app.choosing("frank@startup.example").await;
                ada.go("Create an organization").await;
                Some("Create organization")
            }
        };
        let hold = HeldRequest::new();
        app.fault(path, FaultKind::HoldAfter(hold.clone()));
        let press_it = move |mut ada: crate::support::Browser| async move {
            match press {
                Some(words) => ada.click(words).await,
                None => ada.follow().await,
            }
        };
        both.proxy.only(Some(0));
        let first = tokio::spawn(press_it(ada.clone()));
        hold.reached().await;
        both.proxy.only(Some(1));
        let second = press_it(ada.clone()).await;
        assert!(second.status.as_u16() < 500, "{path}: {}", second.text());
        hold.release();
        let first = first.await.unwrap();
        assert_eq!(first.status, 303, "{path}: {}", first.text());
        if press.is_some() {
            assert!(first.header("location").starts_with("/org/"), "{path}");
        }
        both.proxy.only(None);
        app.settle().await;
        app.signed_in("acme", "ada@acme.example").await;
    }
}

type Fields = &'static [(&'static str, &'static str)];

/// S22: each instance gets the same form while Stytch does not respond to the other one. One message is sent.
#[tokio::test]
#[ignore = "needs redis-server: tests/run"]
async fn two_instances_send_one_message() {
    let both = Instances::start(Redis::start()).await;
    let app = &both.apps[0];
    let ada = at_mfa(app, "ada@acme.example").await;
    let grace = at_step_up(app).await;
    let mut frank = both.browser();
    frank.get("/email").await;
    frank.get("/start/google").await;
    for app in &both.apps {
        app.advance_app(30);
    }
    let to_frank = [("email_address", "frank@startup.example"), ("way", "code")];
    let cases: [(_, _, _, Fields, _); 3] = [
        (ada, "/v1/b2b/otps/sms/send", "/mfa/sms", &[], 303),
        (
            grace,
            "/v1/b2b/otps/email/login_or_signup",
            "/step_up/send",
            &[("way", "email_otp")],
            303,
        ),
        (
            frank,
            "/v1/b2b/otps/email/discovery/send",
            "/email",
            Vec::from(to_frank).leak(),
            429, // it says that an email was requested less than 30 seconds ago
        ),
    ];
    for (browser, call, path, fields, status) in cases {
        let hold = HeldRequest::new();
        app.faults(call, 2, FaultKind::Hold(hold.clone()));
        let (mut tab, mut other_tab) = (browser.clone(), browser);
        both.proxy.only(Some(0));
        let first = tokio::spawn(async move { tab.post(path, fields).await });
        hold.reached().await;
        both.proxy.only(Some(1));
        let second = timeout(Duration::from_secs(30), other_tab.post(path, fields));
        assert_eq!(second.await.expect("no call").status, status, "{path}");
        assert_eq!(hold.waiting(), 1, "{path}");
        hold.release();
        assert_eq!(first.await.unwrap().status, 303, "{path}");
        assert_eq!(app.calls(call).len(), 1, "{path}");
        app.world.clear_faults();
    }
}
