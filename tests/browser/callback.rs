//! The way back: what stays of a one-time token in the browser, and who may begin or finish a sign-in.

use stytch_sandbox::FaultKind;

use crate::{
    chrome::{Chrome, until},
    neighbour,
    support::{
        TestApp,
        app::{AUTHENTICATE, DISCOVERY, SEARCH},
        logs,
    },
};

/// C12, C5: the callback is no entry of the history, so neither "back" nor a bookmark nor a `Referer` holds a token.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: tests/run"]
async fn the_token_stays_nowhere() {
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

/// C12: an error is the one page that may stand on a callback URL. Its link passes nothing on.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: tests/run"]
async fn an_error_page_passes_no_token_on() {
    let app = TestApp::start().await;
    app.fault(DISCOVERY, FaultKind::ResetBefore);
    let ada = Chrome::open().await;
    ada.visit(&app.url).await;
    ada.press("Continue with Google").await;
    ada.press("ada@acme.example").await;
    ada.sees("Stytch is not responding").await;
    assert!(ada.url().await.query().unwrap().contains("token="));
    ada.press("stytch-b2b-axum").await;
    ada.arrives("/").await;
    assert_eq!(ada.run("return document.referrer").await, "");
    // A page without a token does say where the visitor comes from: the check above can fail.
    ada.visit(format!("{}/org/acme", app.url)).await;
    ada.press("Another organization").await;
    ada.arrives("/").await;
    assert_eq!(
        ada.run("return document.referrer").await,
        format!("{}/org/acme", app.url)
    );
    ada.close().await;
}

/// C1: reloading the page that a sign-in ended on spends nothing; the callback URL opened again is a reload too.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: tests/run"]
async fn reload() {
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

/// C1: a sign-in that another browser began asks first, and can be declined.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: tests/run"]
async fn a_sign_in_begun_elsewhere_asks() {
    let app = TestApp::start().await;
    let ada = Chrome::open().await;
    ada.visit(app.foreign_login("mallory@evil.example", "acme"))
        .await;
    ada.arrives("/confirm").await;
    ada.sees("You might be signed in to their account").await;
    ada.press("No, go back to sign-in").await;
    ada.arrives("/").await;

    ada.visit(app.foreign_login("ada@acme.example", "acme"))
        .await;
    ada.arrives("/confirm").await;
    ada.press("Continue").await;
    ada.arrives("/org/acme").await;
    ada.sees("You are signed in as Ada").await;
    ada.close().await;
}

/// C17: a second link in another tab while the question about the first is open. The old page signs nobody in.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: tests/run"]
async fn a_second_link_is_told() {
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
    ada.sees("Neither sign-in was continued").await;
    ada.visit(&own).await;
    ada.sees("for the organization acme").await;
    ada.press("Continue").await;
    ada.sees("You are signed in as Ada").await;
    assert_eq!(app.calls(AUTHENTICATE).len(), 1);
    ada.close().await;
}

/// C7: a neighbour's page lets the browser fetch the start of a sign-in on speculation. Nothing begins, and a real
/// click still begins one.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: tests/run"]
async fn speculation_begins_nothing() {
    let app = TestApp::start().await;
    let slug = "speculated-upon";
    app.world
        .add_organization(serde_json::json!({"name": "Speculated Upon", "slug": slug}));
    let start = format!("{}/org/{slug}/start/google", app.url);
    let rules = format!(
        r#"{{"prefetch": [{{"urls": ["{start}"], "eagerness": "immediate"}}], "prerender": [{{"urls": ["{start}"], "eagerness": "immediate"}}]}}"#
    );
    let html = format!(
        r#"<h1>Neighbour</h1><a href="{start}">Begin</a><script type="speculationrules">{rules}</script>"#
    );
    let neighbour = neighbour::serve("localhost", neighbour::page(html)).await;
    let ada = Chrome::open().await;
    let before = logs::len();
    ada.visit(&neighbour).await;
    // The browser did ask: without that this test would prove nothing.
    let route = r#"route="/org/{slug}/start/{provider}""#;
    let asked = async || {
        let text = logs::since(before);
        let refused = |line: &&str| line.contains(route) && line.contains("done status=503");
        text.lines().find(refused).map(str::to_owned)
    };
    until(asked).await.expect("the browser speculated");
    assert!(app.calls(SEARCH).is_empty());
    assert_eq!(ada.session_cookie().await, None);

    ada.press("Begin").await;
    ada.sees("The app wants to sign you in to Speculated Upon")
        .await;
    assert!(ada.session_cookie().await.is_some());
    ada.close().await;
}
