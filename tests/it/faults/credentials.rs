//! Stytch refuses the app's credentials, which is never the visitor's fault.

use stytch_sandbox::{Fault, FaultKind};

use crate::support::{Browser, Page, TestApp, logs};

/// Refuses every call of the server API, in the vendor's words or in those of a proxy in front of it.
fn refuse(app: &TestApp, by_the_vendor: bool) {
    let kind = if by_the_vendor {
        FaultKind::Error {
            status: 401,
            error_type: "unauthorized_credentials".into(),
            message: String::new(),
        }
    } else {
        FaultKind::Status {
            status: 401,
            headers: Vec::new(),
            body: Some("<h1>Unauthorized</h1>".into()),
        }
    };
    // Browsers open these URLs at Stytch without the secret, so they are not refused.
    for (method, path) in [
        ("POST", "/v1/*"),
        ("PUT", "/v1/*"),
        ("DELETE", "/v1/*"),
        ("GET", "/v1/b2b/organizations/*"),
        ("GET", "/v1/b2b/sessions/*"),
    ] {
        app.world.fault(Fault {
            method: method.into(),
            path: path.into(),
            times: 1000,
            kind: kind.clone(),
        });
    }
}

/// A visitor who needs a second factor and has set up none.
async fn unenrolled(app: &TestApp) -> Browser {
    app.ada_without_phone();
    let mut ada = app.choosing("ada@acme.example").await;
    ada.go("Initech").await;
    ada
}

fn assert_setup_error(page: &Page, of: &str) {
    assert_eq!(page.status, 500, "{of}: {}", page.text());
    assert!(
        page.text().contains("This app is not set up correctly"),
        "{of}: {}",
        page.text()
    );
    assert_logged(page, of);
}

fn assert_logged(page: &Page, of: &str) {
    let id = page.header("x-request-id");
    let log = logs::text();
    let mut lines = log
        .lines()
        .filter(|line| line.contains(id) && line.contains("ERROR"));
    let is_logged = lines.any(|line| line.contains("check STYTCH_PROJECT_ID and STYTCH_SECRET"));
    assert!(is_logged, "the log is silent on {of}");
}

/// V10: a wrong secret is the app's own error, whichever call meets it, and the log says which values to check.
#[tokio::test]
async fn a_refused_secret_is_reported_as_a_setup_error() {
    for by_the_vendor in [true, false] {
        let app = TestApp::start().await;
        let mut browser = app.browser();
        // Each visitor reaches the button with a valid secret, and presses it with a wrong one.
        let mut choosing = app.choosing("ada@acme.example").await;
        let mut creating = app.choosing("frank@startup.example").await;
        creating.go("Create an organization").await;
        let mut member = app.signed_in("acme", "ada@acme.example").await;
        let mut leaving = app.signed_in("globex", "bob@globex.example").await;
        let mut app_code = app.choosing("carol@initech.example").await;
        app_code.go("Initech").await;
        let mut recovering = app.choosing("carol@initech.example").await;
        recovering.go("Initech").await;
        let mut sms = app.choosing("ada@acme.example").await;
        sms.go("Initech").await;
        let mut resending = app.choosing("ada@acme.example").await;
        resending.go("Initech").await;
        let mut enrolling = unenrolled(&app).await;
        let mut oauth = app.browser();
        oauth.get("/org/acme").await;
        oauth.go("Continue with Google").await;
        let mut sso = app.browser();
        sso.get("/org/globex").await;
        sso.click("Continue with Globex Okta").await;
        sso.arrive().await;
        let callback = sso.click("bob@globex.example").await.location();
        let mut oauth = app.browser();
        oauth.get("/org/acme").await;
        oauth.go("Continue with Google").await;
        refuse(&app, by_the_vendor);
        assert_setup_error(&browser.get("/org/acme").await, "search");
        browser.get("/").await;
        browser.go("Continue with Google").await;
        assert_setup_error(&browser.go("ada@acme.example").await, "discovery");
        assert_setup_error(&choosing.click("Sign in to Acme Corp").await, "exchange");
        assert_setup_error(&creating.click("Create organization").await, "create");
        assert_setup_error(&oauth.go("ada@acme.example").await, "oauth");
        assert_setup_error(&sso.get(callback.as_str()).await, "sso");
        let page = enrolling.click("Set up an authenticator app").await;
        assert_setup_error(&page, "totp create");
        let code = [("code", "123456")];
        assert_setup_error(&sms.fill("Sign in with the SMS code", &code).await, "sms");
        assert_setup_error(
            &app_code.fill("Sign in with the app code", &code).await,
            "totp",
        );
        assert_setup_error(
            &recovering
                .fill("Sign in with the recovery code", &code)
                .await,
            "recovery",
        );
        // The remaining calls need the clock moved on.
        let page = leaving.click("Sign out").await;
        assert_eq!(page.location().query(), Some("signed_out=here"));
        assert_logged(&page, "revoke");
        assert_eq!(leaving.cookie(), None);
        app.advance(60);
        assert_setup_error(&resending.post("/mfa/sms", &[]).await, "another sms");
        app.advance_app(331);
        let page = member.get("/org/acme").await;
        assert_eq!(page.status, 200, "a member stays signed in for a while");
        assert_logged(&page, "renewal");
        app.advance_app(300);
        assert_setup_error(&member.get("/org/acme").await, "late renewal");
        app.world.clear_faults();
        let page = member.get("/org/acme").await;
        assert!(
            page.text().contains("You are signed in"),
            "the members are still signed in"
        );
    }
}
