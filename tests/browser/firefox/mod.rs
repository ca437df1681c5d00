//! Both OAuth flows in Firefox, which has its own implementation of cookies, redirects and content security policies.

mod person;

use self::person::Firefox;
use crate::support::TestApp;

/// Signs in, chooses the organization afterwards, and signs out.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs firefox-esr: tests/run"]
async fn discovery_signs_in_and_out() {
    let app = TestApp::start().await;
    let ada = Firefox::open().await;
    ada.visit(&app.url).await;
    ada.press("Continue with Google").await;
    ada.sees("http://127.0.0.1").await;
    ada.press("ada@acme.example").await;
    ada.sees("/organizations").await;
    ada.press("Acme Corp").await;
    ada.sees("/org/acme").await;
    ada.sees("ada@acme.example").await;
    ada.press("Sign out").await;
    // Firefox complains that a JSON page has no icon.
    assert_eq!(ada.complaints(), [""; 0]);
    ada.visit(&format!("{}/member", app.url)).await;
    ada.sees("signed_out").await;
}

/// From the search form to one organization.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs firefox-esr: tests/run"]
async fn the_organization_flow_signs_in() {
    let app = TestApp::start().await;
    let bob = Firefox::open().await;
    bob.visit(&app.url).await;
    bob.fill("slug", "globex").await;
    bob.press("Find").await;
    bob.sees("/org/globex").await;
    bob.press("Continue with Google").await;
    bob.press("bob@globex.example").await;
    bob.sees("/org/globex").await;
    bob.sees("bob@globex.example").await;
    assert_eq!(bob.complaints(), [""; 0]);
    bob.visit(&format!("{}/member", app.url)).await;
    bob.sees("globex").await;
}

/// A crash of the browser is reported at once: no command waits for its response.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs firefox-esr: tests/run"]
async fn a_crash_is_reported_at_once() {
    let mut firefox = Firefox::open().await;
    firefox.check_alive().await.unwrap();
    firefox.crash();
    let error = firefox.check_alive().await.unwrap_err();
    assert!(error.contains("the browser is gone"), "{error}");
}
