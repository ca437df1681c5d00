//! Codes and numbers that are not sent to Stytch, and second factors that change while their page is open.

use serde_json::json;
use stytch_sandbox::FaultKind;

use super::{
    email::emailed,
    mfa::{SMS, at_mfa, newest_code, signed_in},
    step_up::at_step_up,
};
use crate::support::{Browser, Page, TestApp, logs, page::selector};

const TOTP: &str = "/v1/b2b/totp/authenticate";
const CAROLS: &str = "member-test-00000004-0003-4000-8000-000000000000";

/// Values that can't be codes: blank, invisible, and longer than any code.
fn implausible() -> [String; 4] {
    [
        String::new(),
        " \t".to_owned(),
        "\u{200b}-\u{200b}".to_owned(),
        "1".repeat(65),
    ]
}

/// Checks that a form is shown again with this error, and that Stytch was not called.
fn assert_refused(app: &TestApp, page: &Page, error: &str, case: &str) {
    assert_eq!(page.status, 422, "{case:?}: {}", page.text());
    assert!(page.text().contains(error), "{case:?}: {}", page.text());
    assert!(app.world.calls().is_empty(), "{case:?}");
}

/// O12: every form for a code refuses such a code itself.
#[tokio::test]
async fn a_malformed_code_is_not_sent_to_stytch() {
    let app = TestApp::start().await;
    let mut by_email = emailed(&app, "Email me a code").await;
    let email_code = newest_code(&app.world);
    let mut grace = at_step_up(&app).await;
    grace.go("Email me a code").await;
    let mut ada = at_mfa(&app, "ada@acme.example").await;
    let mut carol = at_mfa(&app, "carol@initech.example").await;
    app.forget_calls().await;
    for code in implausible() {
        let typed = [("code", code.as_str())];
        let page = by_email.post("/email/code", &typed).await;
        assert_refused(&app, &page, "The code must have six digits", &code);
        let page = grace.post("/step_up", &typed).await;
        assert_refused(&app, &page, "The code must have six digits", &code);
        for (browser, method) in [(&mut ada, "sms"), (&mut carol, "totp")] {
            let typed = [("method", method), ("code", &code)];
            let page = browser.post("/mfa", &typed).await;
            assert_refused(&app, &page, "The code must have six digits", &code);
        }
        // The hyphens of a recovery code belong to it, so a hyphen alone is not blank.
        if code != "\u{200b}-\u{200b}" {
            let typed = [("method", "recovery"), ("code", &code)];
            let page = carol.post("/mfa", &typed).await;
            assert_refused(&app, &page, "one of your recovery codes", &code);
        }
    }
    // None of them counts as an attempt.
    by_email.get("/email").await;
    by_email.fill("Continue", &[("code", &email_code)]).await;
    assert_eq!(by_email.arrive().await.path(), "/organizations");
}

/// O12: nor is a value that can't be a phone number, and no phone is deleted for it.
#[tokio::test]
async fn a_malformed_number_is_not_sent_to_stytch() {
    let app = TestApp::start().await;
    app.ada_without_phone();
    let mut ada = at_mfa(&app, "ada@acme.example").await;
    app.forget_calls().await;
    for number in implausible() {
        let page = ada
            .post("/mfa/sms", &[("phone_number", number.as_str())])
            .await;
        assert_refused(&app, &page, "with its country code", &number);
    }
    let typed = [("phone_number", "+15555550199")];
    ada.post("/mfa/sms", &typed).await;
    app.advance(30);
    app.forget_calls().await;
    let long = format!("+{}", "1".repeat(65));
    let page = ada.post("/mfa/sms", &[("phone_number", &long)]).await;
    assert_refused(&app, &page, "with its country code", &long);
}

/// Checks that the page says what has changed. Its error has focus, and is not reported as an error of the app.
fn assert_change_is_reported(page: &Page) {
    assert_eq!(page.status, 422, "{}", page.text());
    assert!(
        page.text()
            .contains("Your second factors have just changed")
    );
    let html = page.html();
    let focused: Vec<_> = html.select(&selector("[autofocus]")).collect();
    assert_eq!(focused.len(), 1, "{}", page.body);
    assert_eq!(focused[0].value().id(), Some("factors_error"));
    let title = html.select(&selector("title")).next().unwrap();
    assert!(title.text().collect::<String>().starts_with("Error: "));
    let id = page.header("x-request-id");
    let log = logs::text();
    let mut lines = log.lines().filter(|line| line.contains(id));
    let error = lines.find(|line| line.contains("ERROR"));
    assert!(error.is_none(), "{error:?}");
}

async fn enrolls(app: &TestApp, browser: &mut Browser) {
    let number = [("phone_number", "+15555550177")];
    browser.fill("Send a code", &number).await;
    browser.arrive().await;
    let code = newest_code(&app.world);
    browser
        .fill("Sign in with the SMS code", &[("code", &code)])
        .await;
    signed_in(&browser.arrive().await);
}

/// O12: an administrator removes the authenticator app while its code is entered. Another factor can be set up at once.
#[tokio::test]
async fn an_app_that_was_removed_is_replaced() {
    let app = TestApp::start().await;
    let email = "carol@initech.example";
    for (method, code) in [("totp", "123456"), ("recovery", "abcd-1234-efgh")] {
        app.world
            .patch_member("initech", email, json!({"totp_registration_id": "totp-1"}));
        let mut carol = at_mfa(&app, email).await;
        let gone = json!({"totp_registration_id": "", "mfa_phone_number": ""});
        app.world.patch_member("initech", email, gone);
        let typed = [("method", method), ("code", code)];
        let page = carol.post("/mfa", &typed).await;
        assert_change_is_reported(&page);
        assert!(!page.text().contains("Lost the app?"), "{}", page.text());
        if method == "recovery" {
            enrolls(&app, &mut carol).await;
        } else {
            carol.go("Set up an authenticator app").await;
            let code = app.world.totp_code(CAROLS).unwrap();
            carol.fill("Finish and sign in", &[("code", &code)]).await;
            signed_in(&carol.arrive().await);
        }
    }
}

/// O12: the phone is removed. Stytch has no specific error for that.
#[tokio::test]
async fn a_phone_that_was_removed_is_replaced() {
    let app = TestApp::start().await;
    let mut ada = at_mfa(&app, "ada@acme.example").await;
    app.ada_without_phone();
    app.advance(30);
    ada.get("/mfa").await;
    let page = ada.click("Send another code").await;
    assert_change_is_reported(&page);
    assert!(!page.text().contains("ending in"), "{}", page.text());
    enrolls(&app, &mut ada).await;
}

/// O12: two browsers of one person enter a number. The second one learns that a number exists, and uses it. It can't
/// replace that number.
#[tokio::test]
async fn a_number_set_up_in_another_browser_is_used() {
    let app = TestApp::start().await;
    app.ada_without_phone();
    let mut late = at_mfa(&app, "ada@acme.example").await;
    let mut ada = at_mfa(&app, "ada@acme.example").await;
    ada.fill("Send a code", &[("phone_number", "+15555550177")])
        .await;
    let page = late
        .fill("Send a code", &[("phone_number", "+15555550666")])
        .await;
    assert_change_is_reported(&page);
    assert!(page.text().contains("ending in 0177"), "{}", page.text());
    assert!(!page.text().contains("0666") && !page.body.contains("id=\"phone_number\""));
    late.go("Send a code").await;
    let code = newest_code(&app.world);
    late.fill("Sign in with the SMS code", &[("code", &code)])
        .await;
    signed_in(&late.arrive().await);
}

/// O12: an administrator removes a number that is to be replaced, between the request that reads it and the deletion.
#[tokio::test]
async fn a_number_removed_meanwhile_causes_no_error() {
    let app = TestApp::start().await;
    app.ada_without_phone();
    let mut ada = at_mfa(&app, "ada@acme.example").await;
    ada.fill("Send a code", &[("phone_number", "+15555550199")])
        .await;
    app.advance(30);
    ada.get("/mfa").await;
    app.world.fault(stytch_sandbox::Fault {
        method: "DELETE".into(),
        path: "*".into(),
        times: 1,
        kind: FaultKind::Error {
            status: 404,
            error_type: "member_phone_number_not_found".into(),
            message: String::new(),
        },
    });
    // The sandbox still has the number, and refuses the other one.
    let page = ada
        .fill(
            "Send a code to this number",
            &[("phone_number", "+15555550177")],
        )
        .await;
    assert_change_is_reported(&page);
    assert!(page.text().contains("ending in 0199"), "{}", page.text());
}

/// O12: the same with an authenticator app that another browser has set up, for both ways to set up a factor.
#[tokio::test]
async fn an_app_set_up_in_another_browser_is_used() {
    let app = TestApp::start().await;
    app.ada_without_phone();
    for path in ["/mfa/sms", "/mfa/totp"] {
        let mut late = at_mfa(&app, "ada@acme.example").await;
        let active = json!({"totp_registration_id": "totp-1"});
        app.world
            .patch_member("initech", "ada@acme.example", active);
        let page = late.post(path, &[("phone_number", "+15555550666")]).await;
        assert_change_is_reported(&page);
        assert!(page.text().contains("Lost the app?"), "{}", page.text());
        assert!(!page.body.contains("id=\"phone_number\""), "{}", page.body);
        let none = json!({"totp_registration_id": ""});
        app.world.patch_member("initech", "ada@acme.example", none);
    }
}

/// O12: a refusal for another reason is reported as it is, and so is an outage during the second look.
#[tokio::test]
async fn a_refusal_for_another_reason_is_reported() {
    let app = TestApp::start().await;
    let mut carol = at_mfa(&app, "carol@initech.example").await;
    let says = |error_type: &str| FaultKind::Error {
        status: 400,
        error_type: error_type.into(),
        message: String::new(),
    };
    let button = "Sign in with the app code";
    app.fault(TOTP, says("something_new"));
    let page = carol.fill(button, &[("code", "123456")]).await;
    assert_eq!(page.status, 500, "{}", page.text());
    carol.get("/mfa").await;
    app.fault(TOTP, says("totp_not_found"));
    app.world.fault(stytch_sandbox::Fault {
        method: "GET".into(),
        path: "*".into(),
        times: 2,
        kind: FaultKind::ResetBefore,
    });
    let page = carol.fill(button, &[("code", "123456")]).await;
    assert_eq!(page.status, 503, "{}", page.text());
    assert_eq!(carol.get("/mfa").await.status, 200);
}

/// O12: what Stytch says about a number is shown at its field, or at the button that sends another code.
#[tokio::test]
async fn a_number_that_stytch_refuses_is_reported() {
    let app = TestApp::start().await;
    let mut ada = at_mfa(&app, "ada@acme.example").await;
    let says = |error_type: &str| FaultKind::Error {
        status: 400,
        error_type: error_type.into(),
        message: String::new(),
    };
    app.advance(30);
    ada.get("/mfa").await;
    app.fault(SMS, says("unsubscribed_phone_number"));
    let page = ada.click("Send another code").await;
    assert_eq!(page.status, 422, "{}", page.text());
    assert!(page.text().contains("has unsubscribed"), "{}", page.text());
    app.ada_without_phone();
    let mut ada = at_mfa(&app, "ada@acme.example").await;
    for (error_type, told) in [
        ("duplicate_member_phone_number", "number can't be used here"),
        ("unsubscribed_phone_number", "has unsubscribed"),
        ("invalid_phone_number_country_code", "its country code"),
    ] {
        app.fault(SMS, says(error_type));
        let number = [("phone_number", "+15555550177")];
        let page = ada.fill("Send a code", &number).await;
        assert_eq!(page.status, 422, "{}", page.text());
        let html = page.html();
        let error = html.select(&selector("#phone_error")).next().unwrap();
        assert!(error.text().collect::<String>().contains(told));
    }
}
