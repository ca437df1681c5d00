//! The project at Stytch is set up differently from what the app expects. The log says what to change and where, and
//! with a loopback `APP_URL` the page says it, too.

use serde_json::{Value, json};
use stytch_sandbox::FaultKind;

use crate::support::{
    Browser, Page, TestApp,
    app::{AUTHENTICATE, DISCOVERY, EXCHANGE, SEARCH, SESSION, Setup},
    logs,
};

const LINK: &str = "/v1/b2b/magic_links/email/discovery/send";

const TWO_PROJECTS: &str = "STYTCH_PUBLIC_TOKEN belongs to another project";

fn refused(status: u16, error_type: &str) -> FaultKind {
    FaultKind::Error {
        status,
        error_type: error_type.into(),
        message: String::new(),
    }
}

/// The lines of a request's log that say what to change.
fn logged_advice(page: &Page, advice: &str) -> usize {
    let id = page.header("x-request-id");
    let log = logs::text();
    let lines = log.lines().filter(|line| line.contains(id));
    lines
        .filter(|line| line.contains("ERROR") && line.contains(advice))
        .count()
}

async fn press(app: &TestApp, path: &str) -> Page {
    let mut browser: Browser = app.browser();
    match path {
        SEARCH => browser.get("/org/acme").await,
        LINK => {
            let form = [("email_address", "ada@acme.example"), ("way", "link")];
            browser.get("/email").await;
            browser.post("/email", &form).await
        }
        DISCOVERY => {
            browser.get("/").await;
            browser.go("Continue with Google").await;
            browser.go("ada@acme.example").await
        }
        _ => {
            browser.get("/").await;
            browser.go("Continue with Google").await;
            browser.go("ada@acme.example").await;
            browser.click("Sign in to Acme Corp").await
        }
    }
}

/// V14: one line of the log and, on this machine, the page. A visitor of a public app sees none of it.
#[tokio::test]
async fn a_setup_mistake_says_what_to_change_and_where() {
    let local = TestApp::start().await;
    for (path, status, error_type, advice) in [
        (
            EXCHANGE,
            400,
            "invalid_session_duration",
            "SESSION_MINUTES is more than",
        ),
        (
            LINK,
            400,
            "no_match_for_provided_magic_link_url",
            "Redirect URLs page",
        ),
        (
            LINK,
            400,
            "invalid_discovery_redirect_url",
            "Redirect URLs page",
        ),
        (
            DISCOVERY,
            400,
            "invalid_b2b_endpoint",
            "is a Consumer project",
        ),
        (
            SEARCH,
            403,
            "use_https",
            "STYTCH_BASE_URL must begin with https://",
        ),
        (SEARCH, 400, "wrong_stack_live", "different environments"),
        (
            SEARCH,
            401,
            "unauthorized_credentials",
            "against the dashboard's API keys page",
        ),
    ] {
        local.fault(path, refused(status, error_type));
        let page = press(&local, path).await;
        assert_eq!(page.status, 500, "{error_type}: {}", page.text());
        assert!(
            page.text().contains(advice),
            "{error_type}: {}",
            page.text()
        );
        assert!(page.text().contains(error_type), "in the details");
        assert_eq!(logged_advice(&page, advice), 1, "{error_type}");
    }
    // An unknown error has no advice.
    local.fault(SEARCH, refused(400, "something_new"));
    let text = press(&local, SEARCH).await.text();
    assert!(text.contains("This is not your fault"), "{text}");
}

/// V14: strangers see none of it.
#[tokio::test]
async fn a_public_app_reports_setup_mistakes_only_in_the_log() {
    let app = TestApp::with(Setup {
        public_url: Some("https://app.example"),
        ..Setup::default()
    })
    .await;
    app.fault(SEARCH, refused(400, "invalid_b2b_endpoint"));
    let request = app.browser().request("GET", "/org/acme");
    let response = request.header("host", "app.example").send().await.unwrap();
    assert_eq!(response.status(), 500);
    let id = response.headers()["x-request-id"]
        .to_str()
        .unwrap()
        .to_owned();
    let text = response.text().await.unwrap();
    assert!(text.contains("This is not your fault"), "{text}");
    assert!(
        !text.contains("Consumer") && !text.contains("STYTCH_"),
        "{text}"
    );
    assert!(!text.contains("invalid_b2b_endpoint"), "{text}");
    let log = logs::text();
    let lines = log.lines().filter(|line| line.contains(&id));
    let logged_advice =
        lines.filter(|line| line.contains("ERROR") && line.contains("Consumer project"));
    assert_eq!(logged_advice.count(), 1);
}

/// V14: a member who stays signed in for a while notices nothing, but the log says it.
#[tokio::test]
async fn a_renewal_that_is_refused_for_the_setup_is_logged() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    app.advance_app(331);
    app.fault(SESSION, refused(400, "invalid_session_duration"));
    let page = ada.get("/org/acme").await;
    assert_eq!(page.status, 200);
    assert_eq!(logged_advice(&page, "SESSION_MINUTES is more than"), 1);
}

/// V14: if Stytch does not know a token right after this browser's own start, the credentials belong to two projects.
/// Later, the token was used or has expired.
#[tokio::test]
async fn an_unknown_token_right_after_the_start_is_a_setup_mistake() {
    let app = TestApp::start().await;
    for (page, path) in [("/", DISCOVERY), ("/org/acme", AUTHENTICATE)] {
        for (seconds, is_setup) in [(5, true), (58, true), (61, false)] {
            let mut ada = app.browser();
            ada.get(page).await;
            ada.go("Continue with Google").await;
            ada.click("ada@acme.example").await;
            app.advance(seconds);
            app.fault(path, refused(404, "oauth_token_not_found"));
            let page = ada.follow().await;
            assert_eq!(page.status, 400, "{path} {seconds}");
            let text = page.text();
            assert_eq!(text.contains(TWO_PROJECTS), is_setup, "{text}");
            assert_eq!(
                text.contains("This sign-in has expired or was already used"),
                !is_setup,
                "{text}"
            );
            let log = logs::text();
            let mut lines = log.lines();
            let id = page.header("x-request-id");
            let is_logged = lines.any(|line| line.contains(id) && line.contains(TWO_PROJECTS));
            assert_eq!(is_logged, is_setup, "{path} {seconds}");
        }
    }
    // A callback that this browser did not start says nothing about the setup.
    let mut ada = app.browser();
    ada.get(&app.foreign_discovery("ada@acme.example")).await;
    ada.arrive().await;
    app.fault(DISCOVERY, refused(404, "oauth_token_not_found"));
    let page = ada.click("Continue").await;
    assert!(!page.text().contains(TWO_PROJECTS), "{}", page.text());
}

/// V14: with the public token of one project and the secret of another, every sign-in fails, and says why.
#[tokio::test]
async fn credentials_of_two_projects_are_reported() {
    let app = TestApp::start().await;
    let mut ada = app.browser();
    let start = ada.get("/start/google").await.location();
    let projects = app.stytch_url.join("/_sandbox/projects").unwrap();
    let created = reqwest::Client::new().post(projects).json(&json!({
        "redirect_urls": {"discovery": [format!("{}/discovery", app.url)]},
    }));
    let created: Value = created.send().await.unwrap().json().await.unwrap();
    let other = created["public_token"].as_str().unwrap();
    let mut mixed = start.clone();
    let pairs = start.query_pairs().into_owned();
    let pairs = pairs.map(|(name, value)| match name.as_str() {
        "public_token" => (name, other.to_owned()),
        _ => (name, value),
    });
    mixed.query_pairs_mut().clear().extend_pairs(pairs);
    ada.get(mixed.as_str()).await;
    ada.arrive().await;
    let page = ada.go("ada@acme.example").await;
    assert_eq!(page.status, 400, "{}", page.text());
    assert!(page.text().contains(TWO_PROJECTS), "{}", page.text());
}
