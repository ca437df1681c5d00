use serde_json::json;

use crate::support::{
    TestApp,
    app::{AUTHENTICATE, DISCOVERY, EXCHANGE, REVOKE},
    logs,
};

#[tokio::test]
async fn discovery_signs_in_by_clicking() {
    let app = TestApp::start().await;
    let mut ada = app.browser();
    let page = ada.get("/").await;
    for provider in ["Google", "Microsoft", "GitHub", "Slack", "HubSpot"] {
        page.action(&format!("Continue with {provider}"), &[]);
    }
    let start = ada.click("Continue with Google").await;
    assert_eq!(
        start.location().path(),
        "/v1/b2b/public/oauth/google/discovery/start"
    );
    ada.arrive().await;
    let back = ada.click("ada@acme.example").await;
    assert!(
        back.location()
            .as_str()
            .starts_with(&format!("{}/discovery?", app.url))
    );
    let list = ada.arrive().await;
    assert_eq!(list.path(), "/organizations");
    assert!(list.text().contains("Signed in as ada@acme.example"));
    let inside = ada.go("Sign in to Acme Corp").await;
    assert_eq!(inside.path(), "/org/acme");
    for fact in [
        "Ada Lovelace",
        "ada@acme.example",
        "stytch_admin",
        "Google",
        "Sign out",
        "Switch organization",
    ] {
        assert!(inside.text().contains(fact), "{fact} in {}", inside.text());
    }
}

/// Values that are sent to Stytch: the verifier, the duration, the browser's language.
#[tokio::test]
async fn calls_have_verifier_duration_and_locale() {
    let app = TestApp::start().await;
    let mut ada = app.choosing("ada@acme.example").await;
    let body = &app.calls(DISCOVERY)[0].body;
    assert_eq!(body["pkce_code_verifier"].as_str().unwrap().len(), 43);
    let action = ada.page().action("Sign in to Acme Corp", &[]);
    let path = action.url.to_string();
    let request = ada
        .request("POST", &path)
        .header("accept-language", "pt-BR,pt;q=0.9")
        .header("content-type", "application/x-www-form-urlencoded")
        .body("here=ada%40acme.example");
    assert_eq!(request.send().await.unwrap().status(), 303);
    let body = &app.calls(EXCHANGE)[0].body;
    assert_eq!(body["session_duration_minutes"], 60);
    assert_eq!(body["locale"], "pt-br");
    ada.get("/").await;
}

#[tokio::test]
async fn every_provider_works_both_ways() {
    let app = TestApp::start().await;
    for (name, email) in [
        ("Google", "ada@acme.example"),
        ("Microsoft", "ada@acme.example"),
        ("GitHub", "dave@hooli.example"),
        ("Slack", "dave@hooli.example"),
        ("HubSpot", "dave@hooli.example"),
    ] {
        let mut browser = app.browser();
        browser.get("/").await;
        browser.go(&format!("Continue with {name}")).await;
        let list = browser.go(email).await;
        assert_eq!(list.path(), "/organizations", "{name}: {}", list.text());
        let slug = if email.starts_with("ada") {
            "acme"
        } else {
            "hooli"
        };
        let mut browser = app.browser();
        browser.get(&format!("/org/{slug}")).await;
        browser.go(&format!("Continue with {name}")).await;
        let inside = browser.go(email).await;
        assert_eq!(
            inside.path(),
            format!("/org/{slug}"),
            "{name}: {}",
            inside.text()
        );
        assert!(inside.text().contains("You are signed in"), "{name}");
    }
    assert!(
        app.calls(AUTHENTICATE)
            .iter()
            .all(|call| call.body["session_duration_minutes"] == 60)
    );
}

/// Membership kinds and their verbs.
#[tokio::test]
async fn the_list_says_how_to_enter_each_organization() {
    let app = TestApp::start().await;
    let carol = app.choosing("carol@initech.example").await;
    for words in [
        "Accept the invitation to Acme Corp acme · You are invited",
        "Sign in to Initech initech · You are a member",
        "Finish joining Vandelay Industries vandelay · You started to join",
    ] {
        assert!(
            carol.page().text().contains(words),
            "{words}: {}",
            carol.page().text()
        );
    }
    let grace = app.choosing("grace@acme.example").await;
    assert!(
        grace
            .page()
            .text()
            .contains("Join Acme Corp acme · You can join with your email address")
    );
    let mut dave = app.browser();
    dave.get("/").await;
    dave.go("Continue with Slack").await;
    let list = dave.go("dave@hooli.example").await;
    assert!(
        list.text()
            .contains("Join Hooli hooli · You can join through your workspace"),
        "{}",
        list.text()
    );
    assert_eq!(dave.go("Join Hooli").await.path(), "/org/hooli");
}

#[tokio::test]
async fn a_link_to_login_asks_for_confirmation() {
    let app = TestApp::start().await;
    let mut ada = app.choosing("ada@acme.example").await;
    let action = ada.page().action("Sign in to Acme Corp", &[]);
    let page = ada.get(action.url.path()).await;
    assert!(page.text().contains("Sign in to Acme Corp?"));
    assert!(app.calls(EXCHANGE).is_empty());
    assert_eq!(ada.go("Sign in to Acme Corp").await.path(), "/org/acme");
}

/// The visitor is not signed in, the intermediate session is kept, and a page says what is missing.
#[tokio::test]
async fn a_missing_second_factor_is_not_a_sign_in() {
    let app = TestApp::start().await;
    let mut ada = app.choosing("ada@acme.example").await;
    let page = ada.go("Sign in to Initech").await;
    assert_eq!(page.path(), "/mfa");
    assert!(page.text().contains("requires a second factor"));
    assert!(
        page.text()
            .contains("We sent a code to your phone ending in 0100"),
        "{}",
        page.text()
    );
    assert_eq!(ada.get("/member").await.status, 401);
    let home = ada.get("/").await;
    assert!(
        home.text()
            .contains("You have a sign-in in progress as ada@acme.example")
    );
    assert_eq!(ada.go("Continue that sign-in").await.path(), "/mfa");
    assert_eq!(ada.go("Use another account").await.path(), "/");
    assert!(!ada.page().text().contains("ada@acme.example"));

    let mut carol = app.choosing("carol@initech.example").await;
    let page = carol.go("Sign in to Initech").await;
    assert!(
        page.text().contains("Code from your authenticator app"),
        "{}",
        page.text()
    );
}

#[tokio::test]
async fn a_missing_first_factor_is_not_a_sign_in() {
    let app = TestApp::start().await;
    let mut grace = app.browser();
    grace.get("/").await;
    grace.go("Continue with GitHub").await;
    grace.go("grace@acme.example").await;
    let page = grace.go("Join Acme Corp").await;
    assert_eq!(page.path(), "/step_up");
    assert!(
        page.text()
            .contains("Acme Corp needs one more proof that you are grace@acme.example")
    );
    page.action("Email me a code", &[]);
    assert_eq!(grace.get("/member").await.status, 401);

    // Rules that leave no way to sign in are a page, too.
    app.world.patch_organization(
        "acme",
        json!({"auth_methods": "RESTRICTED", "allowed_auth_methods": ["github_oauth"]}),
    );
    let mut grace = app.browser();
    grace.get("/").await;
    grace.go("Continue with GitHub").await;
    grace.go("grace@acme.example").await;
    let page = grace.go("Acme Corp").await;
    assert!(
        page.text()
            .contains("This app does not offer any of the ways")
            && page.text().contains("Ask an administrator of Acme Corp"),
        "{}",
        page.text()
    );
}

#[tokio::test]
async fn use_another_account_ends_the_sign_in_in_progress() {
    let app = TestApp::start().await;
    let mut ada = app.choosing("ada@acme.example").await;
    let page = ada.go("Use another account").await;
    assert_eq!(page.path(), "/");
    assert!(page.text().contains("You canceled that sign-in"));
    assert_eq!(ada.cookie(), None);
    assert_eq!(ada.get("/organizations").await.status, 400);
}

#[tokio::test]
async fn a_new_sign_in_ends_the_earlier_session() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    let page = ada.go("Switch organization").await;
    assert!(page.text().contains("You are signed in to Acme Corp"));
    ada.go("Continue with Google").await;
    assert_eq!(ada.go("ada@acme.example").await.path(), "/organizations");
    assert_eq!(ada.go("Sign in to O'Neil").await.path(), "/org/oneil");
    app.settle().await;
    assert_eq!(
        app.calls(REVOKE).len(),
        1,
        "the earlier session is ended at Stytch"
    );
    assert_eq!(app.world.state()["sessions"].as_array().unwrap().len(), 1);
}

/// Too late: the page offers the same method again, directly at the chosen organization, unless that one would refuse
/// it.
#[tokio::test]
async fn a_late_choice_starts_again_at_the_chosen_organization() {
    for (person, press, again) in [
        ("ada@acme.example", "Acme Corp", "/org/acme/start/google"),
        ("carol@initech.example", "Vandelay", "/start/google"),
    ] {
        let app = TestApp::start().await;
        let mut browser = app.choosing(person).await;
        app.advance_app(601);
        let page = browser.click(press).await;
        assert_eq!(page.status, 410, "{}", page.text());
        let action = page.action("Start again with Google", &[]);
        assert_eq!(action.url.path(), again);
    }
}

/// P12: if the provider returns an error instead of a person, the log has its code, if the standards define it.
#[tokio::test]
async fn the_provider_s_error_code_is_logged() {
    let app = TestApp::start().await;
    for (path, error, logged) in [
        ("/discovery", "invalid_scope", "invalid_scope"),
        (
            "/authenticate",
            "interaction_required",
            "interaction_required",
        ),
        ("/authenticate", "access_denied", "access_denied"),
        ("/discovery", "typed%20by%20mallory", "other"),
    ] {
        let mut browser = app.browser();
        let page = browser.get(&format!("{path}?error={error}")).await;
        assert_eq!(page.status, 400);
        let id = page.header("x-request-id");
        let log = logs::text();
        let lines = log.lines().filter(|line| line.contains(id));
        let lines: Vec<_> = lines.filter(|line| line.contains(" WARN ")).collect();
        assert_eq!(lines.len(), 1, "{lines:?}");
        let field = format!("error_code=\"{logged}\"");
        assert!(lines[0].contains(&field), "{lines:?}");
    }
}
