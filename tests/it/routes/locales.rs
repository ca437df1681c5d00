//! The language of Stytch's messages to the visitor: every call that may send a text has the browser's language.

use std::collections::BTreeMap;

use crate::support::{Browser, TestApp};

/// Calls that accept four languages: those that send or accept a link or a code.
const FOUR_LANGUAGES: [&str; 7] = [
    "/v1/b2b/magic_links/authenticate",
    "/v1/b2b/magic_links/email/discovery/send",
    "/v1/b2b/magic_links/email/login_or_signup",
    "/v1/b2b/otps/email/authenticate",
    "/v1/b2b/otps/email/discovery/send",
    "/v1/b2b/otps/email/login_or_signup",
    "/v1/b2b/otps/sms/send",
];

/// Calls that accept eight languages: those that may send a code by SMS, because a second factor is required.
const EIGHT_LANGUAGES: [&str; 4] = [
    "/v1/b2b/discovery/intermediate_sessions/exchange",
    "/v1/b2b/oauth/authenticate",
    "/v1/b2b/sessions/exchange",
    "/v1/b2b/sso/authenticate",
];

#[tokio::test]
async fn every_call_that_sends_a_text_has_the_browsers_language() {
    for (header, four, eight) in [
        ("fr-CA,en;q=0.5", Some("fr"), Some("fr")),
        ("it", None, Some("it")),
        ("sv", None, None),
    ] {
        let app = TestApp::start().await;
        let visitor = || app.browser().with_client_ip("accept-language", header);
        sign_in_by_email(&app, visitor()).await;
        with_a_second_factor(&app, visitor()).await;
        to_one_organization(visitor()).await;
        with_another_first_factor(&app, visitor()).await;
        let expected = FOUR_LANGUAGES.map(|path| (path, four)).into_iter();
        let expected = expected.chain(EIGHT_LANGUAGES.map(|path| (path, eight)));
        let expected: BTreeMap<_, _> = expected.collect();
        for (path, locale) in expected {
            let calls = app.calls(path);
            assert!(!calls.is_empty(), "{path}");
            for call in calls {
                let sent = call.body.get("locale").and_then(|it| it.as_str());
                assert_eq!(sent, locale, "{header}: {path}");
            }
        }
    }
}

async fn sign_in_by_email(app: &TestApp, mut ada: Browser) {
    ada.get("/email").await;
    let address = [("email_address", "ada@acme.example")];
    ada.fill("Email me a link", &address).await;
    ada.arrive().await;
    ada.fill("Email me a code", &address).await;
    let page = ada.arrive().await;
    assert_eq!(app.world.messages().len(), 2, "{}", page.text());
}

async fn with_a_second_factor(app: &TestApp, mut ada: Browser) {
    ada.get("/").await;
    ada.go("Continue with Google").await;
    ada.go("ada@acme.example").await;
    assert_eq!(ada.go("Sign in to Initech").await.path(), "/mfa");
    app.advance(31);
    ada.get("/mfa").await;
    ada.go("Send another code").await;
}

async fn to_one_organization(mut visitor: Browser) {
    visitor.get("/org/globex").await;
    visitor.go("Continue with Globex Okta").await;
    visitor.go("bob@globex.example").await;
    visitor.go("Sign out").await;
    visitor.get("/org/acme").await;
    visitor.go("Continue with Google").await;
    visitor.go("ada@acme.example").await;
    visitor.go("Switch organization").await;
    let page = visitor.go("Switch to O'Neil").await;
    assert_eq!(page.path(), "/org/oneil", "{}", page.text());
}

async fn with_another_first_factor(app: &TestApp, mut grace: Browser) {
    grace.get("/").await;
    grace.go("Continue with GitHub").await;
    grace.go("grace@acme.example").await;
    assert_eq!(grace.go("Acme Corp").await.path(), "/step_up");
    grace.go("Email me a link").await;
    let link = app.world.messages()[0].link.clone().unwrap();
    grace.go("Email me a code").await;
    let code = app.world.messages()[0].code.clone().unwrap();
    let code = [("code", &*code)];
    grace.fill("Sign in with the code", &code).await;
    assert_eq!(grace.arrive().await.path(), "/org/acme");
    grace.get(&link).await;
    grace.arrive().await;
    grace.go("Continue").await;
}
