//! The callback from Stytch in a real browser: what remains of a one-time token, and which requests start or complete a
//! sign-in.

use stytch_sandbox::FaultKind;

use crate::{
    chrome::{Chrome, until},
    neighbor,
    support::{
        TestApp,
        app::{AUTHENTICATE, DISCOVERY, SEARCH},
        logs,
    },
};

/// C12, C5: the callback URL is not in the history, so neither "back" nor a bookmark nor a `Referer` contains a token.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: tests/run"]
async fn no_token_remains_in_the_browser() {
    let app = TestApp::start().await;
    let ada = Chrome::open().await;
    ada.visit(&app.url).await;
    ada.press("Continue with Google").await;
    ada.press("ada@acme.example").await;
    ada.arrives("/organizations").await;
    assert_eq!(ada.run("return document.referrer").await, "");
    let history = ada.history().await;
    assert_eq!(
        history.last().unwrap(),
        &format!("{}/organizations", app.url)
    );
    assert!(
        history.iter().all(|url| !url.contains("token=")),
        "{history:#?}"
    );

    ada.driver.back().await.unwrap();
    let back = async || (ada.url().await.host_str() == Some("127.0.0.1")).then_some(());
    until(back)
        .await
        .expect("the page before was the provider's");
    ada.driver.forward().await.unwrap();
    ada.arrives("/organizations").await;
    assert_eq!(app.calls(DISCOVERY).len(), 1, "the callback ran again");
    ada.press("Sign in to Acme Corp").await;
    ada.sees("You are signed in as Ada").await;
    ada.close().await;
}

/// C12: an error page is the only page that may be shown on a callback URL. Its link sends no `Referer`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: tests/run"]
async fn the_link_of_an_error_page_sends_no_token() {
    let app = TestApp::start().await;
    app.fault(DISCOVERY, FaultKind::ResetBefore);
    let ada = Chrome::open().await;
    ada.visit(&app.url).await;
    ada.press("Continue with Google").await;
    ada.press("ada@acme.example").await;
    ada.sees("The sign-in service is not responding").await;
    assert!(ada.url().await.query().unwrap().contains("token="));
    ada.press("stytch-b2b-axum").await;
    ada.arrives("/").await;
    assert_eq!(ada.run("return document.referrer").await, "");
    // A page without a token does send a referrer, so the check above can fail.
    ada.visit(format!("{}/org/acme", app.url)).await;
    ada.press("Use another organization").await;
    ada.arrives("/").await;
    assert_eq!(
        ada.run("return document.referrer").await,
        format!("{}/org/acme", app.url)
    );
    ada.close().await;
}

/// C1: reloading the page on which a sign-in ended spends no token, and neither does opening the callback URL again.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: tests/run"]
async fn reloading_spends_no_token() {
    let app = TestApp::start().await;
    let ada = Chrome::open().await;
    ada.visit(&app.url).await;
    ada.press("Continue with Google").await;
    ada.press("ada@acme.example").await;
    ada.arrives("/organizations").await;
    ada.driver.refresh().await.unwrap();
    ada.sees("Signed in as ada@acme.example").await;
    ada.press("Sign in to Acme Corp").await;
    ada.arrives("/org/acme").await;
    ada.driver.refresh().await.unwrap();
    ada.sees("You are signed in as Ada").await;
    assert_eq!(app.calls(DISCOVERY).len(), 1);
    ada.close().await;
}

/// C1: a sign-in that was started in another browser requires confirmation, and can be declined.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: tests/run"]
async fn an_unsolicited_callback_asks_for_confirmation() {
    let app = TestApp::start().await;
    let ada = Chrome::open().await;
    ada.visit(app.foreign_login("mallory@evil.example", "acme"))
        .await;
    ada.arrives("/confirm").await;
    ada.sees("You might be signed in to their account").await;
    ada.press("Start again").await;
    ada.arrives("/").await;

    ada.visit(app.foreign_login("ada@acme.example", "acme"))
        .await;
    ada.arrives("/confirm").await;
    ada.press("Continue").await;
    ada.arrives("/org/acme").await;
    ada.sees("You are signed in as Ada").await;
    ada.close().await;
}

/// C17: a second link opens in another tab while the confirmation page of the first is open. The old page does not sign
/// the visitor in.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: tests/run"]
async fn a_second_link_invalidates_the_page_of_the_first() {
    let app = TestApp::start().await;
    let ada = Chrome::open().await;
    let own = app.foreign_login("ada@acme.example", "acme");
    ada.visit(&own).await;
    ada.arrives("/confirm").await;
    ada.sees("for the organization acme").await;
    let first = ada.driver.window().await.unwrap();
    let second = ada.driver.new_tab().await.unwrap();
    ada.driver.switch_to_window(second).await.unwrap();
    ada.visit(app.foreign_login("hal@hooli.example", "hooli"))
        .await;
    ada.sees("You opened another sign-in link").await;
    ada.sees("for the organization hooli").await;
    ada.driver.switch_to_window(first).await.unwrap();
    ada.press("Continue").await;
    ada.sees("neither sign-in was continued").await;
    ada.visit(&own).await;
    ada.sees("for the organization acme").await;
    ada.press("Continue").await;
    ada.sees("You are signed in as Ada").await;
    assert_eq!(app.calls(AUTHENTICATE).len(), 1);
    ada.close().await;
}

/// C7: a neighbor's page lets the browser prefetch the start of a sign-in. The prefetch starts nothing, and a real
/// click still does.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: tests/run"]
async fn a_prefetch_starts_no_sign_in() {
    let app = TestApp::start().await;
    let slug = "speculated-upon";
    app.world
        .add_organization(serde_json::json!({"name": "Speculated Upon", "slug": slug}));
    let start = format!("{}/org/{slug}/start/google", app.url);
    let rules = format!(
        r#"{{"prefetch": [{{"urls": ["{start}"], "eagerness": "immediate"}}], "prerender": [{{"urls": ["{start}"], "eagerness": "immediate"}}]}}"#
    );
    let html = format!(
        r#"<h1>Neighbor</h1><a href="{start}">Begin</a><script type="speculationrules">{rules}</script>"#
    );
    let neighbor = neighbor::serve("localhost", neighbor::page(html)).await;
    let ada = Chrome::open().await;
    let before = logs::len();
    ada.visit(&neighbor).await;
    // The browser did send the prefetch: without it this test would prove nothing.
    let route = r#"route="/org/{slug}/start/{provider}""#;
    let prefetched = async || {
        let text = logs::since(before);
        let refused = |line: &&str| line.contains(route) && line.contains("done status=503");
        text.lines().find(refused).map(str::to_owned)
    };
    until(prefetched).await.expect("the browser speculated");
    assert!(app.calls(SEARCH).is_empty());
    assert_eq!(ada.session_cookie().await, None);

    ada.press("Begin").await;
    ada.sees("The app wants to sign you in to Speculated Upon")
        .await;
    assert!(ada.session_cookie().await.is_some());
    ada.close().await;
}
