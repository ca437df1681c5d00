//! SSO, step-up, MFA, email discovery, switching, and what a member can do: each with JavaScript and without.

use crate::{chrome::Chrome, no_script, support::TestApp};

async fn both() -> [Chrome; 2] {
    [open(true).await, open(false).await]
}

async fn open(scripted: bool) -> Chrome {
    if scripted {
        return Chrome::open().await;
    }
    no_script::open().await
}

/// The code that was sent last.
fn code(app: &TestApp) -> String {
    app.world.messages()[0].code.clone().expect("a code")
}

/// The link that was sent last.
fn link(app: &TestApp) -> String {
    app.world.messages()[0].link.clone().expect("a link")
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: tests/run"]
async fn sso_signs_in() {
    let app = TestApp::start().await;
    for bob in both().await {
        bob.visit(format!("{}/org/globex", app.url)).await;
        bob.press("Continue with Globex Okta").await;
        bob.press("bob@globex.example").await;
        bob.arrives("/org/globex").await;
        bob.sees("You are signed in as Bob Slydell").await;
        bob.close().await;
    }
}

/// Step-up by a code, by a link that is opened in the same browser, and by a provider.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: tests/run"]
async fn step_up_completes_a_sign_in() {
    for (way, scripted) in [
        ("code", true),
        ("code", false),
        ("link", false),
        ("Google", true),
    ] {
        let app = TestApp::start().await;
        let grace = open(scripted).await;
        grace.visit(&app.url).await;
        grace.press("Continue with GitHub").await;
        grace.press("grace@acme.example").await;
        grace.press("Join Acme Corp").await;
        grace.arrives("/step_up").await;
        match way {
            "code" => {
                grace.press("Email me a code").await;
                grace.sees("We sent a code to grace@acme.example").await;
                grace.fill("code", "000 000").await;
                grace.press("Sign in with the code").await;
                grace.sees("That code is not correct").await;
                grace.fill("code", &code(&app)).await;
                grace.press("Sign in with the code").await;
            }
            "link" => {
                grace.press("Other ways").await;
                grace.press("Email me a link").await;
                grace.sees("Open it in this browser to finish").await;
                grace.visit(link(&app)).await;
                grace.sees("Continue this sign-in?").await;
                grace.press("Continue").await;
            }
            _ => {
                grace.press("Other ways").await;
                grace.press("Continue with Google").await;
                grace.press("grace@acme.example").await;
            }
        }
        grace.arrives("/org/acme").await;
        grace.sees("You are signed in as Grace Hopper").await;
        grace.sees("GitHub").await;
        grace.close().await;
    }
}

/// A code by SMS, after another one was requested too early.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: tests/run"]
async fn a_code_by_sms_completes_a_sign_in() {
    let app = TestApp::start().await;
    for ada in both().await {
        ada.visit(&app.url).await;
        ada.press("Continue with Google").await;
        ada.press("ada@acme.example").await;
        ada.press("Sign in to Initech").await;
        ada.arrives("/mfa").await;
        ada.sees("to request another code").await;
        ada.fill("code", &code(&app)).await;
        ada.press("Sign in with the SMS code").await;
        ada.arrives("/org/initech").await;
        ada.close().await;
    }
}

/// A code in the same browser, and a link in another one.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: tests/run"]
async fn a_code_or_a_link_by_email_signs_in() {
    let app = TestApp::start().await;
    for ada in both().await {
        ada.visit(&app.url).await;
        ada.press("Continue with email").await;
        ada.fill("email_address", "ada@acme.example").await;
        ada.press("Email me a code").await;
        ada.sees("Enter your code").await;
        ada.fill("code", &code(&app)).await;
        ada.press("Continue").await;
        ada.arrives("/organizations").await;
        ada.press("Sign in to Acme Corp").await;
        ada.sees("You are signed in as Ada Lovelace").await;

        let phone = no_script::open().await;
        phone.visit(format!("{}/email", app.url)).await;
        phone.fill("email_address", "ada@acme.example").await;
        phone.press("Email me a link").await;
        phone.sees("Check your email").await;
        // In the browser in which she is signed in, the link asks first and says that continuing ends her session.
        ada.visit(link(&app)).await;
        ada.sees("If you continue, you will be signed out").await;
        ada.press("Continue").await;
        ada.arrives("/organizations").await;
        ada.sees("Signed in as ada@acme.example").await;
        phone.close().await;
        ada.close().await;
    }
}

/// Switching requires the second factor of the target. Afterwards, the tab of the old organization has no effect.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: tests/run"]
async fn switching_requires_the_second_factor_of_the_target() {
    for scripted in [true, false] {
        let app = TestApp::start().await;
        let ada = open(scripted).await;
        sign_in(&app, &ada).await;
        let old_tab = ada.driver.window().await.unwrap();
        let new_tab = ada.driver.new_tab().await.unwrap();
        ada.driver.switch_to_window(new_tab).await.unwrap();
        ada.visit(format!("{}/organizations", app.url)).await;
        ada.press("Switch to Initech").await;
        ada.arrives("/mfa").await;
        ada.fill("code", &code(&app)).await;
        ada.press("Sign in with the SMS code").await;
        ada.arrives("/org/initech").await;
        ada.driver.switch_to_window(old_tab).await.unwrap();
        ada.press("Turn off joining by email domain").await;
        ada.sees("This page belongs to acme, but you are signed in to Initech")
            .await;
        ada.press("Go to Initech").await;
        ada.arrives("/org/initech").await;
        ada.close().await;
    }
}

/// The provider's tokens, and the switch for JIT provisioning.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: tests/run"]
async fn a_member_sees_tokens_and_changes_jit_provisioning() {
    for scripted in [true, false] {
        let app = TestApp::start().await;
        let ada = open(scripted).await;
        sign_in(&app, &ada).await;
        ada.press("Google tokens").await;
        ada.sees("Your Google tokens").await;
        ada.sees("in provider_values when you signed in with Google")
            .await;
        ada.press("Back to Acme Corp").await;
        ada.press("Turn off joining by email domain").await;
        ada.sees("No one can join by email domain").await;
        ada.press("Let people at acme.example join").await;
        ada.sees("Anyone with a verified acme.example address")
            .await;
        ada.close().await;
    }
}

async fn sign_in(app: &TestApp, ada: &Chrome) {
    ada.visit(format!("{}/org/acme", app.url)).await;
    ada.press("Continue with Google").await;
    ada.press("ada@acme.example").await;
    ada.sees("You are signed in as Ada Lovelace").await;
}
