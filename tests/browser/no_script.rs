//! All flows work without JavaScript.

use crate::{chrome::Chrome, neighbor, support::TestApp};

/// Opens a browser that runs no scripts, and checks that on a page that has one.
pub async fn open() -> Chrome {
    let chrome = Chrome::without_script().await;
    let page = "<title>off</title><script>document.title = 'on'</script>";
    let neighbor = neighbor::serve("localhost", neighbor::page(page)).await;
    chrome.visit(&neighbor).await;
    assert_eq!(chrome.driver.title().await.unwrap(), "off");
    chrome
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: tests/run"]
async fn discovery_works_without_scripts() {
    let app = TestApp::start().await;
    let ada = open().await;
    ada.visit(&app.url).await;
    ada.press("Continue with Google").await;
    ada.press("ada@acme.example").await;
    ada.press("Sign in to Acme Corp").await;
    ada.sees("You are signed in as Ada Lovelace").await;
    ada.press("Sign out").await;
    ada.sees("You are signed out.").await;
    ada.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: tests/run"]
async fn the_organization_flow_works_without_scripts() {
    let app = TestApp::start().await;
    let bob = open().await;
    bob.visit(&app.url).await;
    bob.fill("slug", "globex").await;
    bob.press("Find").await;
    bob.press("Continue with Google").await;
    bob.press("bob@globex.example").await;
    bob.sees("You are signed in as Bob Slydell").await;
    bob.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: tests/run"]
async fn an_organization_is_created_without_scripts() {
    let app = TestApp::start().await;
    let frank = open().await;
    frank.visit(&app.url).await;
    frank.press("Continue with Google").await;
    frank.press("frank@startup.example").await;
    frank.press("Create an organization").await;
    frank.press("Create organization").await;
    frank.sees("You are signed in as Frank Founder").await;
    frank.close().await;
}
