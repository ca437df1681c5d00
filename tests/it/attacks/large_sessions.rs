//! One session stores a lot: long names, long addresses, long tokens, and long lists.

use serde_json::json;
use stytch_b2b_axum::session::LARGEST_SESSION;
use stytch_sandbox::FaultKind;
use tower_sessions::session::Id;

use crate::support::{
    Browser, TestApp,
    app::{AUTHENTICATE, DISCOVERY, REVOKE},
};

/// Limit in bytes on what an anonymous visitor can store, as in `.env.example` and `docs/operating.md`.
const LARGEST_PENDING: usize = 8 * 1024;

/// Sizes in bytes of a usual pending sign-in and of a usual member, as in these documents.
const USUAL_PENDING: usize = 400;
const USUAL_MEMBER: usize = 3_500;

/// Size of the browser's record in bytes.
async fn stored(app: &TestApp, browser: &Browser) -> usize {
    use stytch_b2b_axum::session::store::{Backend, Found};
    let id: Id = browser.cookie().unwrap().parse().unwrap();
    let Found::Record(record, _) = app.state.store.load(&id).await.unwrap() else {
        panic!("no record");
    };
    serde_json::to_string(&record.data).unwrap().len()
}

/// O15: usual sessions are as small as the documents say.
#[tokio::test]
async fn usual_sessions_are_small() {
    let app = TestApp::start().await;
    for start in ["/start/google", "/org/acme/start/google"] {
        let mut ada = app.browser();
        ada.get(start).await;
        let bytes = stored(&app, &ada).await;
        assert!(
            bytes <= USUAL_PENDING + usize::from(start != "/start/google") * 200,
            "{start}: {bytes}"
        );
    }
    let ada = app.signed_in("acme", "ada@acme.example").await;
    let bytes = stored(&app, &ada).await;
    assert!(bytes <= USUAL_MEMBER, "{bytes}");
}

/// O15: the most that an anonymous visitor can store, with all names at their maximum length, and with characters that
/// are longer in JSON.
#[tokio::test]
async fn an_anonymous_visitor_stores_little() {
    let app = TestApp::start().await;
    for n in 0..8 {
        let slug = format!("{n}{}", "s".repeat(127));
        let name = "\u{1f600}".repeat(128);
        app.world
            .add_organization(json!({"name": name, "slug": slug}));
    }
    let mut ada = app.browser();
    ada.get("/email").await;
    let address = format!("{}@acme.example", "\"".repeat(307));
    let send = [("email_address", address.as_str()), ("way", "code")];
    app.fault("/v1/b2b/otps/email/discovery/send", FaultKind::ResetAfter);
    ada.post("/email", &send).await;
    let token = "x".repeat(256);
    ada.get(&format!(
        "/discovery?stytch_token_type=discovery&token={token}"
    ))
    .await;
    for n in 0..8 {
        let path = format!("/org/{n}{}/start/google", "s".repeat(127));
        assert_eq!(ada.get(&path).await.status, 303, "{n}");
        let bytes = stored(&app, &ada).await;
        assert!(bytes <= LARGEST_PENDING, "{n}: {bytes}");
    }
    let bytes = stored(&app, &ada).await;
    assert!(bytes > LARGEST_PENDING / 2, "{bytes}: all parts are stored");
    // The latest pending sign-in is never dropped.
    ada.arrive().await;
    ada.click("ada@acme.example").await;
    assert_eq!(app.calls(AUTHENTICATE).len(), 0);
    ada.follow().await;
    assert_eq!(app.calls(AUTHENTICATE).len(), 1);
}

/// O15: a value that can't be a token is not held for confirmation.
#[tokio::test]
async fn a_long_or_malformed_token_is_refused() {
    let app = TestApp::start().await;
    for (token, is_kept) in [
        ("x".repeat(256), true),
        ("aZ0-_.~%2B%2F%3D".to_owned(), true),
        ("x".repeat(257), false),
        ("%01".repeat(44), false),
        ("%22".to_owned(), false),
        ("%C3%A4".to_owned(), false),
    ] {
        for url in [
            "/discovery?stytch_token_type=discovery",
            "/authenticate?stytch_token_type=oauth",
        ] {
            let records = app.state.store.len();
            let page = app.browser().get(&format!("{url}&token={token}")).await;
            let status = if is_kept { 303 } else { 400 };
            assert_eq!(page.status, status, "{token}");
            assert_eq!(app.state.store.len(), records + usize::from(is_kept));
        }
    }
}

/// O15: a value that can't be an address is neither stored nor sent to Stytch. The longest address that can be one is
/// sent.
#[tokio::test]
async fn a_long_address_is_refused() {
    let app = TestApp::start().await;
    for (length, is_asked) in [(320, true), (321, false), (60_000, false)] {
        for way in ["code", "link"] {
            let mut ada = app.browser();
            ada.get("/email").await;
            app.forget_calls().await;
            let records = app.state.store.len();
            let address = format!("{}@{way}.example", "x".repeat(length - 13));
            let form = [("email_address", address.as_str()), ("way", way)];
            let page = ada.post("/email", &form).await;
            assert_eq!(app.world.calls().len(), usize::from(is_asked), "{length}");
            let says = page.text().contains("at most 320 characters");
            assert_eq!(says, !is_asked, "{length}: {}", page.text());
            if !is_asked {
                assert_eq!(page.status, 422);
                assert_eq!(app.state.store.len(), records);
            }
        }
    }
}

/// O15, O11: of a thousand organizations with the longest names, a session stores as many as fit, and the page says how
/// many more there are.
#[tokio::test]
async fn a_list_that_does_not_fit_is_shortened() {
    let app = TestApp::start().await;
    let mut ada = app.browser();
    ada.get("/start/google").await;
    ada.arrive().await;
    ada.click("ada@acme.example").await;
    let list: Vec<_> = (0..1_000)
        .map(|n| {
            json!({"organization": {
                "organization_id": format!("organization-test-{n}-{}", "i".repeat(100)),
                "organization_name": format!("Number {n} {}", "\u{1f600}".repeat(110)),
                "organization_slug": format!("number-{n}-{}", "s".repeat(100)),
            }})
        })
        .collect();
    let body = json!({
        "intermediate_session_token": "token", "email_address": "ada@acme.example", "discovered_organizations": list,
    });
    app.fault(
        DISCOVERY,
        FaultKind::Status {
            status: 200,
            headers: Vec::new(),
            body: Some(body.to_string()),
        },
    );
    ada.follow().await;
    let page = ada.arrive().await;
    assert_eq!((page.path(), page.status.as_u16()), ("/organizations", 200));
    let bytes = stored(&app, &ada).await;
    assert!(
        (LARGEST_SESSION / 2..=LARGEST_SESSION).contains(&bytes),
        "{bytes}"
    );
    let kept = app.state.store.dump().matches("organization-test-").count();
    assert!((200..500).contains(&kept), "{kept}");
    let more = format!(
        "You have {} more organizations than this list can show",
        1_000 - kept
    );
    assert!(page.text().contains(&more), "{more}");
}

/// O15: a member whose organization would make the session larger than allowed is not signed in. The page says that it
/// is not the visitor's fault, nothing is stored, and no session remains at Stytch.
#[tokio::test]
async fn a_session_that_is_too_large_is_refused() {
    let app = TestApp::start().await;
    let domains: Vec<_> = (0..20_000).map(|n| format!("domain-{n}.example")).collect();
    let mut ada = app.choosing("ada@acme.example").await;
    let cookie = ada.cookie();
    app.world
        .patch_organization("acme", json!({"email_allowed_domains": domains}));
    let page = ada.click("Sign in to Acme Corp").await;
    assert_eq!(page.status, 500);
    assert!(
        page.text().contains("This is not your fault"),
        "{}",
        page.text()
    );
    assert_eq!(ada.cookie(), cookie, "what was stored stays");
    assert!(stored(&app, &ada).await < 10_000);
    app.settle().await;
    assert_eq!(app.calls(REVOKE).len(), 1);
    assert_eq!(ada.get("/organizations").await.status, 200);
}

/// O15: an organization that becomes too large does not sign its members out. The renewal is not stored, so each page
/// calls Stytch.
#[tokio::test]
async fn a_renewal_that_is_too_large_does_not_sign_the_member_out() {
    let app = TestApp::start().await;
    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    let domains: Vec<_> = (0..20_000).map(|n| format!("domain-{n}.example")).collect();
    app.world
        .patch_organization("acme", json!({"email_allowed_domains": domains}));
    app.advance(331);
    for _ in 0..2 {
        let page = ada.get("/member").await;
        assert_eq!(page.status, 200, "{}", page.text());
    }
    assert!(stored(&app, &ada).await < 10_000);
    app.world
        .patch_organization("acme", json!({"email_allowed_domains": []}));
    assert_eq!(ada.get("/org/acme").await.status, 200);
}
