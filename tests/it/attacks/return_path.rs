//! Where a sign-in ends for a visitor who requested a private page.

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

/// W8: the 401 page stores nothing, and the sign-in that it offers ends on the requested page.
#[tokio::test]
async fn a_sign_in_ends_on_the_requested_page() {
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

/// W8: the same if a second factor is required on the way.
#[tokio::test]
async fn a_second_factor_keeps_the_requested_page() {
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

/// W8: the same if another first factor is required, either in time or so late that it counts alone.
#[tokio::test]
async fn another_first_factor_keeps_the_requested_page() {
    let app = app_with_settings().await;
    for is_late in [false, true] {
        if is_late {
            // Her membership as it was before the first round.
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

/// W8: the same if that factor is a link by email, which does not contain the page.
#[tokio::test]
async fn a_link_by_email_keeps_the_requested_page() {
    let app = app_with_settings().await;
    let mut grace = app.browser();
    grace.get("/settings").await;
    grace.go("Continue with GitHub").await;
    grace.go("grace@acme.example").await;
    grace.go("Acme Corp").await;
    grace.go("Email me a link").await;
    let link = app.world.messages()[0].link.clone().unwrap();
    grace.get(&link).await;
    grace.arrive().await;
    let page = grace.go("Continue").await;
    assert_eq!(page.path(), "/settings", "{}", page.text());
}

/// W8: the same for a sign-in by email, with the code or with the link in the same browser.
#[tokio::test]
async fn a_sign_in_by_email_keeps_the_requested_page() {
    let app = app_with_settings().await;
    for press in ["Email me a code", "Email me a link"] {
        let mut ada = app.browser();
        ada.get("/settings").await;
        ada.go("Continue with email").await;
        let wrong = ada.fill(press, &[("email_address", "")]).await;
        assert_eq!(wrong.status, 422, "a wrong address keeps the page");
        ada.fill(press, &[("email_address", "ada@acme.example")])
            .await;
        ada.arrive().await;
        let message = app.world.messages()[0].clone();
        match (message.code, message.link) {
            (Some(code), _) => ada.fill("Continue", &[("code", &code)]).await,
            (None, link) => {
                ada.get(&link.unwrap()).await;
                ada.arrive().await;
                ada.click("Continue").await
            }
        };
        ada.arrive().await;
        let page = ada.go("Sign in to Acme Corp").await;
        assert_eq!(page.path(), "/settings", "{press}: {}", page.text());
    }
}

/// W8: the same for single sign-on. A page of an organization leads to the methods of that organization. For any other
/// page the visitor names the organization.
#[tokio::test]
async fn single_sign_on_keeps_the_requested_page() {
    let app = app_with_settings().await;
    for page in ["/org/globex/provider/google", "/settings"] {
        let mut bob = app.browser();
        let refused = bob.get(page).await;
        assert_eq!(refused.status, 401);
        if page == "/settings" {
            bob.fill("Find", &[("slug", "Globex")]).await;
            bob.arrive().await;
        } else {
            bob.go("Sign in to globex").await;
        }
        assert_eq!(bob.page().path(), "/org/globex");
        assert_eq!(bob.cookie(), None, "a visit stores nothing");
        bob.go("Continue with Globex Okta").await;
        let end = bob.go("bob@globex.example").await;
        assert_eq!(end.path(), page, "{}", end.text());
    }
}

/// W8: an organization's page does not pass on a path that a stranger chose.
#[tokio::test]
async fn a_page_passes_on_only_paths_from_this_host() {
    let app = app_with_settings().await;
    let own = format!("{}/settings", app.url);
    let browser = app.browser();
    for (page, kept) in [
        ("/org/globex", "?return=%2Fsettings"),
        ("/email", r#"value="/settings""#),
    ] {
        for (query, site, referer, is_kept) in [
            ("?return=1", "same-origin", own.as_str(), true),
            ("?return=/settings", "same-origin", &own, true),
            ("?return=1", "none", &own, false),
            ("?return=/settings", "cross-site", &own, false),
            ("?return=/settings", "same-origin", "", false),
            ("?return=//evil.example", "same-origin", &own, false),
        ] {
            let path = format!("{page}{query}");
            let request = browser.request("GET", &path).header("referer", referer);
            let request = request.header("sec-fetch-site", site);
            let body = request.send().await.unwrap().text().await.unwrap();
            assert_eq!(body.contains(kept), is_kept, "{path} {site} {referer}");
            assert!(!body.contains("evil"), "{path}");
        }
    }
}

/// W8: a sign-in can't end at a URL that only accepts a form, and a page without a session offers no return.
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

/// W8: without a click on a page of this host no path is stored: not from a URL, not from another site, not from a page
/// that imitates one of this host.
#[tokio::test]
async fn other_sites_can_not_choose_where_a_sign_in_ends() {
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
        ("?return=%2Fsettings", "cross-site", &own),
        ("?return=%2Fsettings", "none", &own),
        ("?return=%2Fsettings", "same-origin", &deceiving),
        ("?return=%2F%2Fevil.example%2F", "same-origin", &own),
        ("?return=https%3A%2F%2Fevil.example%2F", "same-origin", &own),
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
    for query in ["?return=1", "?return=%2Fsettings"] {
        let mut ada = app.browser();
        let start = format!("/start/google{query}");
        assert_eq!(
            end(&app, &mut ada, &start, "same-origin", &own).await,
            "/settings"
        );
    }
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
