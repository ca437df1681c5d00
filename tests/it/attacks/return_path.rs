//! Where a sign-in ends for a visitor who asked for a private page.

use axum::{Router, routing::get};
use serde_json::json;
use stytch_b2b_axum::session::CurrentMember;

use crate::{
    routes::mfa::newest_code,
    support::{Browser, TestApp, app::Setup},
};

async fn app_with_settings() -> TestApp {
    async fn settings(CurrentMember(member): CurrentMember) -> String {
        format!("Settings of {}", member.member.email_address)
    }
    let setup = Setup {
        more: Router::new().route("/settings", get(settings)),
        ..Setup::default()
    };
    TestApp::with(setup).await
}

/// W8: the 401 page stores nothing, and the sign-in that it offers ends on the page that was asked for.
#[tokio::test]
async fn a_sign_in_ends_on_the_page_that_was_asked_for() {
    let app = app_with_settings().await;
    for (page, organization, end) in [
        ("/settings", "Acme Corp", "/settings"),
        ("/settings?tab=1", "O'Neil", "/settings"),
        (
            "/org/acme/provider/google",
            "Acme Corp",
            "/org/acme/provider/google",
        ),
        ("/org/acme/provider/google", "O'Neil", "/org/oneil"),
    ] {
        let mut ada = app.browser();
        let refused = ada.get(page).await;
        assert_eq!(refused.status, 401, "{page}");
        assert_eq!(refused.header("set-cookie"), "", "{page}");
        assert_eq!(ada.cookie(), None);
        ada.go("Continue with Google").await;
        ada.go("ada@acme.example").await;
        let arrived = ada.go(&format!("Sign in to {organization}")).await;
        assert!(
            arrived.path().starts_with(end),
            "{page}: {}",
            arrived.path()
        );
        assert_eq!(arrived.status, 200, "{page}");
    }
}

/// W8: also when another factor is required on the way.
#[tokio::test]
async fn the_page_survives_a_second_factor() {
    let app = app_with_settings().await;
    let mut ada = app.browser();
    ada.get("/settings").await;
    ada.go("Continue with Google").await;
    ada.go("ada@acme.example").await;
    assert_eq!(ada.go("Sign in to Initech").await.path(), "/mfa");
    let code = newest_code(&app.world);
    let page = ada
        .fill("Sign in with the SMS code", &[("code", &code)])
        .await;
    assert_eq!(page.location().path(), "/settings");
}

/// W8: also when another first factor is required on the way, in time or so late that it counts alone.
#[tokio::test]
async fn the_page_survives_another_first_factor() {
    let app = app_with_settings().await;
    for is_late in [false, true] {
        if is_late {
            // As she was before the first round.
            let unproved = json!({"status": "pending", "email_address_verified": false});
            app.world
                .patch_member("acme", "grace@acme.example", unproved);
        }
        let mut grace = app.browser();
        grace.get("/settings").await;
        grace.go("Continue with GitHub").await;
        grace.go("grace@acme.example").await;
        app.advance(300);
        assert_eq!(grace.go("Acme Corp").await.path(), "/step_up");
        app.advance(250);
        grace.go("Continue with Google").await;
        if is_late {
            app.advance(400);
        }
        let page = grace.go("grace@acme.example").await;
        assert_eq!(page.path(), "/settings", "{is_late}: {}", page.text());
        let factors = grace.get("/org/acme").await.text();
        assert_eq!(factors.contains("GitHub"), !is_late, "{factors}");
    }
}

/// W8: also when that factor is a link by email, which knows nothing of the page.
#[tokio::test]
async fn the_page_survives_a_link_by_email() {
    let app = app_with_settings().await;
    let mut grace = app.browser();
    grace.get("/settings").await;
    grace.go("Continue with GitHub").await;
    grace.go("grace@acme.example").await;
    grace.go("Acme Corp").await;
    grace.go("E-mail me a link").await;
    let link = app.world.messages()[0].link.clone().unwrap();
    grace.get(&link).await;
    grace.arrive().await;
    let page = grace.go("Continue").await;
    assert_eq!(page.path(), "/settings", "{}", page.text());
}

/// W8: a page that only takes a form is no place to end, and a page without a session offers no return.
#[tokio::test]
async fn only_pages_offer_a_return() {
    let app = app_with_settings().await;
    let mut ada = app.browser();
    for page in [
        ada.post("/org/acme/jit", &[("jit", "on")]).await,
        ada.get("/organizations").await,
        ada.get("/").await,
    ] {
        assert!(!page.body.contains("return=1"), "{}", page.text());
    }
}

/// W8: without a click on a page of this host nothing is kept: not from a URL, not from another site, not from a page
/// that only looks like one of this host.
#[tokio::test]
async fn nobody_else_chooses_where_a_sign_in_ends() {
    let app = app_with_settings().await;
    let own = format!("{}/settings", app.url);
    let evil = format!("{}//evil.example/", app.url);
    let deceiving = format!("{}.evil.example/settings", app.url);
    let userinfo = format!("http://localhost@evil.example{}", "/settings");
    for (query, site, referer) in [
        ("?return=1", "none", own.as_str()),
        ("?return=1", "cross-site", &own),
        ("?return=1", "same-site", &own),
        ("?return=1", "", &own),
        ("", "same-origin", &own),
        ("?return=/settings", "same-origin", &own),
        ("?return=1", "same-origin", &evil),
        ("?return=1", "same-origin", &deceiving),
        ("?return=1", "same-origin", &userinfo),
        ("?return=1", "same-origin", "https://evil.example/settings"),
        ("?return=1", "same-origin", "/settings"),
        ("?return=1", "same-origin", ""),
    ] {
        let mut ada = app.browser();
        let start = format!("/start/google{query}");
        assert_eq!(
            end(&app, &mut ada, &start, site, referer).await,
            "/org/acme",
            "{site} {referer}"
        );
    }
    let mut ada = app.browser();
    let start = "/start/google?return=1";
    assert_eq!(
        end(&app, &mut ada, start, "same-origin", &own).await,
        "/settings"
    );
}

/// Starts a sign-in with these headers, completes it, and returns the path where it ends.
async fn end(app: &TestApp, ada: &mut Browser, start: &str, site: &str, referer: &str) -> String {
    ada.get("/start/google").await;
    let mut request = ada.request("GET", start).header("referer", referer);
    if !site.is_empty() {
        request = request.header("sec-fetch-site", site);
    }
    let started = request.send().await.unwrap();
    let location = started.headers()["location"].to_str().unwrap().to_owned();
    assert!(location.starts_with(app.stytch_url.as_str()), "{location}");
    ada.get(&location).await;
    ada.arrive().await;
    ada.go("ada@acme.example").await;
    ada.click("Sign in to Acme Corp")
        .await
        .location()
        .path()
        .to_owned()
}
