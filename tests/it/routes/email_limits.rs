//! What counts against the limits on emails and on attempts at a code: only what had an effect.

use stytch_sandbox::FaultKind;

use super::email::{at_email, emailed};
use crate::support::{Browser, TestApp};

const SEND: &str = "/v1/b2b/otps/email/discovery/send";
const CODE: &str = "/v1/b2b/otps/email/discovery/authenticate";

fn status(status: u16) -> FaultKind {
    FaultKind::Status {
        status,
        headers: Vec::new(),
        body: None,
    }
}

async fn send(app: &TestApp, browser: &mut Browser) -> u16 {
    app.advance(30);
    let form = [("email_address", "Ada@acme.example"), ("way", "code")];
    browser.post("/email", &form).await.status.as_u16()
}

/// O10: a failed send uses up none of the five emails, and there are still no more than five.
#[tokio::test]
async fn failed_sends_do_not_count() {
    let refused = |error_type: &str| FaultKind::Error {
        status: 400,
        error_type: error_type.into(),
        message: String::new(),
    };
    for (kind, expected) in [
        (status(500), 503),
        (FaultKind::ResetBefore, 503),
        (status(429), 429),
        (refused("invalid_email"), 422),
        (refused("something_new"), 500),
    ] {
        let app = TestApp::start().await;
        let mut ada = at_email(&app).await;
        app.faults(SEND, 5, kind.clone());
        for _ in 0..5 {
            assert_eq!(send(&app, &mut ada).await, expected, "{kind:?}");
        }
        for _ in 0..5 {
            assert_eq!(send(&app, &mut ada).await, 303, "{kind:?}");
        }
        assert_eq!(send(&app, &mut ada).await, 429, "{kind:?}");
        assert_eq!(app.world.messages().len(), 5);
    }
}

/// O10: a mailbox gets a limited number of emails, even if Stytch sends them and its responses are lost.
#[tokio::test]
async fn emails_with_a_lost_response_are_limited() {
    let app = TestApp::start().await;
    let mut ada = at_email(&app).await;
    app.faults(SEND, 20, FaultKind::ResetAfter);
    for n in 0..20 {
        let expected = if n < 10 { 503 } else { 429 };
        assert_eq!(send(&app, &mut ada).await, expected, "{n}");
    }
    assert_eq!(app.world.messages().len(), 10);
}

/// O10: an attempt that Stytch has not checked does not count. A wrong code does.
#[tokio::test]
async fn attempts_that_stytch_did_not_check_do_not_count() {
    let app = TestApp::start().await;
    let mut ada = emailed(&app, "Email me a code").await;
    let code = app.world.messages()[0].code.clone().unwrap();
    app.faults(CODE, 6, status(429));
    for n in 0..6 {
        let path = format!("/email/code?form_id=busy-{n}");
        assert_eq!(ada.post(&path, &[("code", &code)]).await.status, 429);
        assert!(ada.page().text().contains("Try again in"), "{n}");
    }
    for n in 0..3 {
        let path = format!("/email/code?form_id=wrong-{n}");
        assert_eq!(ada.post(&path, &[("code", "000000")]).await.status, 422);
    }
    let mut guesser = ada.clone();
    ada.post("/email/code?form_id=right", &[("code", &code)])
        .await;
    assert_eq!(ada.arrive().await.path(), "/organizations");
    let page = guesser
        .post("/email/code?form_id=more", &[("code", "000000")])
        .await;
    assert!(!page.status.is_success(), "{}", page.status);
}
