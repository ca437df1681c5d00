use stytch_sandbox::FaultKind;

use crate::{
    routes::email::emailed,
    support::{
        Page, TestApp,
        app::{AUTHENTICATE, DISCOVERY},
        page::selector,
    },
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

/// The buttons of the page, and whether each is the main one.
fn buttons(page: &Page) -> Vec<(String, bool)> {
    let html = page.html();
    let button = selector("main .button");
    html.select(&button)
        .map(|it| {
            (
                it.text().collect(),
                it.value().classes().any(|it| it == "main"),
            )
        })
        .collect()
}

/// A return from a provider has no honest reason to start elsewhere, so the main button starts again. A link in an email
/// does. Each page has one way out.
#[tokio::test]
async fn the_main_button_is_the_likely_choice() {
    let app = TestApp::start().await;
    let oauth = app.foreign_login("ada@acme.example", "acme");
    let mut browser = app.browser();
    browser.get(&oauth).await;
    let page = browser.arrive().await;
    let (again, on) = ("Start again".to_owned(), "Continue this sign-in".to_owned());
    assert_eq!(buttons(&page), [(again.clone(), true), (on.clone(), false)]);
    assert!(!page.text().contains("app portal"), "{}", page.text());
    assert_eq!(page.action("Start again", &[]).url.path(), "/");

    let mut ada = app.signed_in("acme", "ada@acme.example").await;
    ada.get(&oauth).await;
    let page = ada.arrive().await;
    let stay = "Stay signed in".to_owned();
    assert_eq!(buttons(&page), [(stay, true), (on.clone(), false)]);
    assert_eq!(page.action("Stay signed in", &[]).url.path(), "/org/acme");
    assert!(!page.text().contains("Start again"), "{}", page.text());

    let mut bob = app.browser();
    let portal = app.stytch_url.join("/_sandbox/idp").unwrap();
    bob.get(portal.as_str()).await;
    bob.go("Globex Okta").await;
    let page = bob.go("bob@globex.example").await;
    assert_eq!(page.path(), "/confirm", "{}", page.text());
    assert_eq!(buttons(&page), [(on, false), (again, false)]);
    assert!(page.text().contains("app portal"), "{}", page.text());

    emailed(&app, "Email me a link").await;
    let mut elsewhere = app.browser();
    elsewhere.get(&newest_link(&app)).await;
    let page = elsewhere.arrive().await;
    assert_eq!(buttons(&page), [("Continue".to_owned(), true)]);
    assert!(!page.text().contains("were invited"), "{}", page.text());
    let cancel = page.action("Cancel this sign-in", &[]);
    assert_eq!(cancel.url.path(), "/");
}

fn newest_link(app: &TestApp) -> String {
    app.world.messages()[0].link.clone().unwrap()
}
