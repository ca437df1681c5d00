//! The app's error pages: one for each cause.

use stytch_sandbox::FaultKind;

use super::show;
use crate::{
    chrome::Chrome,
    neighbor,
    support::{
        TestApp,
        app::{AUTHENTICATE, DISCOVERY},
    },
};

/// Error pages that need only a URL.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: tests/run"]
async fn error_pages_of_urls_are_accessible() {
    let app = TestApp::start().await;
    let person = Chrome::open().await;
    for (name, path, words) in [
        ("not-found", "/nothing", "Page not found"),
        ("not-started", "/organizations", "No sign-in in progress"),
        (
            "bad-callback",
            "/discovery",
            "We do not recognize this sign-in",
        ),
        (
            "wrong-method",
            "/logout",
            "You can't open this page directly",
        ),
        (
            "not-allowed",
            "/org/vandelay/start/google",
            "You can't sign in this way",
        ),
    ] {
        person.visit(format!("{}{path}", app.url)).await;
        person.sees(words).await;
        show(&person, &format!("error-{name}")).await;
    }
    person
        .visit(app.url.replace("localhost", "127.0.0.1"))
        .await;
    person.sees("This is the wrong address").await;
    show(&person, "error-other-host").await;

    let form = format!(
        r#"<form method="post" action="{}/logout"><button>Press</button></form>"#,
        app.url
    );
    let stranger = neighbor::serve("127.0.0.1", neighbor::page(form)).await;
    person.visit(&stranger).await;
    person.press("Press").await;
    person.sees("The form came from another site").await;
    show(&person, "error-other-site").await;
    person.close().await;
}

/// Error pages of sign-ins that fail.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium and chromedriver: tests/run"]
async fn error_pages_of_sign_ins_are_accessible() {
    let app = TestApp::start().await;
    let person = Chrome::open().await;
    let status = |status, name: &str, value: &str| FaultKind::Status {
        status,
        headers: vec![(name.into(), value.into())],
        body: None,
    };
    for (name, path, fault, words) in [
        ("down", "/", FaultKind::ResetBefore, "is not responding"),
        (
            "busy",
            "/",
            status(429, "retry-after", "30"),
            "in 30 seconds",
        ),
        (
            "ours",
            "/",
            status(401, "x-a", "b"),
            "This app is not set up correctly",
        ),
        (
            "other-organization",
            "/org/acme",
            FaultKind::OtherOrganization,
            "another organization",
        ),
    ] {
        let call = if path == "/" { DISCOVERY } else { AUTHENTICATE };
        app.fault(call, fault);
        person.visit(format!("{}{path}", app.url)).await;
        person.press("Continue with Google").await;
        person.press("ada@acme.example").await;
        person.sees(words).await;
        show(&person, &format!("error-{name}")).await;
    }
    person.visit(&app.url).await;
    person.press("Continue with Google").await;
    person.press("Cancel").await;
    person.sees("Sign-in was canceled").await;
    show(&person, "error-cancelled").await;

    person.visit(format!("{}/org/acme", app.url)).await;
    person.press("Continue with Google").await;
    person.press("mallory@evil.example").await;
    person.sees("You can't join with this email address").await;
    show(&person, "error-not-a-member").await;

    person.visit(&app.url).await;
    person.press("Continue with Google").await;
    person.sees("Who is signing in?").await;
    app.state.clock.advance(std::time::Duration::from_mins(10));
    person.press("ada@acme.example").await;
    person.sees("Your sign-in has expired").await;
    show(&person, "error-too-long").await;
    person.close().await;
}
