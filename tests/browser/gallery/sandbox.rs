//! The sandbox's pages.

use url::Url;

use super::show;
use crate::{chrome::Chrome, support::TestApp};

/// URL of the inbox, whose link opens a new tab.
async fn inbox(chrome: &Chrome) -> Url {
    let link = chrome.control("Open their inbox").await;
    let url = link.prop("href").await.unwrap().unwrap();
    Url::parse(&url).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: tests/run"]
async fn consent_pages_are_accessible() {
    let app = TestApp::start().await;
    let person = Chrome::open().await;
    person.visit(&app.url).await;
    person.press("Continue with Google").await;
    person.sees("Who is signing in?").await;
    show(&person, "sandbox-consent").await;
    person.press("Add a person").await;
    person.press("What the app asked for").await;
    show(&person, "sandbox-consent-unfolded").await;
    person.fill("email", "not an address").await;
    person.press("Add and continue").await;
    person.sees("Enter an email address").await;
    show(&person, "sandbox-add-person-refused").await;

    for provider in ["github", "slack", "hubspot", "microsoft"] {
        let start = format!("{}/org/oneil/start/{provider}", app.url);
        person.visit(start).await;
        person.sees("The app wants to sign you in to").await;
        person.press("Add a person").await;
        show(&person, &format!("sandbox-consent-{provider}")).await;
    }
    person.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: tests/run"]
async fn refusals_on_the_consent_page_are_accessible() {
    let app = TestApp::start().await;
    let person = Chrome::open().await;
    person.visit(&app.url).await;
    person.press("Continue with Google").await;
    person.sees("Who is signing in?").await;
    let consent = person.url().await;
    person.press("ada@acme.example").await;
    person.arrives("/organizations").await;
    person.visit(&consent).await;
    person.sees("This sign-in is finished").await;
    show(&person, "sandbox-finished").await;
    person.visit(consent.join("nothing").unwrap()).await;
    person.sees("This sign-in has expired").await;
    show(&person, "sandbox-gone").await;

    let mut start = consent
        .join("/v1/b2b/public/oauth/google/discovery/start")
        .unwrap();
    let token = &app.world.credentials().public_token;
    let hinted = format!("public_token={token}&provider_login_hint=ada@acme.example");
    start.set_query(Some(&hinted));
    person.visit(&start).await;
    person.sees("suggested").await;
    show(&person, "sandbox-consent-hint").await;
    let hinted = hinted.replace("ada@", "unknown@");
    start.set_query(Some(&hinted));
    person.visit(&start).await;
    person.sees("The app suggested").await;
    show(&person, "sandbox-consent-hint-unknown").await;
    let elsewhere = "http%3A%2F%2Flocalhost%3A1%2FDiscovery%2F";
    start.set_query(Some(&format!(
        "public_token={token}&discovery_redirect_url={elsewhere}"
    )));
    person.visit(&start).await;
    person.sees("This redirect URL is not registered").await;
    show(&person, "sandbox-redirect-url").await;
    start.set_query(Some("public_token=wrong"));
    person.visit(&start).await;
    person.sees("This sign-in can't continue").await;
    show(&person, "sandbox-refused").await;
    person.close().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: tests/run"]
async fn console_pages_are_accessible() {
    let app = TestApp::start().await;
    let person = Chrome::open().await;
    person.visit(&app.url).await;
    let inbox = inbox(&person).await;
    person.visit(&inbox).await;
    person.sees("Authenticator apps").await;
    show(&person, "sandbox-inbox").await;
    person.visit(inbox.join("/_sandbox/").unwrap()).await;
    person.sees("Stytch sandbox").await;
    show(&person, "sandbox-console").await;
    let console = person.url().await;
    let id = &app.world.credentials().project_id;
    for (page, words) in [
        ("redirect_urls", "One URL on each line"),
        ("organizations", "Acme Corp"),
        ("organizations/new", "Create organization"),
        ("people", "Ada Lovelace"),
        ("sessions", "Sessions"),
        ("calls", "newest first"),
        ("messages", "Messages"),
        ("faults", "Add a fault"),
        ("webhooks", "Register a webhook"),
    ] {
        let path = format!("/_sandbox/console/{id}/{page}");
        person.visit(console.join(&path).unwrap()).await;
        person.sees(words).await;
        show(
            &person,
            &format!("sandbox-console-{}", page.replace('/', "-")),
        )
        .await;
    }
    person.press("Register webhook").await;
    person.sees("Nothing was saved.").await;
    show(&person, "sandbox-console-refused").await;
    let organizations = format!("/_sandbox/console/{id}/organizations");
    person.visit(console.join(&organizations).unwrap()).await;
    person.press("Initech").await;
    person.sees("Save settings").await;
    show(&person, "sandbox-console-organization").await;
    person.press("carol@initech.example").await;
    person.sees("Save member").await;
    show(&person, "sandbox-console-member").await;
    person.visit(console.join(&organizations).unwrap()).await;
    person.press("Globex").await;
    person.press("Globex Okta").await;
    person.sees("Save connection").await;
    show(&person, "sandbox-console-connection").await;
    person.visit(inbox.join("/_sandbox/idp").unwrap()).await;
    person.sees("Start at the identity provider").await;
    show(&person, "sandbox-idp-start").await;
    person.close().await;
}

/// The portal of an identity provider starts the sign-in: the app asks for confirmation, and confirming signs in.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: tests/run"]
async fn identity_provider_pages_are_accessible() {
    let app = TestApp::start().await;
    let bob = Chrome::open().await;
    bob.visit(format!("{}/org/globex", app.url)).await;
    bob.press("Continue with Globex Okta").await;
    bob.sees("bob@globex.example").await;
    show(&bob, "sandbox-idp").await;
    bob.press("bob@globex.example").await;
    bob.arrives("/org/globex").await;
    bob.sees("You are signed in as Bob Slydell").await;
    bob.press("Sign out").await;
    let inbox = inbox(&bob).await;
    bob.visit(inbox.join("/_sandbox/idp").unwrap()).await;
    bob.press("Globex Entra").await;
    bob.press("bob@globex.example").await;
    bob.arrives("/confirm").await;
    bob.press("Continue").await;
    bob.arrives("/org/globex").await;
    bob.close().await;
}
