use serde_json::json;
use stytch_sandbox::{Fault, FaultKind};

use crate::support::TestApp;

#[tokio::test]
async fn an_administrator_switches_jit_provisioning() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    assert!(
        ada.page()
            .text()
            .contains("Anyone with a verified acme.example address")
    );
    let page = ada.go("Turn off joining by email domain").await;
    assert_eq!(page.path(), "/org/acme", "{}", page.text());
    assert!(
        page.text().contains("No one can join by email domain"),
        "{}",
        page.text()
    );
    let call = app
        .world
        .calls()
        .into_iter()
        .find(|call| call.method == "PUT")
        .unwrap();
    assert_eq!(call.body, json!({"email_jit_provisioning": "NOT_ALLOWED"}));
    // Grace can no longer join.
    let grace = app.choosing("grace@acme.example").await;
    assert!(
        !grace.page().text().contains("Acme Corp"),
        "{}",
        grace.page().text()
    );
    let page = ada.go("Let people at acme.example join").await;
    assert!(
        page.text()
            .contains("Anyone with a verified acme.example address"),
        "{}",
        page.text()
    );
    let grace = app.choosing("grace@acme.example").await;
    assert!(grace.page().text().contains("Acme Corp"));
    // Another visit shows the same, and so does the page of a renewed session.
    app.advance(400);
    assert!(
        ada.get("/org/acme")
            .await
            .text()
            .contains("Turn off joining by email domain")
    );
}

/// The member's own domain is added to the existing ones.
#[tokio::test]
async fn the_list_of_domains_grows() {
    let app = TestApp::start().await;
    app.world
        .patch_organization("acme", json!({"email_allowed_domains": ["other.example"]}));
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    let text = ada.page().text();
    assert!(
        text.contains("a verified other.example address can join"),
        "{text}"
    );
    assert!(
        text.contains("let people with a verified acme.example address join, too."),
        "{text}"
    );
    ada.page().action("Turn off joining by email domain", &[]);
    let page = ada.go("Let people at acme.example join").await;
    assert!(
        page.text().contains("other.example, acme.example"),
        "{}",
        page.text()
    );
}

/// While joining by email domain is off, Stytch keeps the list. The page names each domain that the change would allow.
#[tokio::test]
async fn all_domains_that_the_change_allows_are_named() {
    let app = TestApp::start().await;
    let rule = json!({
        "email_allowed_domains": ["other.example"],
        "email_jit_provisioning": "NOT_ALLOWED",
    });
    app.world.patch_organization("acme", rule);
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    let text = ada.page().text();
    assert!(
        text.contains("This also lets in people with a verified other.example address."),
        "{text}"
    );
    ada.go("Let people at acme.example join").await;
    let text = ada.page().text();
    assert!(
        text.contains("a verified other.example, acme.example address can join"),
        "{text}"
    );
    assert!(!text.contains("This also lets in"), "{text}");
}

/// Domains are compared as mail servers compare them.
#[tokio::test]
async fn a_domain_is_listed_once() {
    let app = TestApp::start().await;
    let rule =
        json!({"email_allowed_domains": ["ACME.example"], "email_jit_provisioning": "NOT_ALLOWED"});
    app.world.patch_organization("acme", rule);
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    ada.go("Let people at acme.example join").await;
    let calls = app.world.calls();
    let call = calls.iter().find(|call| call.method == "PUT").unwrap();
    assert_eq!(call.body, json!({"email_jit_provisioning": "RESTRICTED"}));
    let text = ada.page().text();
    assert!(text.contains("Anyone with a verified"), "{text}");
}

/// The change uses the member's own rights. A member without permission is told so, and nothing changes.
#[tokio::test]
async fn members_without_permission_are_told_why() {
    let app = TestApp::start().await;
    let mut grace = app.choosing("grace@acme.example").await;
    grace.go("Join Acme Corp").await;
    let before = app.world.state()["organizations"].clone();
    let page = grace.go("Turn off joining by email domain").await;
    assert_eq!(page.status, 403, "{}", page.text());
    assert!(
        page.text().contains("You do not have permission"),
        "{}",
        page.text()
    );
    assert!(
        page.text().contains("Ask an administrator of Acme Corp"),
        "{}",
        page.text()
    );
    assert_eq!(app.world.state()["organizations"], before);
    assert_eq!(grace.go("Back").await.path(), "/org/acme");
}

/// An organization that is open to everyone is shown as such, and no form restricts it by mistake.
#[tokio::test]
async fn a_wider_rule_is_not_narrowed() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    ada.go("Turn off joining by email domain").await;
    let mut old = ada.clone();
    for (rule, text, button) in [
        (
            "ALL_ALLOWED",
            "Anyone with a verified email address can join",
            Some("Stop letting everyone in"),
        ),
        ("sandbox_unknown_word", "can't show who may join", None),
        ("", "can't show who may join", None),
    ] {
        app.world
            .patch_organization("acme", json!({"email_jit_provisioning": rule}));
        app.forget_calls().await;
        // The page of another tab still shows that people can't join.
        let page = old.post("/org/acme/jit", &[("jit", "on")]).await;
        assert_eq!(page.status, 303, "{rule}: {}", page.text());
        assert!(app.world.calls().iter().all(|call| call.method != "PUT"));
        let page = old.arrive().await;
        assert!(page.text().contains(text), "{rule}: {}", page.text());
        assert!(!page.text().contains("No one can join"), "{rule}");
        let controls = page.controls();
        assert!(
            !controls.contains(&"Let people at acme.example join".to_owned()),
            "{rule}"
        );
        let offered = controls.iter().find(|words| words.starts_with("Stop"));
        assert_eq!(offered.map(String::as_str), button, "{rule}");
    }
    app.world
        .patch_organization("acme", json!({"email_jit_provisioning": "ALL_ALLOWED"}));
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    let page = ada.go("Stop letting everyone in").await;
    assert!(page.text().contains("No one can join"), "{}", page.text());
}

/// A list without a domain lets no one join, and the page says so.
#[tokio::test]
async fn an_empty_list_of_domains_lets_no_one_join() {
    let app = TestApp::start().await;
    app.world
        .patch_organization("acme", json!({"email_allowed_domains": []}));
    let ada = app.signed_in("acme", "ada@acme.example").await;
    let text = ada.page().text();
    assert!(text.contains("No one can join by email domain"), "{text}");
    assert!(
        text.contains("let people with a verified acme.example address join."),
        "{text}"
    );
}

/// A domain that anyone can use is refused with the vendor's reason.
#[tokio::test]
async fn common_domains_are_refused() {
    let app = TestApp::start().await;
    app.world.add_member(
        "acme",
        json!({"email_address": "zoe@gmail.com", "roles": ["stytch_member", "stytch_admin"]}),
    );
    let mut zoe = app.browser();
    zoe.get("/email").await;
    zoe.fill("Email me a code", &[("email_address", "zoe@gmail.com")])
        .await;
    zoe.arrive().await;
    let code = app.world.messages()[0].code.clone().unwrap();
    zoe.fill("Continue", &[("code", &code)]).await;
    zoe.arrive().await;
    zoe.go("Sign in to Acme Corp").await;
    let page = zoe.click("Let people at gmail.com join").await;
    assert_eq!(page.status, 422, "{}", page.text());
    assert!(
        page.text().contains("anyone can get an address there"),
        "{}",
        page.text()
    );
}

/// O1: a form of one organization, sent with a session of another one, has no effect. The page names both.
#[tokio::test]
async fn an_old_tab_has_no_effect() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    let old = ada.page().clone();
    ada.go("Switch organization").await;
    let old_list = ada.page().clone();
    ada.go("Switch to O'Neil").await;
    app.forget_calls().await;
    let page = ada
        .post(
            old.action("Turn off joining", &[]).url.as_str(),
            &[("jit", "off")],
        )
        .await;
    assert_eq!(page.status, 409, "{}", page.text());
    assert!(
        page.text()
            .contains("This page belongs to acme, but you are signed in to O'Neil"),
        "{}",
        page.text()
    );
    let action = old_list.action("Switch to Initech", &[]);
    let page = ada.post(action.url.as_str(), &[("here", "acme")]).await;
    assert_eq!(page.status, 409, "{}", page.text());
    assert!(app.world.calls().is_empty(), "Stytch was not called");
    assert_eq!(ada.go("Go to O'Neil").await.path(), "/org/oneil");
}

/// A sensitive route does not rely on an earlier confirmation. If Stytch is down, the member is told to try later, and
/// stays signed in.
#[tokio::test]
async fn jit_provisioning_requires_a_call_to_stytch() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    for path in ["/v1/b2b/sessions/authenticate", "/v1/b2b/organizations/*"] {
        app.world.fault(Fault {
            method: "*".into(),
            path: path.into(),
            times: 2,
            kind: FaultKind::Status {
                status: 500,
                headers: Vec::new(),
                body: None,
            },
        });
        let page = ada.post("/org/acme/jit", &[("jit", "off")]).await;
        assert_eq!(page.status, 503, "{path}: {}", page.text());
        app.world.clear_faults();
        assert_eq!(ada.get("/member").await.status, 200);
    }
    // The sessions are revoked at Stytch, so the member is signed out at once (S11).
    app.world.revoke_all_sessions();
    assert_eq!(
        ada.post("/org/acme/jit", &[("jit", "off")]).await.status,
        401
    );
    assert_eq!(ada.cookie(), None);
}
