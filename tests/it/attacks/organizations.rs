use serde_json::json;
use stytch_sandbox::FaultKind;

use crate::support::{
    Page, TestApp,
    app::{AUTHENTICATE, CREATE, DISCOVERY, EXCHANGE, LIST, REVOKE, SEARCH},
    page::selector,
};

/// O2: ids that the list does not offer, slugs, and malformed values.
#[tokio::test]
async fn only_offered_organizations_can_be_chosen() {
    let app = TestApp::start().await;
    let state = app.world.state();
    let globex = state["organizations"]
        .as_array()
        .unwrap()
        .iter()
        .find(|o| o["organization_slug"] == "globex")
        .unwrap();
    let globex = globex["organization_id"].as_str().unwrap();
    let mut ada = app.choosing("ada@acme.example").await;
    for wanted in [
        globex,
        "globex",
        "acme",
        "%2e%2e%2f",
        "..%2Fcreate_org",
        "organization-test-",
        "%00",
        "%F0%9F%A6%80",
    ] {
        for method in ["GET", "POST"] {
            let path = format!("/login/{wanted}");
            let page = if method == "GET" {
                ada.get(&path).await
            } else {
                ada.post(&path, &[]).await
            };
            assert_eq!(page.status, 404, "{method} {wanted}");
        }
    }
    assert!(app.calls(EXCHANGE).is_empty());
}

/// O1: a form that was shown to one person has no effect for another, even if both may enter.
#[tokio::test]
async fn an_old_tab_has_no_effect_for_another_person() {
    let app = TestApp::start().await;
    let mut browser = app.choosing("grace@acme.example").await;
    let action = browser.page().action("Join Acme Corp", &[]);
    browser.get("/start/google").await;
    browser.arrive().await;
    browser.go("ada@acme.example").await;
    let fields = action.fields.iter();
    let fields: Vec<_> = fields.map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let page = browser.post(action.url.as_str(), &fields).await;
    assert_eq!(page.status, 400, "{}", page.text());
    assert!(app.calls(EXCHANGE).is_empty());
    assert_eq!(browser.get("/organizations").await.status, 200);
}

/// O2: Stytch responds about another organization than the one requested.
#[tokio::test]
async fn a_response_about_another_organization_is_refused() {
    let app = TestApp::start().await;
    let mut ada = app.choosing("ada@acme.example").await;
    app.fault(EXCHANGE, FaultKind::OtherOrganization);
    let page = ada.click("Sign in to Acme Corp").await;
    assert_eq!(page.status, 500, "{}", page.text());
    assert_eq!(ada.get("/member").await.status, 401);

    let mut ada = app.browser();
    ada.get("/org/acme").await;
    ada.go("Continue with Google").await;
    app.fault(AUTHENTICATE, FaultKind::OtherOrganization);
    let page = ada.go("ada@acme.example").await;
    assert!(page.status.as_u16() >= 400, "{}", page.text());
    assert_eq!(ada.get("/member").await.status, 401);

    app.fault(SEARCH, FaultKind::OtherOrganization);
    assert_eq!(ada.get("/org/acme").await.status, 500);
}

/// O2: the callback's token is valid, but for another organization than the one that this browser requested.
#[tokio::test]
async fn a_callback_for_another_organization_is_refused() {
    use stytch_sandbox::{Approval, Flow};
    let app = TestApp::start().await;
    let mut ada = app.browser();
    ada.get("/org/acme").await;
    let start = ada.click("Continue with Google").await.location();
    let challenge = start
        .query_pairs()
        .find(|(name, _)| name == "pkce_code_challenge")
        .unwrap()
        .1;
    let other = || {
        let approved = app.world.approve(Approval {
            flow: Flow::Oauth,
            provider: "google",
            email: "ada@acme.example",
            organization: Some("oneil"),
            pkce_code_challenge: Some(&challenge),
        });
        approved.redirect_url
    };
    app.forget_calls().await;
    // A link that names its organization belongs to no sign-in of this browser. One that names another organization is
    // refused.
    let honest = ada.get(&other()).await;
    assert_eq!(honest.location().path(), "/confirm");
    let lie = other().replace("slug=oneil", "slug=acme");
    let page = ada.get(&lie).await;
    assert_eq!(page.status, 409, "{}", page.text());
    app.settle().await;
    assert_eq!(app.calls(REVOKE).len(), 1, "its session is revoked");
    assert_eq!(
        page.action("Sign in to Acme Corp", &[]).url.path(),
        "/org/acme"
    );
    assert_eq!(ada.get("/member").await.status, 401);
}

/// O4: the organization was created, but the response was lost. The call is never repeated automatically. The next
/// sign-in shows the organization.
#[tokio::test]
async fn a_creation_with_a_lost_response_is_not_repeated() {
    let app = TestApp::start().await;
    let mut frank = app.choosing("frank@startup.example").await;
    frank.go("Create an organization").await;
    app.fault(CREATE, FaultKind::ResetAfter);
    let page = frank.click("Create organization").await;
    assert_eq!(page.status, 503);
    assert!(
        page.text()
            .contains("may have gone through anyway. Sign in again"),
        "{}",
        page.text()
    );
    assert_eq!(app.calls(CREATE).len(), 1);
    let again = app.choosing("frank@startup.example").await;
    assert!(
        again.page().text().contains("Sign in to Startup"),
        "{}",
        again.page().text()
    );
}

const MALICIOUS_NAME: &str = r#"O'Neil & "Sons" </script><img src=x onerror=alert(1)>"#;

/// O6: a name is text, on every page that shows it.
#[tokio::test]
async fn names_stay_text() {
    let app = TestApp::start().await;
    let mut ada = app.choosing("ada@acme.example").await;
    let mut shown = vec![ada.page().clone()];
    let path = ada
        .page()
        .action("Sign in to O'Neil", &[])
        .url
        .path()
        .to_owned();
    shown.push(ada.get(&path).await);
    shown.push(ada.go("Sign in to O'Neil").await);
    shown.push(ada.get("/organizations").await);
    shown.push(ada.get("/org/acme").await);
    ada.get(&app.foreign_discovery("ada@acme.example")).await;
    shown.push(ada.arrive().await);
    shown.push(app.browser().get("/org/oneil").await);
    app.world
        .patch_organization("initech", json!({"organization_name": MALICIOUS_NAME}));
    let mut ada = app.choosing("ada@acme.example").await;
    let initech = ada
        .page()
        .html()
        .select(&selector("form[action^='/login/'] button"))
        .count();
    assert_eq!(initech, 3);
    app.world
        .patch_organization("oneil", json!({"mfa_policy": "REQUIRED_FOR_ALL"}));
    shown.push(ada.go("Sign in to O'Neil").await);
    for page in shown {
        assert!(
            page.text().contains(MALICIOUS_NAME) || page.text().contains("O'Neil"),
            "{}: {}",
            page.url,
            page.text()
        );
        assert_plain(&page);
    }
}

/// O6: values that were typed stay text, too.
#[tokio::test]
async fn typed_values_stay_text() {
    let app = TestApp::start().await;
    let mut frank = app.choosing("frank@startup.example").await;
    frank.go("Create an organization").await;
    let nasty = r#""><script>alert(1)</script><b onclick='x'>"#;
    let page = frank
        .fill(
            "Create organization",
            &[("organization_name", nasty), ("organization_slug", nasty)],
        )
        .await;
    assert_eq!(page.status, 422);
    assert_plain(&page);
    let html = page.html();
    let typed = html.select(&selector("#organization_name")).next().unwrap();
    assert_eq!(typed.value().attr("value"), Some(nasty));
}

/// Fails on an element or attribute that is not in the app's templates.
fn assert_plain(page: &Page) {
    let known = [
        "html", "head", "meta", "title", "link", "body", "aside", "span", "strong", "main", "p",
        "a", "bdi", "div", "h1", "h2", "em", "form", "button", "ul", "li", "hr", "dl", "dt", "dd",
        "code", "br", "time", "label", "input", "svg", "path", "circle", "small", "details",
        "summary", "header", "pre",
    ];
    for element in page.html().select(&selector("*")) {
        let element = element.value();
        assert!(
            known.contains(&element.name()),
            "<{}> on {}",
            element.name(),
            page.url
        );
        for (name, value) in element.attrs() {
            assert!(
                !name.starts_with("on") && name != "style" && name != "src",
                "{name} on {}",
                page.url
            );
            assert!(!value.trim_start().starts_with("javascript:"));
        }
    }
}

/// O7: a GET can start or complete a sign-in, and changes nothing else.
#[tokio::test]
async fn a_get_changes_nothing() {
    let app = TestApp::start().await;
    let list = app.choosing("ada@acme.example").await;
    let login = list
        .page()
        .action("Sign in to Acme Corp", &[])
        .url
        .path()
        .to_owned();
    let member = app.signed_in("globex", "bob@globex.example").await;
    let mut parked = app.browser();
    parked
        .get(&app.foreign_login("ada@acme.example", "acme"))
        .await;
    let before = (
        app.world.state(),
        app.state.store.dump().len(),
        app.state.store.len(),
    );
    app.forget_calls().await;
    for mut browser in [app.browser(), list, member, parked] {
        for path in [
            "/",
            "/confirm",
            "/organizations",
            &login,
            "/create_org",
            "/step_up",
            "/email",
            "/mfa",
            "/org?slug=acme",
            "/org/acme",
            "/org/globex",
            "/member",
            "/logout",
            "/health/live",
            "/nowhere",
        ] {
            for _ in 0..2 {
                browser.get(path).await;
            }
            if path == "/logout" {
                assert_eq!(browser.page().status, 405);
            }
        }
    }
    assert_eq!(
        (
            app.world.state(),
            app.state.store.dump().len(),
            app.state.store.len()
        ),
        before
    );
    let wrote = app
        .world
        .calls()
        .into_iter()
        .find(|call| call.path != SEARCH && call.path != LIST);
    assert!(wrote.is_none(), "{wrote:?}");
}

/// O8: membership kinds that are newer than this app, and very many organizations.
#[tokio::test]
async fn unusual_discovery_responses_are_shown() {
    let app = TestApp::start().await;
    app.fault(DISCOVERY, FaultKind::UnknownEnum);
    let mut ada = app.choosing("ada@acme.example").await;
    assert!(
        ada.page()
            .text()
            .contains("Continue to Acme Corp acme · Available to you"),
        "{}",
        ada.page().text()
    );
    assert_eq!(ada.go("Continue to Acme Corp").await.path(), "/org/acme");

    for n in 0..500 {
        app.world.add_organization(
            json!({"name": format!("Number {n}"), "slug": format!("number-{n}")}),
        );
        app.world.add_member(
            &format!("number-{n}"),
            json!({"email_address": "frank@startup.example"}),
        );
    }
    let mut frank = app.choosing("frank@startup.example").await;
    assert!(
        frank.page().body.len() < 60_000,
        "{} bytes",
        frank.page().body.len()
    );
    frank.get("/organizations?q=number-499").await;
    assert_eq!(
        frank.go("Sign in to Number 499").await.path(),
        "/org/number-499"
    );
}

/// O8: strangers can read an organization's name and sign-in methods, and nothing else about it.
#[tokio::test]
async fn strangers_see_only_name_and_methods() {
    let app = TestApp::start().await;
    let page = app.browser().get("/org/acme").await;
    for private in ["organization-test-", "acme.example", "stytch_admin", "Ada"] {
        assert!(!page.body.contains(private), "{private}");
    }
}
