//! Names that contain scripts, and forms of other sites.

use axum::{
    Router,
    http::{HeaderMap, header::ORIGIN},
    response::Html,
    routing::get,
};

use crate::{
    chrome::Chrome,
    neighbor,
    support::{TestApp, app::Setup},
};

const MALICIOUS_NAME: &str = r#"O'Neil & "Sons" </script><img src=x onerror=alert(1)>"#;

/// O6: the name of a malicious organization is text on every page that shows it.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: tests/run"]
async fn a_malicious_name_stays_text() {
    let app = TestApp::start().await;
    let ada = Chrome::open().await;
    ada.visit(format!("{}/org/oneil", app.url)).await;
    shows_the_name(&ada).await;
    ada.press("Continue with Google").await;
    ada.sees("The app wants to sign you in to").await;
    shows_the_name(&ada).await;
    ada.press("ada@acme.example").await;
    ada.sees("You are signed in as Ada").await;
    shows_the_name(&ada).await;
    ada.press("Switch organization").await;
    ada.arrives("/organizations").await;
    shows_the_name(&ada).await;
    ada.visit(format!("{}/org/acme", app.url)).await;
    ada.sees("If you sign in here, you will be signed out")
        .await;
    shows_the_name(&ada).await;
    ada.visit(&app.url).await;
    ada.press("Switch organization").await;
    ada.press("Join or create another organization").await;
    ada.press("Continue with Google").await;
    ada.press("ada@acme.example").await;
    ada.arrives("/organizations").await;
    shows_the_name(&ada).await;
    let form = ada
        .element(thirtyfour::By::XPath("//form[contains(., 'Neil')]"))
        .await;
    let action = form.prop("action").await.unwrap().unwrap();
    ada.visit(action).await;
    ada.sees("Signed in as ada@acme.example").await;
    shows_the_name(&ada).await;
    ada.close().await;
}

/// Checks that the complete name is shown and created no elements. The app's pages contain no `img` and no `script`.
async fn shows_the_name(chrome: &Chrome) {
    chrome.sees(MALICIOUS_NAME).await;
    assert!(!chrome.has_dialog().await);
    assert_eq!(chrome.count("img, script, [onerror]").await, 0);
}

/// W1: the browser posts the app's own form with the app's origin. With `no-referrer` on the page it would send `null`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: tests/run"]
async fn the_apps_forms_are_posted_with_its_origin() {
    let form = "<h1>Form</h1><form method=post><button>Send</button></form>";
    let origin = async |headers: HeaderMap| headers[ORIGIN].to_str().unwrap().to_owned();
    let more = Router::new().route("/form", get(async move || Html(form)).post(origin));
    let app = TestApp::with(Setup {
        more,
        ..Setup::default()
    })
    .await;
    let ada = Chrome::open().await;
    ada.visit(format!("{}/form", app.url)).await;
    ada.press("Send").await;
    ada.sees(&app.url).await;
    ada.close().await;
}

/// W1: a form of another site is refused, and so is one on another port of this host, whose posts carry the cookie.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: tests/run"]
async fn forms_of_other_sites_are_refused() {
    let app = TestApp::start().await;
    let ada = Chrome::open().await;
    ada.visit(format!("{}/org/acme", app.url)).await;
    ada.press("Continue with Google").await;
    ada.press("ada@acme.example").await;
    ada.sees("You are signed in as Ada").await;
    for host in ["127.0.0.1", "localhost"] {
        for path in ["/logout", "/confirm?form_id=1", "/create_org?form_id=1"] {
            let form = format!(
                r#"<h1>Stranger</h1><form method="post" action="{}{path}"><button>Win a prize</button></form>"#,
                app.url
            );
            let stranger = neighbor::serve(host, neighbor::page(form)).await;
            ada.visit(&stranger).await;
            ada.press("Win a prize").await;
            ada.sees("The form came from another site").await;
        }
    }
    ada.visit(format!("{}/org/acme", app.url)).await;
    ada.sees("You are signed in as Ada").await;
    ada.close().await;
}
