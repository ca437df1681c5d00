use stytch_sandbox::FaultKind;

use crate::support::{
    TestApp,
    app::{AUTHENTICATE, DISCOVERY},
};

#[tokio::test]
async fn an_unsolicited_callback_continues_after_confirmation() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    browser
        .get(&app.foreign_login("ada@acme.example", "acme"))
        .await;
    let page = browser.arrive().await;
    assert_eq!(page.path(), "/confirm");
    assert!(app.calls(AUTHENTICATE).is_empty());
    assert_eq!(browser.go("Continue").await.path(), "/org/acme");

    let mut browser = app.browser();
    let link = app.foreign_discovery("ada@acme.example");
    browser.get(&link).await;
    browser.arrive().await;
    assert_eq!(browser.go("Continue").await.path(), "/organizations");
    assert_eq!(app.calls(DISCOVERY).len(), 1);
    // No callback is held any more, and opening the same link again is a reload.
    assert_eq!(browser.get("/confirm").await.status, 400);
    browser.get(&link).await;
    assert_eq!(browser.arrive().await.path(), "/organizations");
    assert_eq!(app.calls(DISCOVERY).len(), 1);
}

#[tokio::test]
async fn a_held_callback_is_used_once_and_expires() {
    let app = TestApp::start().await;
    let mut browser = app.browser();
    browser
        .get(&app.foreign_login("ada@acme.example", "acme"))
        .await;
    browser.arrive().await;
    let mut late = browser.clone();
    app.advance_app(600);
    assert_eq!(late.click("Continue").await.status, 410);
    assert!(app.calls(AUTHENTICATE).is_empty());
    assert_eq!(browser.get("/confirm").await.status, 410);
    let mut anonymous = app.browser();
    assert_eq!(anonymous.get("/confirm").await.status, 400);
    assert_eq!(anonymous.post("/confirm", &[]).await.status, 400);
}

/// A confirmation that did not reach Stytch can be repeated. One that may have reached it can't.
#[tokio::test]
async fn a_confirmation_that_may_have_counted_is_not_repeated() {
    let app = TestApp::start().await;
    for (fault, status) in [(FaultKind::ResetAfter, 400), (busy(), 200)] {
        let mut ada = app.browser();
        ada.get(&app.foreign_discovery("ada@acme.example")).await;
        ada.arrive().await;
        app.fault(DISCOVERY, fault.clone());
        assert!(!ada.click("Continue").await.status.is_redirection());
        assert_eq!(ada.get("/confirm").await.status, status, "{fault:?}");
        if status == 200 {
            assert_eq!(ada.go("Continue").await.path(), "/organizations");
        }
    }
}

fn busy() -> FaultKind {
    FaultKind::Status {
        status: 429,
        headers: Vec::new(),
        body: None,
    }
}
