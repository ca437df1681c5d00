//! The app's pages.

use serde_json::json;
use stytch_sandbox::FaultKind;

use super::show;
use crate::{
    chrome::Chrome,
    support::{TestApp, app::REVOKE},
};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: tests/run"]
async fn anonymous_pages_are_accessible() {
    let app = TestApp::start().await;
    let ada = Chrome::open().await;
    ada.visit(&app.url).await;
    show(&ada, "home").await;

    ada.visit(format!("{}/org/acme", app.url)).await;
    show(&ada, "org-sign-in").await;
    ada.visit(format!("{}/org/globex", app.url)).await;
    show(&ada, "org-sign-in-restricted").await;
    let rules = json!({"auth_methods": "RESTRICTED", "allowed_auth_methods": ["sso"]});
    app.world.patch_organization("vandelay", rules);
    ada.visit(format!("{}/org/vandelay", app.url)).await;
    ada.sees("does not offer any of the ways to sign in").await;
    show(&ada, "org-no-way-in").await;

    for (name, fault) in [
        ("home-signed-out", None),
        ("home-signed-out-here", Some(FaultKind::ResetBefore)),
    ] {
        sign_in(&app, &ada, "acme").await;
        if let Some(fault) = fault {
            app.fault(REVOKE, fault);
        }
        ada.press("Sign out").await;
        ada.sees("You are signed out").await;
        show(&ada, name).await;
    }
    ada.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: tests/run"]
async fn choosing_pages_are_accessible() {
    let app = TestApp::start().await;
    let person = Chrome::open().await;
    for (name, email) in [
        ("organizations", "ada@acme.example"),
        ("organizations-kinds", "carol@initech.example"),
        ("organizations-none", "frank@startup.example"),
    ] {
        prove(&app, &person, "Google", email).await;
        show(&person, name).await;
    }
    person.press("Create an organization").await;
    person.sees("You will be its first administrator").await;
    show(&person, "create-org").await;
    person.fill("organization_slug", "acme").await;
    person.press("Create organization").await;
    person.sees("Another organization has this address").await;
    show(&person, "create-org-refused").await;

    prove(&app, &person, "Google", "ada@acme.example").await;
    let form = person.element(thirtyfour::By::Css("main form")).await;
    let action = form.prop("action").await.unwrap().unwrap();
    person.visit(action).await;
    person.sees("Sign in to Acme Corp?").await;
    show(&person, "login").await;
    person.visit(&app.url).await;
    person.sees("You have a sign-in in progress").await;
    show(&person, "home-unfinished").await;
    person.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: tests/run"]
async fn pages_for_missing_factors_are_accessible() {
    let app = TestApp::start().await;
    let person = Chrome::open().await;
    for (name, email) in [
        ("mfa-sms", "ada@acme.example"),
        ("mfa-totp", "carol@initech.example"),
    ] {
        prove(&app, &person, "Google", email).await;
        person.press("Sign in to Initech").await;
        person.arrives("/mfa").await;
        show(&person, name).await;
    }
    app.ada_without_phone();
    prove(&app, &person, "Google", "ada@acme.example").await;
    person.press("Sign in to Initech").await;
    person.sees("You have not set up a second factor yet").await;
    show(&person, "mfa-none").await;
    person.press("Set up another second factor").await;
    person.press("Set up an authenticator app").await;
    person.sees("Save these recovery codes").await;
    show(&person, "mfa-enrolling").await;
    let member = "member-test-00000001-0003-4000-8000-000000000000";
    let code = app.world.totp_code(member).unwrap();
    person.fill("code", &code).await;
    person.press("Finish and sign in").await;
    person.arrives("/org/initech").await;
    person.press("Sign out").await;
    person.sees("You are signed out.").await;
    prove(&app, &person, "GitHub", "grace@acme.example").await;
    person.press("Join Acme Corp").await;
    person.arrives("/step_up").await;
    show(&person, "step-up").await;
    person.press("Email me a code").await;
    person.sees("We sent a code to").await;
    person.press("Other ways").await;
    person.press("Email me a link").await;
    person.sees("on another device").await;
    person.fill("code", "000000").await;
    person.press("Sign in with the code").await;
    person.sees("That code is not correct").await;
    show(&person, "step-up-sent").await;
    let none =
        json!({"auth_methods": "RESTRICTED", "allowed_auth_methods": ["github_oauth", "password"]});
    app.world.patch_organization("acme", none);
    prove(&app, &person, "Google", "ada@acme.example").await;
    person.press("Acme Corp").await;
    person.arrives("/step_up").await;
    show(&person, "step-up-no-way").await;
    person.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: tests/run"]
async fn second_factor_pages_are_accessible() {
    let app = TestApp::start().await;
    let ada = Chrome::open().await;
    app.ada_without_phone();
    prove(&app, &ada, "Google", "ada@acme.example").await;
    ada.press("Sign in to Initech").await;
    ada.fill("phone_number", "+15555550199").await;
    ada.press("Send a code").await;
    ada.sees("to correct the number").await;
    app.advance(31);
    ada.press("refresh this page").await;
    ada.press("Use another phone or method").await;
    ada.sees("Another phone").await;
    show(&ada, "mfa-phone-new").await;
    app.advance(90);
    ada.fill("code", "123456").await;
    ada.press("Sign in with the SMS code").await;
    ada.sees("That code is not correct").await;
    show(&ada, "mfa-late").await;
    let only = |method| json!({"mfa_methods": "RESTRICTED", "allowed_mfa_methods": [method]});
    for (name, method, words) in [
        (
            "mfa-not-taken",
            "totp",
            "This organization does not accept the one that you have",
        ),
        (
            "mfa-none-left",
            "carrier",
            "You can't use any second factor that",
        ),
    ] {
        app.world.patch_organization("initech", only(method));
        prove(&app, &ada, "Google", "ada@acme.example").await;
        ada.press("Sign in to Initech").await;
        ada.sees(words).await;
        show(&ada, name).await;
    }
    ada.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: tests/run"]
async fn pages_after_wrong_codes_are_accessible() {
    let app = TestApp::start().await;
    let person = Chrome::open().await;
    for (provider, email, organization, button, words, name) in [
        (
            "Google",
            "ada@acme.example",
            "Initech",
            "Sign in with the SMS code",
            "You entered four wrong codes",
            "mfa-sms-used-up",
        ),
        (
            "Google",
            "carol@initech.example",
            "Initech",
            "Sign in with the app code",
            "Try again in 5 minutes",
            "mfa-totp-used-up",
        ),
        (
            "GitHub",
            "grace@acme.example",
            "Acme Corp",
            "Sign in with the code",
            "You entered four wrong codes",
            "step-up-used-up",
        ),
    ] {
        prove(&app, &person, provider, email).await;
        person.press(organization).await;
        if provider == "GitHub" {
            person.press("Email me a code").await;
        }
        for n in 1..=4 {
            person.fill("code", "000000").await;
            person.press(button).await;
            person
                .sees(if n < 4 {
                    "That code is not correct"
                } else {
                    words
                })
                .await;
        }
        show(&person, name).await;
    }
    person.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: tests/run"]
async fn pages_after_several_links_are_accessible() {
    let app = TestApp::start().await;
    let ada = Chrome::open().await;
    ada.visit(app.foreign_discovery("ada@acme.example")).await;
    ada.arrives("/confirm").await;
    show(&ada, "confirm-discovery").await;
    let first = ada.driver.window().await.unwrap();
    let second = ada.driver.new_tab().await.unwrap();
    ada.driver.switch_to_window(second).await.unwrap();
    ada.visit(app.foreign_login("hal@hooli.example", "hooli"))
        .await;
    ada.sees("You opened another sign-in link").await;
    show(&ada, "confirm-second").await;
    ada.driver.switch_to_window(first).await.unwrap();
    ada.press("Continue").await;
    ada.sees("neither sign-in was continued").await;
    show(&ada, "error-several-links").await;
    ada.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: tests/run"]
async fn email_pages_are_accessible() {
    let app = TestApp::start().await;
    let ada = Chrome::open().await;
    ada.visit(format!("{}/email", app.url)).await;
    show(&ada, "email").await;
    for (email, press, words, name) in [
        (
            "bob@globex.example",
            "Email me a link",
            "Check your email",
            "email-link",
        ),
        (
            "ada@acme.example",
            "Email me a code",
            "Enter your code",
            "email-code",
        ),
    ] {
        if name == "email-code" {
            ada.press("Didn't get an email?").await;
        }
        ada.fill("email_address", email).await;
        ada.press(press).await;
        ada.sees(words).await;
        show(&ada, name).await;
    }
    ada.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: tests/run"]
async fn member_pages_are_accessible() {
    let app = TestApp::start().await;
    let ada = Chrome::open().await;
    ada.visit(app.foreign_login("ada@acme.example", "acme"))
        .await;
    ada.arrives("/confirm").await;
    show(&ada, "confirm").await;

    sign_in(&app, &ada, "acme").await;
    show(&ada, "org-member").await;
    ada.press("Switch organization").await;
    ada.arrives("/organizations").await;
    show(&ada, "switch").await;
    ada.visit(format!("{}/org/acme/provider/google", app.url))
        .await;
    ada.sees("Your Google tokens").await;
    show(&ada, "provider").await;
    ada.visit(format!("{}/org/globex/provider/google", app.url))
        .await;
    ada.sees("You are signed in to another organization").await;
    show(&ada, "error-other-tab").await;
    ada.visit(format!("{}/org/globex", app.url)).await;
    ada.sees("If you sign in here, you will be signed out")
        .await;
    show(&ada, "org-sign-in-elsewhere").await;
    ada.visit(app.foreign_login("ada@acme.example", "acme"))
        .await;
    ada.arrives("/confirm").await;
    show(&ada, "confirm-signed-in").await;

    sign_in(&app, &ada, "oneil").await;
    show(&ada, "org-member-nasty-name").await;
    ada.close().await;
}

async fn sign_in(app: &TestApp, ada: &Chrome, slug: &str) {
    ada.visit(format!("{}/org/{slug}", app.url)).await;
    ada.press("Continue with Google").await;
    ada.press("ada@acme.example").await;
    ada.sees("You are signed in as Ada Lovelace").await;
}

/// Discovery, up to the list of organizations.
async fn prove(app: &TestApp, person: &Chrome, provider: &str, email: &str) {
    person.visit(&app.url).await;
    person.press(&format!("Continue with {provider}")).await;
    person.press(email).await;
    person.arrives("/organizations").await;
}
