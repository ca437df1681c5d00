//! Names that reverse the text around them, and identical names.

use serde_json::json;
use stytch_sandbox::FaultKind;

use crate::support::{Page, TestApp, app::CREATE, page::selector};

/// Reads "Safe evil.com". It ends the isolation of `<bdi>` before it reverses the rest of the sentence.
const REVERSING: &str = "Safe \u{2069}\u{202e} moc.live";

/// Whether the page shows the name and isolates it from the text around it.
fn is_isolated(page: &Page) -> bool {
    let body = page.body.split("<body>").nth(1).unwrap();
    let title = page.body.split("<title>").nth(1).unwrap();
    let title = title.split('<').next().unwrap();
    // The title contains the name without its disruptive characters.
    let in_title = !title.contains("Safe") || title.contains("\u{2068}Safe  moc.live\u{2069}");
    body.contains("<bdi>Safe  moc.live</bdi>") && !body.contains('\u{202e}') && in_title
}

/// W9: on the pages of a sign-in, on the member's pages, on error pages, and in the sandbox.
#[tokio::test]
async fn a_name_can_not_reverse_the_text_around_it() {
    let app = TestApp::start().await;
    app.world
        .patch_organization("acme", json!({"organization_name": REVERSING}));
    app.world
        .patch_member("acme", "ada@acme.example", json!({"name": REVERSING}));
    let mut shown = Vec::new();
    let mut ada = app.choosing("ada@acme.example").await;
    shown.push(ada.page().clone());
    let login = ada.page().action("Sign in to Safe", &[]).url;
    shown.push(ada.get(login.path()).await);
    shown.push(ada.go("Sign in to Safe").await);
    shown.push(ada.get("/organizations").await);
    // Another organization's page, and one for another tab.
    shown.push(ada.get("/org/globex").await);
    shown.push(ada.get("/org/oneil/provider/google").await);
    ada.get(&app.foreign_discovery("ada@acme.example")).await;
    shown.push(ada.arrive().await);
    let mut mallory = app.browser();
    shown.push(mallory.get("/org/acme").await);
    mallory.go("Continue with Google").await;
    shown.push(mallory.page().clone());
    shown.push(mallory.go("mallory@evil.example").await);
    for page in shown {
        assert!(is_isolated(&page), "{}: {}", page.url, page.body);
    }
}

/// W9: the name of a connection, on the organization's page and in "start again".
#[tokio::test]
async fn a_connection_name_can_not_reverse_the_text_around_it() {
    let app = TestApp::start().await;
    let state = app.world.state();
    let organizations = state["organizations"].as_array().unwrap();
    let globex = organizations
        .iter()
        .find(|it| it["organization_slug"] == "globex")
        .unwrap();
    let mut connections = globex["sso_active_connections"].clone();
    connections[0]["display_name"] = json!(REVERSING);
    app.world
        .patch_organization("globex", json!({"sso_active_connections": connections}));
    let mut browser = app.browser();
    let page = browser.get("/org/globex").await;
    assert!(is_isolated(&page), "{}", page.body);
}

/// W9: where this app accepts a name, it refuses those characters, and no others.
#[tokio::test]
async fn a_name_that_reverses_text_is_refused() {
    let app = TestApp::start().await;
    let mut frank = app.choosing("frank@startup.example").await;
    frank.go("Create an organization").await;
    for c in [
        '\0', '\u{1b}', '\u{7f}', '\u{85}', '\u{9f}', '\u{202a}', '\u{202e}', '\u{2066}',
        '\u{2069}',
    ] {
        let name = format!("Start{c}up");
        let values = [("organization_name", name.as_str())];
        let page = frank.fill("Create organization", &values).await;
        assert_eq!(page.status, 422, "{c:?}");
        assert!(page.text().contains("The name can't contain"), "{c:?}");
        let html = page.html();
        let field = html.select(&selector("[aria-invalid]")).next().unwrap();
        assert_eq!(field.value().id(), Some("organization_name"));
    }
    assert!(app.calls(CREATE).is_empty(), "Stytch would accept them");
    // Emoji and Persian need joiners; Hebrew and Arabic need marks.
    for (n, name) in ["👩‍🚀", "می\u{200c}خواهم", "A\u{200f}B\u{200e}"]
        .iter()
        .enumerate()
    {
        app.fault(
            CREATE,
            FaultKind::Error {
                status: 400,
                error_type: "organization_slug_already_used".into(),
                message: String::new(),
            },
        );
        let page = frank
            .fill("Create organization", &[("organization_name", name)])
            .await;
        assert!(
            page.text()
                .contains("Another organization has this address")
        );
        assert_eq!(app.calls(CREATE)[n].body["organization_name"], *name);
    }
}

/// W9: two organizations with one name have buttons that can be told apart: for sign-in, for switching, and on the
/// confirmation page before each.
#[tokio::test]
async fn organizations_with_one_name_can_be_told_apart() {
    let app = TestApp::start().await;
    app.world
        .add_organization(json!({"name": "Acme Corp", "slug": "acme-too"}));
    app.world
        .add_member("acme-too", json!({"email_address": "ada@acme.example"}));
    let mut ada = app.choosing("ada@acme.example").await;
    let both = |page: &Page, verb: &str| {
        let controls = page.controls();
        ["acme", "acme-too"].map(|slug| {
            let label = format!("{verb} Acme Corp {slug}");
            let label = format!("{label} · ");
            controls.iter().filter(|it| it.starts_with(&label)).count()
        })
    };
    assert_eq!(both(ada.page(), "Sign in to"), [1, 1]);
    let question = ada.page().action("Sign in to Acme Corp acme-too", &[]).url;
    let page = ada.get(question.path()).await;
    assert_eq!(both(&page, "Sign in to"), [0, 1]);
    assert_eq!(ada.go("Sign in to Acme Corp").await.path(), "/org/acme-too");
    assert_eq!(both(&ada.get("/organizations").await, "Switch to"), [1, 0]);
}

/// W9: two connections with one name, and one with a provider's name, show their ids.
#[tokio::test]
async fn connections_with_one_name_can_be_told_apart() {
    let app = TestApp::start().await;
    let connection = |id: &str, name: &str| json!({"connection_id": id, "display_name": name});
    app.world.patch_organization(
        "globex",
        json!({"sso_active_connections": [
            connection("saml-connection-test-1", "Okta"),
            connection("saml-connection-test-2", "okta "),
            connection("oidc-connection-test-3", ""),
            connection("oidc-connection-test-4", "Google"),
            connection("oidc-connection-test-5", "Entra"),
        ]}),
    );
    let controls = app.browser().get("/org/globex").await.controls();
    let connections: Vec<_> = controls
        .iter()
        .filter(|it| it.starts_with("Continue"))
        .collect();
    assert_eq!(
        connections,
        [
            "Continue with Okta saml-connection-test-1",
            "Continue with okta saml-connection-test-2",
            "Continue with single sign-on",
            "Continue with Google oidc-connection-test-4",
            "Continue with Entra",
            "Continue with Google",
        ]
    );
}
