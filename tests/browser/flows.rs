//! Both OAuth flows from the first click to the last, across two sites.

use crate::{chrome::Chrome, support::TestApp};

/// Discovery across two sites with a real click on the consent page (C15). Only a real browser applies its rules to the
/// cookie and to the policies.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: tests/run"]
async fn discovery_signs_in_and_out() {
    let app = TestApp::start().await;
    let ada = Chrome::open().await;
    ada.visit(&app.url).await;
    assert_eq!(ada.url().await.host_str(), Some("localhost"));
    ada.press("Continue with Google").await;
    ada.sees("Who is signing in?").await;
    assert_eq!(ada.url().await.host_str(), Some("127.0.0.1"));
    ada.press("ada@acme.example").await;
    ada.arrives("/organizations").await;
    ada.sees("Signed in as ada@acme.example").await;
    ada.press("Sign in to Acme Corp").await;
    ada.arrives("/org/acme").await;
    ada.sees("You are signed in as Ada Lovelace").await;
    ada.press("Sign out").await;
    ada.sees("You are signed out.").await;
    ada.close().await;
}

/// From the search form to an organization that allows only one of the app's providers.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: tests/run"]
async fn the_organization_flow_signs_in_and_out() {
    let app = TestApp::start().await;
    let bob = Chrome::open().await;
    bob.visit(&app.url).await;
    bob.fill("slug", "globex").await;
    bob.press("Find").await;
    bob.arrives("/org/globex").await;
    bob.sees("Sign in to Globex").await;
    assert!(!bob.text().await.contains("Microsoft"));
    bob.press("Continue with Google").await;
    bob.sees("The app wants to sign you in to Globex").await;
    bob.press("bob@globex.example").await;
    bob.arrives("/org/globex").await;
    bob.sees("You are signed in as Bob Slydell").await;
    bob.press("Sign out").await;
    bob.sees("You are signed out.").await;
    bob.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: tests/run"]
async fn discovery_creates_an_organization() {
    let app = TestApp::start().await;
    let frank = Chrome::open().await;
    frank.visit(&app.url).await;
    frank.press("Continue with Google").await;
    frank.press("frank@startup.example").await;
    frank.sees("You don't belong to an organization yet").await;
    frank.press("Create an organization").await;
    frank.fill("organization_slug", "acme").await;
    frank.press("Create organization").await;
    frank.sees("Another organization has this address").await;
    frank.fill("organization_name", "Startup & Co").await;
    frank.fill("organization_slug", "startup-co").await;
    frank.press("Create organization").await;
    frank.arrives("/org/startup-co").await;
    frank.sees("Startup & Co").await;
    frank.sees("You are signed in as Frank Founder").await;
    frank.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: tests/run"]
async fn every_provider_signs_in() {
    let app = TestApp::start().await;
    for (name, email, organization, path) in [
        ("Google", "hal@hooli.example", "Hooli", "/org/hooli"),
        ("Microsoft", "ada@acme.example", "Acme Corp", "/org/acme"),
        ("GitHub", "dave@hooli.example", "Join Hooli", "/org/hooli"),
        ("Slack", "dave@hooli.example", "Hooli", "/org/hooli"),
        ("HubSpot", "dave@hooli.example", "Hooli", "/org/hooli"),
    ] {
        let person = Chrome::open().await;
        person.visit(&app.url).await;
        person.press(&format!("Continue with {name}")).await;
        person
            .sees(&format!("This page stands in for {name}"))
            .await;
        person.press(email).await;
        person.arrives("/organizations").await;
        person.press(organization).await;
        person.arrives(path).await;
        person.sees("You are signed in").await;
        person.close().await;
    }
}

/// Canceling leads back to where the sign-in started, in both flows.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: tests/run"]
async fn canceling_at_the_provider_leads_back() {
    let app = TestApp::start().await;
    let ada = Chrome::open().await;
    ada.visit(&app.url).await;
    ada.press("Continue with Google").await;
    ada.press("Cancel").await;
    ada.sees("Sign-in was canceled").await;
    ada.press("Start again with Google").await;
    ada.sees("The app wants to know which organizations").await;

    ada.visit(format!("{}/org/acme", app.url)).await;
    ada.press("Continue with Slack").await;
    ada.press("Cancel").await;
    ada.sees("Sign-in was canceled").await;
    ada.press("Start again with Slack").await;
    ada.sees("The app wants to sign you in to Acme Corp").await;
    ada.close().await;
}

/// A visitor with too few factors is told what is missing, and is not signed in.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: tests/run"]
async fn missing_factors_are_requested() {
    let app = TestApp::start().await;
    let grace = Chrome::open().await;
    grace.visit(&app.url).await;
    grace.press("Continue with GitHub").await;
    grace.press("grace@acme.example").await;
    grace.press("Join Acme Corp").await;
    grace.arrives("/step_up").await;
    grace
        .sees("Acme Corp needs one more proof that you are grace@acme.example")
        .await;
    grace.visit(format!("{}/member", app.url)).await;
    grace.sees("signed_out").await;
    grace.visit(&app.url).await;
    grace.press("Continue that sign-in").await;
    grace.arrives("/step_up").await;
    grace.press("Use another account").await;
    grace.arrives("/").await;

    grace.press("Continue with Google").await;
    grace.press("ada@acme.example").await;
    grace.press("Sign in to Initech").await;
    grace.arrives("/mfa").await;
    grace.sees("Initech requires a second factor").await;
    grace.visit(format!("{}/org/initech", app.url)).await;
    grace.sees("Sign in to Initech").await;
    grace.close().await;
}

/// A person who is not in the cast can be added on the consent page.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: tests/run"]
async fn a_person_can_be_added_on_the_consent_page() {
    let app = TestApp::start().await;
    let nina = Chrome::open().await;
    nina.visit(&app.url).await;
    nina.press("Continue with Google").await;
    nina.press("Add a person").await;
    nina.fill("name", "Nina New").await;
    nina.fill("email", "nina@acme.example").await;
    nina.press("Add and continue").await;
    nina.arrives("/organizations").await;
    nina.press("Join Acme Corp").await;
    nina.sees("You are signed in as Nina New").await;
    nina.close().await;
}
