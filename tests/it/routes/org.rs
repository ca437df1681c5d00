use serde_json::json;

use crate::support::{
    TestApp,
    app::{SEARCH, Setup},
};

#[tokio::test]
async fn the_organization_flow_signs_in_by_clicking() {
    let app = TestApp::start().await;
    let mut bob = app.browser();
    bob.get("/").await;
    let page = bob.fill("Find", &[("slug", "globex")]).await;
    assert_eq!(page.status, 303);
    let page = bob.arrive().await;
    assert_eq!(page.path(), "/org/globex");
    assert!(page.text().contains("Sign in to Globex"));
    let start = bob.click("Continue with Google").await;
    assert_eq!(start.location().path(), "/v1/b2b/public/oauth/google/start");
    bob.arrive().await;
    let inside = bob.go("bob@globex.example").await;
    assert_eq!(inside.path(), "/org/globex");
    assert!(inside.text().contains("Bob Slydell"));
    // A signed-in visitor on the start page is led home.
    assert_eq!(bob.get("/").await.location().path(), "/org/globex");
    // Somebody else's page shows the ways in, and that one is signed in elsewhere.
    let other = bob.get("/org/acme").await;
    assert!(
        other.text().contains("You are signed in to Globex")
            && other.text().contains("Sign in to Acme Corp")
    );
}

/// O9
#[tokio::test]
async fn only_allowed_methods_are_offered() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let offered = |page: &crate::support::Page| {
        let controls = page.controls().into_iter();
        controls
            .filter(|words| words.starts_with("Continue with"))
            .collect::<Vec<_>>()
    };
    assert_eq!(offered(&browser.get("/org/acme").await).len(), 6);
    assert_eq!(
        offered(&browser.get("/org/globex").await),
        [
            "Continue with Globex Okta",
            "Continue with Globex Entra",
            "Continue with Google"
        ]
    );
    assert_eq!(
        offered(&browser.get("/org/vandelay").await),
        ["Continue with Microsoft"]
    );
    app.world.patch_organization(
        "oneil",
        json!({"auth_methods": "RESTRICTED", "allowed_auth_methods": ["email_otp"]}),
    );
    assert_eq!(
        offered(&browser.get("/org/oneil").await),
        ["Continue with e-mail"]
    );
    let refused = browser.get("/org/vandelay/start/google").await;
    assert_eq!(refused.status, 403);
    assert!(refused.text().contains("Not this way"));
    let others = refused.action("Other ways to sign in", &[]);
    assert_eq!(others.url.path(), "/org/vandelay");
    for methods in [json!([]), json!(["carrier_pigeon", "sso"])] {
        app.world
            .patch_organization("vandelay", json!({"allowed_auth_methods": methods}));
        let page = browser.get("/org/vandelay").await;
        assert!(offered(&page).is_empty());
        assert!(page.text().contains("Ask its administrator"));
        assert_eq!(
            browser.get("/org/vandelay/start/microsoft").await.status,
            403
        );
    }
    assert_eq!(browser.cookie(), None, "a refused start keeps nothing");
}

/// The vendor itself refuses what our page would never have offered.
#[tokio::test]
async fn a_method_forbidden_meanwhile_is_refused() {
    let app = TestApp::start().await;
    let mut bob = app.browser();
    bob.get("/org/globex").await;
    bob.go("Continue with Google").await;
    app.world
        .patch_organization("globex", json!({"allowed_auth_methods": ["sso"]}));
    let page = bob.go("bob@globex.example").await;
    assert_eq!(page.status, 403, "{}", page.text());
    assert_eq!(bob.get("/member").await.status, 401);
}

#[tokio::test]
async fn strangers_are_told_whom_to_ask() {
    let app = TestApp::start().await;
    let mut mallory = app.browser();
    mallory.get("/org/acme").await;
    mallory.go("Continue with Google").await;
    let page = mallory.go("mallory@evil.example").await;
    assert_eq!(page.status, 403);
    assert!(
        page.text().contains("certain e-mail domains")
            && page
                .text()
                .contains("Ask an administrator of Acme Corp to invite you"),
        "{}",
        page.text()
    );
}

/// O8: unknown slugs, of one shape.
#[tokio::test]
async fn unknown_organizations_are_not_found() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let unknown = browser.get("/org/nobody").await;
    assert_eq!(unknown.status, 404);
    let calls = app.calls(SEARCH).len();
    for slug in [
        "a",
        "a%2Fb",
        "%00x",
        "a%0Ab",
        "a%20b",
        "%F0%9F%A6%80%F0%9F%A6%80",
        &"x".repeat(129),
    ] {
        let page = browser.get(&format!("/org/{slug}")).await;
        assert_eq!(page.status, 404, "{slug}");
        let words =
            |page: &crate::support::Page| page.text().split(" Request ").next().unwrap().to_owned();
        assert_eq!(words(&page), words(&unknown));
    }
    assert_eq!(
        app.calls(SEARCH).len(),
        calls,
        "what can't be a slug is not asked for"
    );
}

#[tokio::test]
async fn the_look_up_form_encodes() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    assert_eq!(
        browser.get("/org?slug=%20acme%20").await.header("location"),
        "/org/acme"
    );
    assert_eq!(browser.get("/org?slug=").await.header("location"), "/");
    assert_eq!(browser.get("/org").await.header("location"), "/");
    assert_eq!(
        browser
            .get("/org?slug=a%2Fb%3Fc%23d")
            .await
            .header("location"),
        "/org/a%2Fb%3Fc%23d"
    );
    assert_eq!(
        browser
            .get("/org?slug=//evil.example")
            .await
            .header("location"),
        "/org/%2F%2Fevil.example"
    );
}

/// `OAUTH_PROVIDERS` is what the home page offers; an organization that names its methods outranks it.
#[tokio::test]
async fn configured_providers() {
    let setup = Setup {
        providers: "google,slack",
        ..Setup::default()
    };
    let app = TestApp::with(setup).await;
    let mut browser = app.browser();
    let home = browser.get("/").await;
    assert!(home.text().contains("Slack") && !home.text().contains("Microsoft"));
    assert_eq!(browser.get("/start/microsoft").await.status, 404);
    assert!(
        browser
            .get("/org/vandelay")
            .await
            .text()
            .contains("Continue with Microsoft")
    );
    assert!(
        !browser
            .get("/org/acme")
            .await
            .text()
            .contains("Continue with Microsoft")
    );
}
