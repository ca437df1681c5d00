use serde_json::json;

use crate::support::{
    Page, TestApp,
    app::{SEARCH, Setup},
    page::selector,
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
    // A visitor who is signed in is redirected from the start page.
    assert_eq!(bob.get("/").await.location().path(), "/org/globex");
    // The page of another organization shows its methods, and that the visitor is signed in elsewhere.
    let other = bob.get("/org/acme").await;
    assert!(
        other.text().contains("You are signed in to Globex")
            && other.text().contains("Sign in to Acme Corp")
    );
}

/// O9: each organization's page offers the methods that its rules allow.
#[tokio::test]
async fn only_allowed_methods_are_offered() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let offered = |page: &Page| {
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
        ["Continue with email"]
    );
    let refused = browser.get("/org/vandelay/start/google").await;
    assert_eq!(refused.status, 403);
    assert!(refused.text().contains("You can't sign in this way"));
    let others = refused.action("Other ways to sign in", &[]);
    assert_eq!(others.url.path(), "/org/vandelay");
    for methods in [json!([]), json!(["carrier_pigeon", "sso"])] {
        app.world
            .patch_organization("vandelay", json!({"allowed_auth_methods": methods}));
        let page = browser.get("/org/vandelay").await;
        assert!(offered(&page).is_empty());
        assert!(page.text().contains("Ask an administrator"));
        assert_eq!(
            browser.get("/org/vandelay/start/microsoft").await.status,
            403
        );
    }
    assert_eq!(browser.cookie(), None, "a refused start stores nothing");
}

/// The vendor itself refuses a method that the app's page would not have offered.
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
        page.text()
            .contains("does not let people with your email domain join")
            && page
                .text()
                .contains("Ask an administrator of Acme Corp to invite you"),
        "{}",
        page.text()
    );
    let again = page.action("Use another account for", &[]);
    assert_eq!(again.url.path(), "/org/acme");
    // The start page of a member is the page of their organization.
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    ada.get("/nowhere").await;
    assert_eq!(ada.go("Go to the start page").await.path(), "/org/acme");
}

/// O8: all unknown slugs get the same response.
#[tokio::test]
async fn unknown_organizations_are_not_found() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let unknown = browser.get("/org/unknown").await;
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
        let words = |page: &Page| page.text().split(" Request ").next().unwrap().to_owned();
        assert_eq!(words(&page), words(&unknown));
    }
    assert_eq!(
        app.calls(SEARCH).len(),
        calls,
        "a value that can't be a slug is not looked up"
    );
}

/// The text in the search form of a 404 page.
fn search_text(page: &Page) -> String {
    assert_eq!(page.status, 404, "{}", page.text());
    let html = page.html();
    let field = html.select(&selector("form[action='/org'] #slug")).next();
    let field = field.expect("the lookup form").value();
    assert_eq!(field.attr("aria-describedby"), Some("slug_hint find_error"));
    assert!(field.attr("autofocus").is_some());
    assert!(page.body.contains("<title>Error: "));
    field.attr("value").unwrap().to_owned()
}

/// O8: every 404 of an organization's pages has the same search form, with the typed text in it.
#[tokio::test]
async fn the_404_page_of_an_organization_has_the_typed_text() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    let shape = |page: &Page, typed: &str| {
        let words = page.text().split(" Request ").next().unwrap().to_owned();
        let value = format!("value=\"{typed}\"");
        (words, page.body.replace(&value, "").len())
    };
    let known = browser.get("/org/unknown").await;
    let known = shape(&known, "unknown");
    for (path, typed) in [
        ("/org/UnKnown", "UnKnown"),
        ("/org/unknown/", "unknown"),
        ("/org/unknown/start/google", "unknown"),
        ("/org/unknown/sso/saml-connection-test-1", "unknown"),
        ("/org/a%20b", "a b"),
        ("/org?slug=No%20Body", "No Body"),
        ("/org?slug=!", "!"),
    ] {
        let page = browser.get(path).await;
        assert_eq!(search_text(&page), typed, "{path}");
        assert_eq!(shape(&page, typed), known, "{path}");
    }
    assert_eq!(browser.get("/org?slug=").await.header("location"), "/");
    assert_eq!(browser.get("/org").await.header("location"), "/");
}

/// What people type leads to the page. Organizations are never searched by name.
#[tokio::test]
async fn typed_text_is_tried_as_a_slug() {
    let app = TestApp::start().await;
    app.world
        .add_organization(json!({"name": "Twin", "slug": "hooli-labs"}));
    app.world
        .add_organization(json!({"name": "Twin", "slug": "Umbrella-Corp"}));
    let mut browser = app.browser();
    browser.get("/").await;
    for (typed, slug) in [
        (" acme ", "acme"),
        ("ACME", "acme"),
        ("Hooli Labs", "hooli-labs"),
        ("  hooli   LABS!", "hooli-labs"),
        ("Umbrella Corp", "Umbrella-Corp"),
        ("http://localhost:3000/org/acme", "acme"),
        ("login.example/org/Hooli-Labs/", "hooli-labs"),
        ("https://login.example/org/acme?signed_in=1#top", "acme"),
        ("https://login.example/org/acme/start/google", "acme"),
    ] {
        browser.get("/").await;
        browser.fill("Find", &[("slug", typed)]).await;
        let page = browser.arrive().await;
        assert_eq!(
            (page.status.as_u16(), page.path()),
            (200, &*format!("/org/{slug}")),
            "{typed}"
        );
    }
    for typed in [
        "Acme Corp",
        "Twin",
        "umbrella corp",
        "!!",
        "Ⓐcme",
        &"x".repeat(128),
    ] {
        browser.get("/").await;
        browser.fill("Find", &[("slug", typed)]).await;
        if browser.page().status == 303 {
            browser.arrive().await;
        }
        assert_eq!(search_text(browser.page()), typed);
    }
    // The form on that page works like the first one.
    browser.fill("Find", &[("slug", "Acme")]).await;
    assert_eq!(browser.arrive().await.path(), "/org/acme");
    for call in app.calls(SEARCH) {
        let filter = &call.body["query"]["operands"][0]["filter_name"];
        assert_eq!(filter, "organization_slugs");
    }
}

/// O8: typed text stays text, and leads to no other host.
#[tokio::test]
async fn typed_text_is_harmless() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    for typed in [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example/org//evil.example",
        "https://evil.example/org/%2F%2Fevil.example",
        "..",
        "../..",
        "a/b?c#d",
        "\"><script>alert(1)</script>",
        "a\u{202e}b\u{0}",
    ] {
        let query: String = url::form_urlencoded::byte_serialize(typed.as_bytes()).collect();
        let page = browser.get(&format!("/org?slug={query}")).await;
        let shown: String = typed
            .chars()
            .filter(|c| !"\u{202e}\0".contains(*c))
            .collect();
        assert_eq!(search_text(&page), shown);
        assert!(!page.body.contains("<script"));
    }
    let page = browser
        .get(&format!("/org?slug={}", "ä".repeat(2000)))
        .await;
    assert_eq!(search_text(&page).chars().count(), 128);
    // A slug with dots stays in the path.
    let page = browser.get("/org?slug=evil.example").await;
    assert_eq!(page.header("location"), "/org/evil.example");
}

/// A slug in another case, or with a slash at the end, leads to Stytch's spelling, and a sign-in from there completes.
#[tokio::test]
async fn other_spellings_lead_to_the_page() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    for path in ["/org/ACME", "/org/Acme", "/org/acme/", "/org/ACME/"] {
        let page = browser.get(path).await;
        assert_eq!(page.status, 303, "{path}");
        assert_eq!(page.header("location"), "/org/acme", "{path}");
    }
    browser.get("/org/ACME/start/google").await;
    browser.arrive().await;
    assert_eq!(browser.go("ada@acme.example").await.path(), "/org/acme");
    // A member gets in with every spelling.
    for path in ["/org/ACME", "/org/acme/", "/org/ACME/"] {
        browser.get(path).await;
        let page = browser.arrive().await;
        assert_eq!(page.path(), "/org/acme");
        assert!(page.text().contains("You are signed in as"), "{path}");
    }
    app.forget_calls().await;
    browser.get("/org/acme/").await;
    assert!(
        app.calls(SEARCH).is_empty(),
        "a member's own page needs no lookup"
    );

    let mut bob = app.browser();
    let page = bob.get("/org/globex").await;
    let sso = page.action("Continue with Globex Okta", &[]).url;
    bob.get(&sso.path().replace("globex", "GLOBEX")).await;
    assert!(
        bob.page().location().path().starts_with("/v1/public/sso"),
        "{}",
        bob.page().text()
    );
    // The exact spelling takes precedence.
    app.world
        .add_organization(json!({"name": "Shouting", "slug": "ACME"}));
    assert!(
        browser
            .get("/org/ACME")
            .await
            .text()
            .contains("Sign in to Shouting")
    );
    assert!(
        browser
            .get("/org/acme")
            .await
            .text()
            .contains("You are signed in as")
    );
    assert_eq!(
        browser.get("/org/Acme").await.header("location"),
        "/org/acme"
    );
    assert_eq!(
        browser.get("/org/ACME/").await.header("location"),
        "/org/ACME"
    );
}

/// `OAUTH_PROVIDERS` is the list on the home page. An organization's own list of methods takes precedence.
#[tokio::test]
async fn configured_providers_are_offered() {
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
    // What a page offers can be used, and nothing else.
    assert_eq!(
        browser.get("/org/acme/start/microsoft").await.status,
        404,
        "not offered there"
    );
    let refused = browser.get("/org/vandelay/start/slack").await;
    assert_eq!(refused.status, 403, "{}", refused.text());
    assert_eq!(browser.get("/org/acme/start/apple").await.status, 404);
    browser.get("/org/vandelay").await;
    browser.go("Continue with Microsoft").await;
    let page = browser.go("carol@initech.example").await;
    assert!(page.text().contains("You are signed in"), "{}", page.text());
}

/// A step-up can need a provider that the start page lacks, as the organization's own page can.
#[tokio::test]
async fn a_step_up_offers_what_the_organization_accepts() {
    let setup = Setup {
        providers: "google,slack",
        ..Setup::default()
    };
    let app = TestApp::with(setup).await;
    let mut carol = app.browser();
    carol.get("/").await;
    carol.go("Continue with Google").await;
    carol.go("carol@initech.example").await;
    let page = carol.go("Vandelay Industries").await;
    assert!(!page.text().contains("Continue with Google"));
    carol.go("Continue with Microsoft").await;
    let page = carol.go("carol@initech.example").await;
    assert!(page.text().contains("You are signed in"), "{}", page.text());
}
