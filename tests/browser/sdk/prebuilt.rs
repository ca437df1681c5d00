//! The vendor's prebuilt user interface of `@stytch/react`, as a person uses it.

use serde_json::json;
use thirtyfour::{By, Key};

use super::{ADA, PHONE, Site};
use crate::chrome::Chrome;

const CAROL: &str = "carol@initech.example";

/// Goes to Google and returns as this person.
async fn over_google(browser: &Chrome, email: &str) {
    browser.press("Continue with Google").await;
    browser.sees("Who is signing in?").await;
    assert_eq!(browser.url().await.host_str(), Some("127.0.0.1"));
    browser.press(email).await;
    browser.arrives("/authenticate").await;
}

/// Types into the only field of this kind.
async fn type_into(browser: &Chrome, field: &str, text: &str) {
    let field = browser.element(By::Css(field)).await;
    field.send_keys(text).await.unwrap();
}

/// Signs in by Discovery, and out again.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium, chromedriver and the SDK: tests/run"]
async fn discovery_signs_in_and_out() {
    let site = Site::start("react").await;
    let ada = Chrome::open().await;
    ada.visit(&site.url).await;
    over_google(&ada, ADA).await;
    ada.sees("Select an organization").await;
    ada.press("Acme Corp").await;
    ada.sees("ada@acme.example is signed in to Acme Corp").await;
    ada.visit(&site.url).await;
    ada.sees("ada@acme.example is signed in to Acme Corp").await;
    ada.press("Sign out").await;
    ada.sees("Continue with Google").await;
    ada.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium, chromedriver and the SDK: tests/run"]
async fn discovery_creates_an_organization() {
    let site = Site::start("react").await;
    let frank = Chrome::open().await;
    frank.visit(&site.url).await;
    over_google(&frank, "frank@startup.example").await;
    frank.press("Create an organization").await;
    frank
        .sees("frank@startup.example is signed in to Startup")
        .await;
    frank.close().await;
}

/// An organization's page shows the methods that it allows, and the person returns to it.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium, chromedriver and the SDK: tests/run"]
async fn the_organization_page_signs_in() {
    let site = Site::start("react").await;
    let bob = Chrome::open().await;
    bob.visit(format!("{}/org/globex", site.url)).await;
    bob.sees("Continue to Globex").await;
    assert!(!bob.text().await.contains("Microsoft"));
    over_google(&bob, "bob@globex.example").await;
    bob.sees("bob@globex.example is signed in to Globex").await;
    bob.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium, chromedriver and the SDK: tests/run"]
async fn sso_signs_in() {
    let site = Site::start("react").await;
    let bob = Chrome::open().await;
    bob.visit(format!("{}/org/globex", site.url)).await;
    bob.press("Globex Okta").await;
    bob.press("bob@globex.example").await;
    bob.sees("bob@globex.example is signed in to Globex").await;
    bob.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium, chromedriver and the SDK: tests/run"]
async fn mfa_by_sms_signs_in() {
    let site = Site::start("react").await;
    let ada = Chrome::open().await;
    ada.visit(format!("{}/org/initech", site.url)).await;
    over_google(&ada, ADA).await;
    ada.sees("Enter passcode").await;
    let code = site.code(PHONE);
    let wrong = if code == "000000" { "000001" } else { "000000" };
    type_into(&ada, "input", wrong).await;
    ada.sees("Invalid passcode").await;
    let field = ada.element(By::Css("input")).await;
    for _ in 0..6 {
        field.send_keys(Key::Backspace).await.unwrap();
    }
    type_into(&ada, "input", &code).await;
    ada.sees("ada@acme.example is signed in to Initech").await;
    ada.close().await;
}

/// With the authenticator app that Carol has already.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium, chromedriver and the SDK: tests/run"]
async fn mfa_by_totp_signs_in() {
    let site = Site::start("react").await;
    let carol = Chrome::open().await;
    carol.visit(format!("{}/org/initech", site.url)).await;
    over_google(&carol, CAROL).await;
    carol.sees("Enter verification code").await;
    let code = site
        .world
        .totp_code(&site.member("initech", CAROL))
        .unwrap();
    type_into(&carol, "input", &code).await;
    carol
        .sees("carol@initech.example is signed in to Initech")
        .await;
    carol.close().await;
}

/// A new member of an organization that requires MFA sets up an authenticator app after Discovery.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium, chromedriver and the SDK: tests/run"]
async fn a_new_member_sets_up_mfa() {
    let site = Site::start("react").await;
    let hal = "hal@hooli.example";
    let member = json!({ "email_address": hal, "email_address_verified": true });
    let id = site.world.add_member("initech", member);
    let browser = Chrome::open().await;
    browser.visit(&site.url).await;
    over_google(&browser, hal).await;
    browser.press("Initech").await;
    browser.sees("Set up Multi-Factor Authentication").await;
    browser.press("Use an authenticator app").await;
    browser.sees("Scan the QR code").await;
    browser.element(By::Css("img[alt*='QR code']")).await;
    browser.press("Continue").await;
    browser.sees("Enter verification code").await;
    let code = site.world.totp_code(&id).unwrap();
    type_into(&browser, "input", &code).await;
    browser.sees("Save your backup codes!").await;
    browser.press("Done").await;
    browser
        .sees("hal@hooli.example is signed in to Initech")
        .await;
    browser.close().await;
}

/// A code by email for Discovery, and a link for an organization.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium, chromedriver and the SDK: tests/run"]
async fn codes_and_links_by_email_sign_in() {
    let site = Site::start("react").await;
    let ada = Chrome::open().await;
    ada.visit(&site.url).await;
    type_into(&ada, "input[type=email]", ADA).await;
    ada.press("Continue with email").await;
    ada.press("Email me a login code").await;
    ada.sees("Enter passcode").await;
    let code = site.code(ADA);
    type_into(&ada, "input", &code).await;
    ada.press("Acme Corp").await;
    ada.sees("ada@acme.example is signed in to Acme Corp").await;
    ada.press("Sign out").await;
    ada.sees("Continue with Google").await;

    ada.visit(format!("{}/org/acme", site.url)).await;
    type_into(&ada, "input[type=email]", ADA).await;
    ada.press("Continue with email").await;
    ada.press("Email me a login link").await;
    ada.sees("Check your email").await;
    ada.visit(site.link(ADA)).await;
    ada.sees("ada@acme.example is signed in to Acme Corp").await;
    ada.close().await;
}
