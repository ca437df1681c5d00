//! Both OAuth flows in Firefox, whose cookies, redirects and content security policy are another program's.

mod person;

use self::person::Firefox;
use crate::support::TestApp;

/// Sign in first, choose the organization after; and out again.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs firefox-esr: tests/run"]
async fn discovery() {
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
    // Firefox complains about the missing icon of a page of JSON.
    assert_eq!(ada.complaints(), [""; 0]);
    ada.visit(&format!("{}/member", app.url)).await;
    ada.sees("signed_out").await;
}

/// From the look-up form to one organization.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs firefox-esr: tests/run"]
async fn organization() {
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

/// A browser that is gone is told at once: no command waits for its answer.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs firefox-esr: tests/run"]
async fn a_crash_is_told() {
    let mut nobody = Firefox::open().await;
    nobody.answers().await.unwrap();
    nobody.crash();
    let told = nobody.answers().await.unwrap_err();
    assert!(told.contains("the browser is gone"), "{told}");
}
