//! O3: an impatient second click. The browser abandons the first request, whose work goes on, and shows only the
//! response to the second.

use std::time::Duration;

use stytch_sandbox::{FaultKind, HeldRequest};

use crate::{
    chrome::{Chrome, until},
    support::{
        TestApp,
        app::{CREATE, EXCHANGE},
    },
};

/// Clicks the button, and again after 200 ms, when the first request has reached Stytch. Stytch responds once the
/// second request is in the app too.
async fn press_twice(app: &TestApp, person: &Chrome, path: &str, words: &str) {
    let hold = HeldRequest::new();
    app.fault(path, FaultKind::Hold(hold.clone()));
    let button = person.control(words).await;
    let mouse = person
        .driver
        .action_chain_with_delay(None, Some(Duration::from_millis(200)));
    let twice = mouse
        .move_to_element_center(&button)
        .click()
        .move_by_offset(1, 0)
        .click();
    let response = async {
        let both = async || (app.state.tasks.len() == 2).then_some(());
        until(both).await.expect("the app got the second request");
        hold.reached().await;
        hold.release();
    };
    let (pressed, ()) = tokio::join!(twice.perform(), response);
    pressed.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: tests/run"]
async fn a_double_click_creates_one_organization() {
    let app = TestApp::start().await;
    let frank = Chrome::open().await;
    frank.visit(&app.url).await;
    frank.press("Continue with Google").await;
    frank.press("frank@startup.example").await;
    frank.press("Create an organization").await;
    frank.sees("You will be its first administrator").await;
    frank.fill("organization_slug", "once-only").await;
    press_twice(&app, &frank, CREATE, "Create organization").await;
    frank.arrives("/org/once-only").await;
    frank.sees("You are signed in as Frank Founder").await;
    assert_eq!(app.calls(CREATE).len(), 1);
    let state = app.world.state();
    let organizations = state["organizations"].as_array().unwrap().iter();
    let made = organizations.filter(|one| one["organization_slug"] == "once-only");
    assert_eq!(made.count(), 1);
    frank.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: tests/run"]
async fn a_double_click_signs_in_once() {
    let app = TestApp::start().await;
    let ada = Chrome::open().await;
    ada.visit(&app.url).await;
    ada.press("Continue with Google").await;
    ada.press("ada@acme.example").await;
    ada.sees("Signed in as ada@acme.example").await;
    press_twice(&app, &ada, EXCHANGE, "Sign in to Acme Corp").await;
    ada.arrives("/org/acme").await;
    ada.sees("You are signed in as Ada Lovelace").await;
    assert_eq!(app.calls(EXCHANGE).len(), 1);
    ada.close().await;
}
