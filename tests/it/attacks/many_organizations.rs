//! A person who belongs to very many organizations. Colleagues can cause that: each invitation makes the list longer.

use std::time::Duration;

use serde_json::{Value, json};
use stytch_sandbox::FaultKind;

use crate::support::{
    Browser, Page, TestApp,
    app::{DISCOVERY, EXCHANGE, LIST, SEARCH, Setup},
    logs,
    page::selector,
};

const CODE: &str = "/v1/b2b/otps/email/discovery/authenticate";
const LINK: &str = "/v1/b2b/magic_links/discovery/authenticate";

/// A response with this many organizations, each with this many bytes of metadata. Frank can enter none of them.
fn list_response(organizations: usize, metadata: usize) -> FaultKind {
    let metadata = "m".repeat(metadata);
    let entry = |n| {
        json!({
            "organization": {
                "organization_id": format!("organization-test-{n}"),
                "organization_name": format!("Number {n}"),
                "organization_slug": format!("number-{n}"),
                "trusted_metadata": {"text": metadata},
                "auth_methods": "ALL_ALLOWED",
            },
            "membership": {"type": "active_member", "member": {"member_id": "m"}},
            "member_authenticated": true,
        })
    };
    let body = json!({
        "status_code": 200,
        "intermediate_session_token": "ist",
        "email_address": "frank@startup.example",
        "discovered_organizations": (0..organizations).map(entry).collect::<Vec<_>>(),
    });
    ok(body.to_string())
}

fn ok(body: String) -> FaultKind {
    FaultKind::Status {
        status: 200,
        headers: Vec::new(),
        body: Some(body),
    }
}

fn buttons(page: &Page) -> usize {
    let html = page.html();
    html.select(&selector("form[action^='/login/'] button"))
        .count()
}

/// An app that waits a minute for Stytch: a debug build on a busy machine reads a long list slowly.
async fn app_with_long_deadline() -> TestApp {
    TestApp::with(Setup {
        deadline: Some(Duration::from_mins(1)),
        ..Setup::default()
    })
    .await
}

/// O11: 700 plain organizations, and 150 with full metadata, make lists of more than 1 MiB, in every way to sign in.
#[tokio::test]
async fn a_long_list_is_read() {
    let app = app_with_long_deadline().await;
    for (organizations, metadata) in [(700, 1_500), (150, 8_000)] {
        app.fault(DISCOVERY, list_response(organizations, metadata));
        let frank = app.choosing("frank@startup.example").await;
        assert_eq!(buttons(frank.page()), 100);
        let words = format!("Showing the first 100 of {organizations} organizations.");
        assert!(frank.page().text().contains(&words));
        assert!(frank.page().body.len() < 60_000);
    }
    let mut frank = app.browser();
    for (press, path) in [("Email me a code", CODE), ("Email me a link", LINK)] {
        frank.get("/email").await;
        let address = [("email_address", "frank@startup.example")];
        frank.fill(press, &address).await;
        frank.arrive().await;
        app.fault(path, list_response(700, 1_500));
        if path == CODE {
            frank.fill("Continue", &[("code", "123456")]).await;
        } else {
            let link = app.world.messages()[0].link.clone().unwrap();
            frank.get(&link).await;
            frank.arrive().await;
            frank.click("Continue").await;
        }
        let page = frank.arrive().await;
        assert_eq!((page.path(), buttons(&page)), ("/organizations", 100));
    }
}

/// Frank, who belongs to 1,100 existing organizations, at his list.
async fn frank_in_many(app: &TestApp) -> Browser {
    for n in 0..1_100 {
        let slug = format!("number-{n}");
        app.world
            .add_organization(json!({"name": format!("Número {n}"), "slug": slug}));
        app.world
            .add_member(&slug, json!({"email_address": "frank@startup.example"}));
    }
    app.choosing("frank@startup.example").await
}

/// O11: the first thousand can be searched and entered, and the page says how to reach the others. This holds for a
/// member, too.
#[tokio::test]
async fn a_thousand_organizations_can_be_searched() {
    let app = app_with_long_deadline().await;
    let mut frank = frank_in_many(&app).await;
    for query in ["", "n\u{fa}mero", "N\u{da}MERO", "Number-"] {
        let query: String = url::form_urlencoded::byte_serialize(query.as_bytes()).collect();
        let page = frank.get(&format!("/organizations?q={query}")).await;
        assert_eq!(buttons(&page), 100, "{query}");
        assert!(page.text().contains("Showing the first 100 of 1000"));
        assert!(
            page.text()
                .contains("You have 100 more organizations than this list can show")
        );
    }
    let page = frank.fill("Search", &[("q", " NUMBER-99 ")]).await;
    assert_eq!(buttons(&page), 11, "99 and 990 to 999");
    assert!(page.text().contains("11 of 1000 organizations."));
    let page = frank.fill("Search", &[("q", "<i>\u{202e}")]).await;
    assert_eq!(buttons(&page), 0);
    assert!(
        page.text()
            .contains("None of your organizations matches this search")
    );
    assert!(!page.body.contains("<i>"));
    let page = frank.click("Show all").await;
    assert_eq!(buttons(&page), 100);
    let stored = app.state.store.dump().len();
    assert!(stored < 250_000, "{stored} bytes");

    let id = |slug: &str| {
        let state = app.world.state();
        let mut organizations = state["organizations"].as_array().unwrap().iter();
        let it = organizations.find(|it| it["organization_slug"] == slug);
        it.unwrap()["organization_id"].as_str().unwrap().to_owned()
    };
    // Organizations beyond the list were not offered. Their own pages lead to them.
    let here = [("here", "frank@startup.example")];
    let path = format!("/login/{}", id("number-1050"));
    assert_eq!(frank.post(&path, &here).await.status, 404);
    assert!(app.calls(EXCHANGE).is_empty());
    let mut other = app.choosing("frank@startup.example").await;
    other.fill("Find", &[("slug", "number-1050")]).await;
    assert!(
        other
            .arrive()
            .await
            .text()
            .contains("Sign in to Número 1050")
    );
    frank.get("/organizations?q=number-998").await;
    let page = frank.go("Sign in to Número 998").await;
    assert_eq!(page.path(), "/org/number-998");

    app.forget_calls().await;
    let page = frank.get("/organizations").await;
    assert_eq!(buttons(&page), 100);
    assert!(page.text().contains("Showing the first 100 of 999"));
    frank.get("/organizations?q=MERO%20997").await;
    let page = frank.go("Switch to Número 997").await;
    assert_eq!(page.path(), "/org/number-997");
    assert!(app.calls(LIST).len() >= 3);
}

/// O11: a short list has no search form, unless a link searches it.
#[tokio::test]
async fn a_short_list_has_no_search() {
    let app = TestApp::start().await;
    let mut ada = app.choosing("ada@acme.example").await;
    assert!(!ada.page().body.contains("name=\"q\""));
    assert_eq!(buttons(&ada.get("/organizations?q=ACME").await), 1);
    let page = ada.get("/organizations?q=nothing").await;
    assert!(
        page.text()
            .contains("None of your organizations matches this search")
    );
    assert_eq!(buttons(&ada.click("Show all").await), 3);
}

/// A response of this many bytes without organizations.
fn padded_list(size: usize) -> FaultKind {
    let empty = r#"{"discovered_organizations": [], "padding": ""}"#;
    let padding = " ".repeat(size - empty.len());
    ok(empty.replace("\"\"", &format!("\"{padding}\"")))
}

/// V8: a list may have 16 MiB, and any other response 1 MiB. A larger one is an error, and so is a list that ends
/// early.
#[tokio::test]
async fn only_lists_may_be_large() {
    let app = TestApp::with(Setup {
        // A debug build reads 16 MiB in seconds.
        deadline: Some(Duration::from_mins(1)),
        ..Setup::default()
    })
    .await;
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    app.fault(LIST, padded_list(16 * 1024 * 1024));
    assert_eq!(ada.get("/organizations").await.status, 200);
    app.faults(LIST, 2, padded_list(16 * 1024 * 1024 + 1));
    assert_eq!(ada.get("/organizations").await.status, 503);
    assert!(logs::text().contains("more than 16 MiB"));
    for kind in [
        FaultKind::Truncated,
        FaultKind::ResetMid,
        FaultKind::Empty,
        ok("[1]".into()),
    ] {
        app.faults(LIST, 2, kind.clone());
        assert_eq!(ada.get("/organizations").await.status, 503, "{kind:?}");
        app.world.clear_faults();
    }
    assert_eq!(ada.get("/organizations").await.status, 200);
    let padded = |mut body: Value| {
        body["padding"] = json!(" ".repeat(1024 * 1024));
        ok(body.to_string())
    };
    app.fault(SEARCH, padded(json!({"organizations": []})));
    assert_eq!(ada.get("/org/globex").await.status, 503);
    let mut frank = app.choosing("ada@acme.example").await;
    app.fault(EXCHANGE, padded(json!({"member_authenticated": true})));
    assert_eq!(frank.click("Sign in to Acme Corp").await.status, 503);
    assert!(logs::text().contains("more than 1 MiB"));
}
