use stytch_sandbox::World;

use crate::support::{Browser, Page, TestApp, page::selector};

pub(super) const SMS: &str = "/v1/b2b/otps/sms/send";

/// The code of the newest message.
pub fn newest_code(world: &World) -> String {
    world.messages()[0].code.clone().expect("a code")
}

pub async fn at_mfa(app: &TestApp, email: &str) -> Browser {
    let mut browser = app.choosing(email).await;
    let page = browser.go("Initech").await;
    assert_eq!(page.path(), "/mfa", "{}", page.text());
    browser
}

pub(super) fn signed_in(page: &Page) {
    assert_eq!(page.path(), "/org/initech", "{}", page.text());
    assert!(page.text().contains("You are signed in"), "{}", page.text());
}

#[tokio::test]
async fn a_code_by_sms_signs_in() {
    let app = TestApp::start().await;
    let mut ada = at_mfa(&app, "ada@acme.example").await;
    let page = ada.page().clone();
    assert!(
        page.text()
            .contains("We sent a code to your phone ending in 0100"),
        "{}",
        page.text()
    );
    assert!(
        !page.body.contains("5555550100"),
        "the last four digits only"
    );
    let input = page.html();
    let input = input.select(&selector("#sms")).next().unwrap();
    assert_eq!(input.value().attr("autocomplete"), Some("one-time-code"));
    assert_eq!(input.value().attr("inputmode"), Some("numeric"));
    assert_eq!(
        app.world.messages().len(),
        1,
        "Stytch has sent it by itself"
    );
    let wrong = ada
        .fill("Sign in with the SMS code", &[("code", "000000")])
        .await;
    assert_eq!(wrong.status, 422);
    assert!(
        wrong.text().contains("That code is not correct"),
        "{}",
        wrong.text()
    );
    assert!(wrong.text().contains("Enter it within"));
    let malformed = ada
        .fill("Sign in with the SMS code", &[("code", "abc")])
        .await;
    assert!(malformed.text().contains("The code must have six digits"));
    let code = newest_code(&app.world);
    let spaced = format!(" {} {} ", &code[..3], &code[3..]);
    ada.fill("Sign in with the SMS code", &[("code", &spaced)])
        .await;
    let page = ada.arrive().await;
    signed_in(&page);
    assert!(
        page.text().contains("SMS code, less than a minute ago"),
        "{}",
        page.text()
    );
    assert!(!app.state.store.dump().contains("\"ist\""));
}

/// Another code can be sent after half a minute. An expired code is reported as such.
#[tokio::test]
async fn another_code_can_be_sent() {
    let app = TestApp::start().await;
    let mut ada = at_mfa(&app, "ada@acme.example").await;
    assert!(
        ada.page().text().contains("to request another code."),
        "{}",
        ada.page().text()
    );
    assert_eq!(ada.post("/mfa/sms", &[]).await.location().path(), "/mfa");
    assert!(app.calls(SMS).is_empty(), "too early");
    let old = newest_code(&app.world);
    app.advance(121);
    let page = ada.get("/mfa").await;
    assert!(!page.text().contains("We sent a code"), "it has expired");
    ada.go("Send another code").await;
    assert_eq!(app.calls(SMS).len(), 1);
    let late = ada
        .fill("Sign in with the SMS code", &[("code", &old)])
        .await;
    assert_eq!(late.status, 422, "{}", late.text());
    ada.fill(
        "Sign in with the SMS code",
        &[("code", &newest_code(&app.world))],
    )
    .await;
    signed_in(&ada.arrive().await);
}

#[tokio::test]
async fn a_code_of_an_authenticator_app_signs_in() {
    let app = TestApp::start().await;
    let mut carol = at_mfa(&app, "carol@initech.example").await;
    assert!(
        carol
            .page()
            .text()
            .contains("Code from your authenticator app")
    );
    assert_eq!(
        carol
            .fill("Sign in with the app code", &[("code", "12345")])
            .await
            .status,
        422
    );
    let member = "member-test-00000004-0003-4000-8000-000000000000";
    let code = app.world.totp_code(member).unwrap();
    // A person finds the code by following the banner.
    let inbox = carol.clone().go("Open their inbox").await;
    assert!(inbox.text().contains(&code), "{}", inbox.text());
    carol
        .fill("Sign in with the app code", &[("code", &code)])
        .await;
    signed_in(&carol.arrive().await);
    // The same code is refused the second time.
    let mut again = at_mfa(&app, "carol@initech.example").await;
    let page = again
        .fill("Sign in with the app code", &[("code", &code)])
        .await;
    assert_eq!(page.status, 422);
    assert!(page.text().contains("already used"), "{}", page.text());
}

#[tokio::test]
async fn a_recovery_code_signs_in_once() {
    let app = TestApp::start().await;
    let code = recovery_codes(&app).await[0].clone();
    let mut carol = at_mfa(&app, "carol@initech.example").await;
    let wrong = carol
        .fill("Sign in with the recovery code", &[("code", "nonsense")])
        .await;
    assert_eq!(wrong.status, 422);
    assert!(
        wrong.text().contains("not one of your recovery codes"),
        "{}",
        wrong.text()
    );
    carol
        .fill("Sign in with the recovery code", &[("code", &code)])
        .await;
    signed_in(&carol.arrive().await);
    let mut again = at_mfa(&app, "carol@initech.example").await;
    assert_eq!(
        again
            .fill("Sign in with the recovery code", &[("code", &code)])
            .await
            .status,
        422
    );
}

pub async fn recovery_codes(app: &TestApp) -> Vec<String> {
    app.recovery_codes().await
}

/// A member without a second factor sets up a phone.
#[tokio::test]
async fn a_phone_is_enrolled() {
    let app = TestApp::start().await;
    app.ada_without_phone();
    let mut ada = at_mfa(&app, "ada@acme.example").await;
    assert!(
        ada.page()
            .text()
            .contains("You have not set up a second factor yet")
    );
    let wrong = ada.fill("Send a code", &[("phone_number", "12")]).await;
    assert_eq!(wrong.status, 422, "{}", wrong.text());
    assert!(wrong.text().contains("with its country code") && wrong.body.contains("value=\"12\""));
    ada.fill("Send a code", &[("phone_number", "+1 (555) 555-0177")])
        .await;
    let page = ada.arrive().await;
    assert!(page.text().contains("ending in 0177"), "{}", page.text());
    ada.fill(
        "Sign in with the SMS code",
        &[("code", &newest_code(&app.world))],
    )
    .await;
    signed_in(&ada.arrive().await);
    let mut again = at_mfa(&app, "ada@acme.example").await;
    assert!(again.get("/mfa").await.text().contains("ending in 0177"));
}

/// A member without a second factor sets up an authenticator app. Key and recovery codes are shown until the first code
/// is entered, and are not stored afterwards.
#[tokio::test]
async fn an_authenticator_app_is_enrolled() {
    let app = TestApp::start().await;
    app.ada_without_phone();
    let mut ada = at_mfa(&app, "ada@acme.example").await;
    let page = ada.go("Set up an authenticator app").await;
    let html = page.html();
    assert!(
        html.select(&selector("svg.qr path"))
            .next()
            .unwrap()
            .value()
            .attr("d")
            .unwrap()
            .len()
            > 1000
    );
    let codes = html.select(&selector(".codes code")).count();
    assert_eq!(codes, 10);
    let key = html
        .select(&selector("p code"))
        .next()
        .unwrap()
        .text()
        .collect::<String>();
    assert!(key.len() >= 16 && app.state.store.dump().contains(&key));
    assert_eq!(
        ada.get("/mfa")
            .await
            .html()
            .select(&selector(".codes code"))
            .count(),
        10,
        "a reload loses nothing"
    );
    let code = app
        .world
        .totp_code("member-test-00000001-0003-4000-8000-000000000000")
        .unwrap();
    ada.fill("Finish and sign in", &[("code", &code)]).await;
    signed_in(&ada.arrive().await);
    assert!(
        !app.state.store.dump().contains(&key),
        "nothing of it is stored"
    );
}

/// The intermediate session expires while the code is entered.
#[tokio::test]
async fn a_late_code_requires_a_new_sign_in() {
    let app = TestApp::start().await;
    let mut ada = at_mfa(&app, "ada@acme.example").await;
    app.advance_app(601);
    let page = ada
        .fill("Sign in with the SMS code", &[("code", "123456")])
        .await;
    assert_eq!(page.status, 410);
    page.action("Start again with Google", &[]);
    let mut anonymous = app.browser();
    for path in ["/mfa", "/mfa/sms", "/mfa/totp"] {
        let page = anonymous.post(path, &[("method", "sms")]).await;
        assert_eq!(page.status, 400, "{path}");
    }
    let page = ada.post("/mfa", &[("method", "pigeon")]).await;
    assert_eq!(page.status, 422);
    assert!(page.text().contains("We could not read your request"));
}

/// The code expired while the page was open. The response says so, although it no longer has a field for the code.
#[tokio::test]
async fn an_expired_code_is_reported() {
    let app = TestApp::start().await;
    let mut ada = at_mfa(&app, "ada@acme.example").await;
    let code = newest_code(&app.world);
    app.advance(121);
    let page = ada
        .fill("Sign in with the SMS code", &[("code", &code)])
        .await;
    assert_eq!(page.status, 422, "{}", page.text());
    assert!(
        page.text().contains("already used or has expired"),
        "{}",
        page.text()
    );
}
