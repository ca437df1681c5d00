//! Each value of a real response is removed or emptied in turn, and the browser continues to the next page.

use serde_json::{Value, json};

use super::{
    TOTP, approved, by_slug, discovered, exchanged, id_of, json::spoiled, of_partial, real,
    respond_with, tokens, whole::assert_no_value_missing,
};
use crate::support::{
    Browser, Page, TestApp,
    app::{AUTHENTICATE, DISCOVERY, EXCHANGE, LIST, SEARCH, SESSION},
};

/// Checks that the page has what it needs, or says that it does not.
fn assert_outcome(page: &Page, case: &str) {
    if page.status == 503 {
        let text = page.text();
        assert!(
            text.contains("could not read its response"),
            "{case}: {text}"
        );
    } else {
        assert_eq!(page.status, 200, "{case}: {}", page.text());
    }
    assert_no_value_missing(page, case);
}

async fn discover(app: &TestApp, browser: &mut Browser, body: &Value) -> Page {
    browser.get("/start/google").await;
    respond_with(app, DISCOVERY, body);
    let token = app.world.calls().len();
    let callback = format!("/discovery?stytch_token_type=discovery_oauth&token=t{token}");
    browser.get(&callback).await;
    browser.arrive().await
}

async fn enter(
    app: &TestApp,
    browser: &mut Browser,
    slug: &str,
    found: &Value,
    body: &Value,
) -> Page {
    respond_with(app, EXCHANGE, body);
    let path = format!("/login/{}", id_of(found, slug));
    let here = found["email_address"].as_str().unwrap();
    browser.post(&path, &[("here", here)]).await;
    browser.arrive().await
}

/// V13: no page says "Signed in as ."
#[tokio::test]
async fn pages_after_verification_lack_no_value() {
    let app = TestApp::start().await;
    let whole = discovered(&app, "google", "ada@acme.example").await;
    for (case, body) in spoiled(&whole) {
        let page = discover(&app, &mut app.browser(), &body).await;
        assert_outcome(&page, &case);
    }
    let page = discover(&app, &mut app.browser(), &json!({})).await;
    assert_eq!(page.status, 503, "{}", page.text());
}

/// V13: the exchange, and the member's page. A response that can't be used leaves the choice as it was.
#[tokio::test]
async fn pages_of_a_member_lack_no_value() {
    let app = TestApp::start().await;
    let found = discovered(&app, "google", "ada@acme.example").await;
    let whole = exchanged(&app, &found, "acme").await;
    let mut browser = app.browser();
    discover(&app, &mut browser, &found).await;
    for (case, body) in spoiled(&whole) {
        let page = enter(&app, &mut browser, "acme", &found, &body).await;
        assert_outcome(&page, &case);
        if page.status == 503 {
            assert_eq!(browser.get("/organizations").await.status, 200, "{case}");
        } else {
            browser = app.browser();
            discover(&app, &mut browser, &found).await;
        }
    }
}

/// V13: a sign-in to one organization, and what the provider's page shows of it.
#[tokio::test]
async fn pages_of_an_organization_sign_in_lack_no_value() {
    let app = TestApp::start().await;
    let token = approved(&app, "google", "ada@acme.example", Some("acme")).token;
    let whole = real(&app, AUTHENTICATE, json!({"oauth_token": token})).await;
    // The rest is the same as in an exchange.
    let of_provider = |(case, _): &(String, Value)| case.contains(" /provider");
    for (case, body) in spoiled(&whole).into_iter().filter(of_provider) {
        let mut browser = app.browser();
        browser.get("/org/acme/start/google").await;
        respond_with(&app, AUTHENTICATE, &body);
        let callback = "/authenticate?stytch_token_type=oauth&token=t";
        browser.get(callback).await;
        let page = browser.arrive().await;
        assert!(page.text().contains("You are signed in"), "{case}");
        assert_no_value_missing(&page, &case);
        let page = browser.get("/org/acme/provider/google").await;
        assert_eq!(page.status, 200, "{case}: {}", page.text());
        assert_no_value_missing(&page, &case);
    }
}

/// V13: the organization's page, the list of organizations to switch to, and a renewed session.
#[tokio::test]
async fn pages_that_call_stytch_lack_no_value() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    let found = discovered(&app, "google", "ada@acme.example").await;
    let signed_in = exchanged(&app, &found, "acme").await;
    let token = json!({"session_token": signed_in["session_token"]});
    let searched = real(&app, SEARCH, by_slug("globex")).await;
    let listed = real(&app, LIST, token.clone()).await;
    let renewed = real(&app, SESSION, token).await;
    for (case, body) in spoiled(&searched) {
        respond_with(&app, SEARCH, &body);
        assert_outcome(&app.browser().get("/org/globex").await, &case);
    }
    for (case, body) in spoiled(&listed) {
        respond_with(&app, LIST, &body);
        assert_outcome(&ada.get("/organizations").await, &case);
    }
    for (case, body) in spoiled(&renewed) {
        respond_with(&app, SESSION, &body);
        let page = ada.get("/org/acme/provider/google").await;
        assert_outcome(&page, &case);
        assert_no_value_missing(&ada.get("/org/acme").await, &case);
    }
}

/// V13: a missing factor, and the setup of an authenticator app.
#[tokio::test]
async fn pages_of_missing_factors_lack_no_value() {
    let app = TestApp::start().await;
    app.ada_without_phone();
    let ada = discovered(&app, "google", "ada@acme.example").await;
    let mfa_due = exchanged(&app, &ada, "initech").await;
    let grace = discovered(&app, "github", "grace@acme.example").await;
    let step_up_due = exchanged(&app, &grace, "acme").await;
    let mut browser = app.browser();
    for (found, slug, whole) in [(&grace, "acme", &step_up_due), (&ada, "initech", &mfa_due)] {
        for (case, body) in spoiled(whole) {
            discover(&app, &mut browser, found).await;
            let page = enter(&app, &mut browser, slug, found, &body).await;
            assert_outcome(&page, &format!("{slug}: {case}"));
        }
    }
    let created = real(&app, TOTP, of_partial(&mfa_due)).await;
    discover(&app, &mut browser, &ada).await;
    enter(&app, &mut browser, "initech", &ada, &mfa_due).await;
    for (case, body) in spoiled(&created) {
        respond_with(&app, TOTP, &body);
        browser.post("/mfa/totp", &[]).await;
        assert_outcome(&browser.arrive().await, &case);
    }
}

/// V13: tokens of a provider, flat and as a list.
#[tokio::test]
async fn pages_of_provider_tokens_lack_no_value() {
    let app = TestApp::start().await;
    for (slug, email, provider) in [
        ("acme", "ada@acme.example", "google"),
        ("hooli", "dave@hooli.example", "github"),
    ] {
        let mut member = app.browser();
        member.get(&format!("/org/{slug}/start/{provider}")).await;
        member.arrive().await;
        member.go(email).await;
        let page = format!("/org/{slug}/provider/{provider}");
        assert_eq!(member.get(&page).await.status, 200);
        let (path, whole) = tokens(&app).await;
        for (case, body) in spoiled(&whole) {
            respond_with(&app, &path, &body);
            assert_outcome(&member.get(&page).await, &format!("{provider}: {case}"));
        }
    }
}
