//! Sessions in a real browser: cookie, sign-out, back button, tabs.

use serde_json::json;

use crate::{
    chrome::Chrome,
    neighbor,
    support::{TestApp, app::SESSION},
};

/// Signs Ada in to Acme Corp by clicking.
async fn sign_in(app: &TestApp, ada: &Chrome) {
    ada.visit(format!("{}/org/acme", app.url)).await;
    ada.press("Continue with Google").await;
    ada.press("ada@acme.example").await;
    ada.sees("You are signed in as Ada Lovelace").await;
}

/// S15, S5: the cookie has its attributes in the browser too. After sign-out it is gone, and its old value has no
/// effect.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: tests/run"]
async fn sign_out_removes_the_cookie() {
    let app = TestApp::start().await;
    let ada = Chrome::open().await;
    ada.visit(&app.url).await;
    assert_eq!(ada.session_cookie().await, None, "a visit sets no cookie");
    sign_in(&app, &ada).await;
    let cookie = ada.session_cookie().await.unwrap();
    assert_eq!(cookie["httpOnly"], true);
    assert_eq!(cookie["sameSite"], "Lax");
    assert_eq!(cookie["session"], true);
    assert_eq!(cookie["path"], "/");
    assert_eq!(cookie["domain"], "localhost");
    assert_eq!(ada.run("return document.cookie").await, "");

    ada.press("Sign out").await;
    ada.sees("You are signed out.").await;
    assert_eq!(ada.session_cookie().await, None);

    let old = json!({"name": cookie["name"], "value": cookie["value"], "url": app.url});
    ada.devtools("Network.setCookie", old).await;
    ada.visit(format!("{}/member", app.url)).await;
    ada.sees("signed_out").await;
    ada.close().await;
}

/// S8: "back" after sign-out shows no private page, whatever the browser has cached. In the organization flow,
/// redirects from the provider's site lead to that page; in Discovery, the list of organizations does.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: tests/run"]
async fn back_after_sign_out_shows_no_private_page() {
    let app = TestApp::start().await;
    for discovery in [false, true] {
        let ada = Chrome::open().await;
        if discovery {
            ada.visit(&app.url).await;
            ada.press("Continue with Google").await;
            ada.press("ada@acme.example").await;
            ada.press("Sign in to Acme Corp").await;
            ada.sees("You are signed in as Ada Lovelace").await;
        } else {
            sign_in(&app, &ada).await;
        }
        ada.press("Sign out").await;
        ada.sees("You are signed out.").await;
        ada.driver.back().await.unwrap();
        ada.arrives("/org/acme").await;
        ada.sees("Sign in to Acme Corp").await;
        let text = ada.text().await;
        assert!(!text.contains("Ada") && !text.contains("member-"), "{text}");
        ada.close().await;
    }
}

/// S8 for a sign-in in progress: after "Use another account", "back" does not show the list of organizations.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: tests/run"]
async fn back_after_use_another_account_shows_no_list() {
    let app = TestApp::start().await;
    let ada = Chrome::open().await;
    ada.visit(&app.url).await;
    ada.press("Continue with Google").await;
    ada.press("ada@acme.example").await;
    ada.sees("Signed in as ada@acme.example").await;
    ada.press("Use another account").await;
    ada.sees("You canceled that sign-in").await;
    ada.driver.back().await.unwrap();
    ada.sees("No sign-in in progress").await;
    let text = ada.text().await;
    assert!(!text.contains("ada@") && !text.contains("Acme"), "{text}");
    ada.close().await;
}

/// S8: Stytch has ended the session, and the visitor did not sign out.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: tests/run"]
async fn a_session_ended_at_stytch_shows_no_private_page() {
    let app = TestApp::start().await;
    let ada = Chrome::open().await;
    sign_in(&app, &ada).await;
    app.world.revoke_all_sessions();
    app.advance_app(360);
    ada.driver.refresh().await.unwrap();
    ada.sees("You were signed out").await;
    assert_eq!(app.calls(SESSION).len(), 1);
    ada.press("Back to sign-in").await;
    ada.arrives("/").await;
    ada.close().await;
}

/// Two tabs share one session: signing out in one signs out the other.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: tests/run"]
async fn two_tabs_share_one_session() {
    let app = TestApp::start().await;
    let ada = Chrome::open().await;
    sign_in(&app, &ada).await;
    let first = ada.driver.window().await.unwrap();
    let second = ada.driver.new_tab().await.unwrap();
    ada.driver.switch_to_window(second.clone()).await.unwrap();
    ada.visit(&app.url).await;
    // A visitor who is signed in is led to the organization.
    ada.arrives("/org/acme").await;
    ada.press("Sign out").await;
    ada.sees("You are signed out.").await;
    ada.driver.switch_to_window(first.clone()).await.unwrap();
    // The old page is still open. Its button does no harm.
    ada.press("Sign out").await;
    ada.arrives("/").await;
    assert!(!ada.text().await.contains("Ada"));

    // Two sign-ins at once: the one that was started last finishes, and the other one requires confirmation.
    ada.press("Continue with Google").await;
    ada.sees("Who is signing in?").await;
    ada.driver.switch_to_window(second.clone()).await.unwrap();
    ada.visit(&app.url).await;
    ada.press("Continue with Google").await;
    ada.press("ada@acme.example").await;
    ada.arrives("/organizations").await;
    ada.driver.switch_to_window(first).await.unwrap();
    ada.press("hal@hooli.example").await;
    ada.arrives("/confirm").await;
    ada.driver.switch_to_window(second).await.unwrap();
    ada.press("Sign in to Acme Corp").await;
    ada.sees("You are signed in as Ada Lovelace").await;
    ada.close().await;
}

/// S16: cookies ignore ports, so a neighbor on localhost can plant one. The app adopts none: a made-up id is anonymous,
/// and the id of an attacker's own session is replaced at sign-in.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: tests/run"]
async fn a_planted_cookie_is_not_adopted() {
    let app = TestApp::start().await;
    let mallory = app.choosing("mallory@evil.example").await;
    let of_mallory = mallory.cookie().unwrap();
    for planted in ["AAAAAAAAAAAAAAAAAAAAAA", &of_mallory] {
        let header = format!("{}={planted}; Path=/", mallory.cookie_name());
        let neighbor = neighbor::page_with("set-cookie", &header);
        let neighbor = neighbor::serve("localhost", neighbor).await;
        let ada = Chrome::open().await;
        ada.visit(&neighbor).await;
        assert_eq!(ada.session_cookie().await.unwrap()["value"], planted);
        ada.visit(format!("{}/member", app.url)).await;
        ada.sees("signed_out").await;
        sign_in(&app, &ada).await;
        assert_ne!(ada.session_cookie().await.unwrap()["value"], planted);
        ada.close().await;
    }
    let response = mallory.request("GET", "/member").send().await.unwrap();
    assert_eq!(response.status(), 401);
}
