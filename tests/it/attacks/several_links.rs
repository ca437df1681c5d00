//! The confirmation page: what it names, and what a second link does while the page of the first is open.

use stytch_sandbox::World;

use crate::{
    routes::{email::emailed, joining::invite},
    support::{
        Browser, Page, TestApp,
        app::{AUTHENTICATE, DISCOVERY, REVOKE},
    },
};

const NOTICE: &str = "You opened another sign-in link before this one";
const SEVERAL: &str = "neither sign-in was continued";

/// Opens a link that this browser did not request, and returns the confirmation page.
async fn open(browser: &mut Browser, link: &str) -> Page {
    browser.get(link).await;
    let page = browser.arrive().await;
    assert_eq!(page.path(), "/confirm", "{}", page.text());
    page
}

/// Presses Continue on a page that is still open in a tab.
async fn confirm(browser: &mut Browser, page: &Page) -> Page {
    browser.page = Some(page.clone());
    browser.click("Continue").await
}

async fn is_signed_out(browser: &mut Browser) -> bool {
    browser.get("/member").await.status == 401
}

/// C17: a second link opens while the confirmation page of the first is shown. The old page does not sign the visitor
/// in, and neither does the new one after it. The visitor is told, opens their own link again, and continues.
#[tokio::test]
async fn confirming_the_page_of_an_earlier_link_continues_nothing() {
    let app = TestApp::start().await;
    let login = |email, slug| app.foreign_login(email, slug);
    let mallory = app.foreign_discovery("mallory@evil.example");
    for (own, other, end) in [
        (
            login("ada@acme.example", "acme"),
            login("hal@hooli.example", "hooli"),
            "/org/acme",
        ),
        (login("ada@acme.example", "acme"), mallory, "/org/acme"),
        (
            app.foreign_discovery("ada@acme.example"),
            login("hal@hooli.example", "hooli"),
            "/organizations",
        ),
    ] {
        let mut ada = app.browser();
        app.forget_calls().await;
        let first = open(&mut ada, &own).await;
        assert!(!first.text().contains(NOTICE), "{}", first.text());
        let second = open(&mut ada, &other).await;
        assert!(second.text().contains(NOTICE), "{}", second.text());
        for page in [&first, &second, &first] {
            let refused = confirm(&mut ada, page).await;
            assert_eq!(refused.status, 400);
            assert!(refused.text().contains(SEVERAL), "{}", refused.text());
            assert_eq!(refused.action("Back to sign-in", &[]).url.path(), "/");
            assert!(ada.get("/confirm").await.text().contains(SEVERAL));
            assert!(is_signed_out(&mut ada).await);
        }
        assert!(app.world.calls().is_empty(), "no token was spent");
        let again = open(&mut ada, &own).await;
        assert!(again.text().contains(NOTICE), "{}", again.text());
        assert_eq!(ada.go("Continue").await.path(), end);
        assert_eq!(ada.get("/confirm").await.status, 400);
        assert!(!ada.page().text().contains(SEVERAL));
    }
}

/// C17: the second link can be continued on its own page. The page of the first then has no effect, and a link that is
/// opened after the sign-in asks again.
#[tokio::test]
async fn the_second_link_continues_from_its_own_page() {
    let app = TestApp::start().await;
    let mut hal = app.browser();
    let acme = app.foreign_login("ada@acme.example", "acme");
    let first = open(&mut hal, &acme).await;
    open(&mut hal, &app.foreign_login("hal@hooli.example", "hooli")).await;
    assert_eq!(hal.go("Continue").await.path(), "/org/hooli");
    assert_eq!(confirm(&mut hal, &first).await.status, 400);
    let page = open(&mut hal, &acme).await;
    assert!(page.text().contains("You are signed in to Hooli"));
    assert!(!page.text().contains(NOTICE), "{}", page.text());
    assert_eq!(hal.get("/member").await.status, 200);
    assert_eq!(app.calls(AUTHENTICATE).len(), 1);
}

/// C17: two tabs with the same link show the same confirmation page. If both confirm, the link signs in once.
#[tokio::test]
async fn the_same_link_in_two_tabs_signs_in_once() {
    let app = TestApp::start().await;
    let mut ada = app.browser();
    let link = app.foreign_login("ada@acme.example", "acme");
    let tabs = [open(&mut ada, &link).await, open(&mut ada, &link).await];
    for tab in &tabs {
        assert!(!tab.text().contains(NOTICE), "{}", tab.text());
        let page = confirm(&mut ada, tab).await;
        assert_eq!(page.location().path(), "/org/acme", "{}", page.text());
    }
    assert_eq!(app.calls(AUTHENTICATE).len(), 1);
    // After a sign-out, an old page confirms nothing.
    ada.post("/logout", &[]).await;
    assert_eq!(confirm(&mut ada, &tabs[0]).await.status, 400);
}

/// C17: a callback without a token invalidates no link, nor does a sign-in that this browser started itself.
#[tokio::test]
async fn only_a_link_invalidates_an_earlier_link() {
    let app = TestApp::start().await;
    let mut ada = app.browser();
    let link = app.foreign_login("ada@acme.example", "acme");
    let first = open(&mut ada, &link).await;
    for path in [
        "/authenticate?error=access_denied&slug=acme",
        "/discovery?error=server_error",
        "/authenticate?stytch_token_type=oauth",
        "/authenticate?stytch_token_type=pigeon&token=x",
    ] {
        assert_eq!(ada.get(path).await.status, 400, "{path}");
    }
    ada.get("/").await;
    ada.go("Continue with Google").await;
    assert_eq!(ada.go("bob@globex.example").await.path(), "/organizations");
    let page = ada.get("/confirm").await;
    assert!(!page.text().contains(NOTICE), "{}", page.text());
    let page = confirm(&mut ada, &first).await;
    assert_eq!(page.location().path(), "/org/acme", "{}", page.text());
    assert_eq!(app.calls(DISCOVERY).len(), 1);
}

/// C17: a link that arrived more than ten minutes ago has expired, so another one does not replace it.
#[tokio::test]
async fn a_link_that_has_expired_is_not_replaced() {
    let app = TestApp::start().await;
    let mut ada = app.browser();
    open(&mut ada, &app.foreign_discovery("ada@acme.example")).await;
    app.advance_app(600);
    let page = open(&mut ada, &app.foreign_login("ada@acme.example", "acme")).await;
    assert!(!page.text().contains(NOTICE), "{}", page.text());
}

fn newest_link(world: &World) -> String {
    world.messages()[0].link.clone().unwrap()
}

/// C17: the page names the kind of link, and its organization if the link does.
#[tokio::test]
async fn the_confirmation_page_names_the_organization_and_the_kind() {
    let app = TestApp::start().await;
    let without_slug = app.foreign_login("ada@acme.example", "acme");
    let without_slug = without_slug.replace("slug=acme", "");
    invite(&app, "nina@acme.example").await;
    let invitation = newest_link(&app.world);
    emailed(&app, "Email me a link").await;
    let connection = "saml-connection-test-00000002-0000-4000-8000-000000000001";
    let sso = app
        .world
        .approve_sso(connection, "bob@globex.example", None);
    #[rustfmt::skip]
    let cases = [
        (app.foreign_login("ada@acme.example", "acme"), "This is a sign-in with a provider, such as Google. It is for the organization acme"),
        (app.foreign_discovery("ada@acme.example"), "This is a sign-in with a provider, such as Google. You will choose an organization next."),
        (without_slug, "This is a sign-in with a provider, such as Google. We do not know for which organization."),
        (invitation, "This is an invitation or a sign-in link from an email. It is for the organization acme"),
        (newest_link(&app.world), "This is a sign-in link from an email. You will choose an organization next."),
        (sso.redirect_url, "This is a sign-in by single sign-on (SSO). It is for the organization globex"),
    ];
    for (link, words) in cases {
        let page = open(&mut app.browser(), &link).await;
        assert!(page.text().contains(words), "{words}: {}", page.text());
    }
}

/// C18: anyone can write another organization into a link. Such a link does not sign the visitor in to the organization
/// of its token, and a member stays signed in. If the link names no organization, the page promises none.
#[tokio::test]
async fn a_link_to_another_organization_than_it_names_is_refused() {
    let app = TestApp::start().await;
    for (email, slug) in [
        ("hal@hooli.example", "hooli"),
        // A second factor is missing there.
        ("ada@acme.example", "initech"),
    ] {
        let link = || {
            app.foreign_login(email, slug)
                .replace(&format!("slug={slug}"), "slug=acme")
        };
        let mut member = app.signed_in("oneil", "ada@acme.example").await;
        let mut anonymous = app.browser();
        for browser in [&mut member, &mut anonymous] {
            app.forget_calls().await;
            let page = open(browser, &link()).await;
            assert!(page.text().contains("for the organization acme"));
            let page = browser.click("Continue").await;
            assert_eq!(page.status, 409, "{}", page.text());
            assert!(
                page.text()
                    .contains("The sign-in was for another organization")
            );
            assert!(page.text().contains("You were not signed in"));
            app.settle().await;
            let revoked = usize::from(slug == "hooli");
            assert_eq!(app.calls(REVOKE).len(), revoked, "{slug}");
            assert_eq!(browser.get("/mfa").await.status, 400);
        }
        assert_eq!(member.get("/member").await.status, 200);
        assert!(is_signed_out(&mut anonymous).await);
    }
    let mut hal = app.browser();
    let link = app.foreign_login("hal@hooli.example", "hooli");
    let page = open(&mut hal, &link.replace("slug=hooli", "")).await;
    assert!(
        page.text()
            .contains("We do not know for which organization")
    );
    assert_eq!(hal.go("Continue").await.path(), "/org/hooli");
}

/// S25: a stranger who planted the session id in the visitor's browser does not get the link that the visitor opens.
/// The visitor's state stays as it is, under a new id.
#[tokio::test]
async fn a_planted_id_gets_no_link() {
    let app = TestApp::start().await;
    let mut mallory = app.browser();
    mallory.get("/start/google").await;
    let choosing = app.choosing("mallory@evil.example").await;
    let member = app.signed_in("acme", "ada@acme.example").await;
    for (planted, home) in [
        (mallory, ("/organizations", 400)),
        (choosing, ("/organizations", 200)),
        (member, ("/member", 200)),
    ] {
        let mut victim = planted.clone();
        let question = open(&mut victim, &app.foreign_login("ada@acme.example", "acme")).await;
        assert_ne!(victim.cookie(), planted.cookie());
        let mut mallory = planted.clone();
        assert_eq!(mallory.get("/confirm").await.status, 400);
        let page = confirm(&mut mallory, &question).await;
        assert_eq!(page.header("set-cookie"), "");
        assert!(is_signed_out(&mut mallory).await);
        assert_eq!(victim.get(home.0).await.status, home.1);
        assert_eq!(
            confirm(&mut victim, &question).await.location().path(),
            "/org/acme"
        );
    }
}

/// C17, S25: a request with the old id that arrives while a link gets a new one is neither lost nor handled as part of
/// the confirmation. The browser sends it again with its new cookie.
#[tokio::test]
async fn a_request_that_overlaps_with_a_link_is_sent_again() {
    let app = TestApp::start().await;
    let mut ada = app.browser();
    ada.get("/org/acme").await;
    ada.go("Continue with Google").await;
    ada.click("ada@acme.example").await;
    let callback = ada.page().location();
    let mut late = ada.clone();
    let link = app.foreign_login("hal@hooli.example", "hooli");
    let first = open(&mut ada, &link).await;

    // Another link is the second one, and its page says so.
    let other = app.foreign_login("mallory@evil.example", "hooli");
    let again = late.get(&other).await;
    assert_eq!(again.status, 307, "{}", again.text());
    assert_eq!(
        (again.location().as_str(), again.header("set-cookie")),
        (other.as_str(), "")
    );
    let second = open(&mut ada, &other).await;
    assert!(second.text().contains(NOTICE), "{}", second.text());
    assert!(confirm(&mut ada, &first).await.text().contains(SEVERAL));

    // A form, with its method and body.
    let form = late.post("/login/organization-x?form_id=f", &[]).await;
    assert_eq!(form.status, 307, "{}", form.text());
    assert_eq!(form.location().query(), Some("form_id=f"));

    // The callback of the sign-in that this browser started.
    let own = late.get(callback.as_str()).await;
    assert_eq!(own.status, 307, "{}", own.text());
    ada.get(callback.as_str()).await;
    assert_eq!(ada.arrive().await.path(), "/org/acme");
}
