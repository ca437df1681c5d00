//! Which second factors can be set up, and by whom.

use serde_json::json;
use stytch_sandbox::FaultKind;

use super::mfa::{SMS, at_mfa, newest_code, signed_in};
use crate::support::{TestApp, page::selector};

/// A mistyped number can be corrected until it is proved: another number replaces it, or an authenticator app does.
#[tokio::test]
async fn a_mistyped_phone_can_be_corrected() {
    let app = TestApp::start().await;
    app.ada_without_phone();
    let mut ada = at_mfa(&app, "ada@acme.example").await;
    ada.fill("Send a code", &[("phone_number", "+15555550199")])
        .await;
    let page = ada.arrive().await;
    assert!(page.text().contains("ending in 0199"), "{}", page.text());
    assert!(page.text().contains("Set up an authenticator app"));
    assert!(
        page.text()
            .contains("to correct the number or request another code.")
    );
    app.advance(30);
    ada.get("/mfa").await;
    let wrong = ada
        .fill("Send a code to this number", &[("phone_number", "12")])
        .await;
    assert_eq!(wrong.status, 422, "{}", wrong.text());
    ada.fill("Send a code", &[("phone_number", "+15555550177")])
        .await;
    let page = ada.arrive().await;
    assert!(page.text().contains("ending in 0177"), "{}", page.text());
    let code = newest_code(&app.world);
    ada.fill("Sign in with the SMS code", &[("code", &code)])
        .await;
    signed_in(&ada.arrive().await);
    // The phone is proved now, so a later sign-in can't change it.
    let mut thief = at_mfa(&app, "ada@acme.example").await;
    assert!(!thief.page().text().contains("Set up"));
    assert!(thief.page().text().contains("ask an administrator of"));
    app.advance(30);
    app.forget_calls().await;
    thief
        .post("/mfa/sms", &[("phone_number", "+15555550666")])
        .await;
    assert!(thief.get("/mfa").await.text().contains("0177"));
    assert!(app.world.calls().iter().all(|call| call.method != "DELETE"));
}

/// Another code goes to the same phone, unless another number is entered.
#[tokio::test]
async fn another_code_goes_to_the_same_phone() {
    let app = TestApp::start().await;
    app.ada_without_phone();
    let mut ada = at_mfa(&app, "ada@acme.example").await;
    ada.fill("Send a code", &[("phone_number", "+15555550177")])
        .await;
    app.advance(30);
    let page = ada.get("/mfa").await;
    assert!(
        !page.body.contains("+15555550177"),
        "the last four digits only"
    );
    app.forget_calls().await;
    let page = ada.go("Send another code").await;
    assert!(page.text().contains("ending in 0177"), "{}", page.text());
    let calls = app.world.calls();
    assert_eq!(calls.len(), 1, "it is sent, and nothing else is done");
    assert_eq!(calls[0].path, SMS);
    assert_eq!(app.world.messages()[0].to, "+15555550177");
}

/// A number that an administrator has removed meanwhile is not deleted again. If the new number is refused, it can be
/// corrected at once, because nothing was sent.
#[tokio::test]
async fn a_removed_phone_is_not_deleted_again() {
    let app = TestApp::start().await;
    app.ada_without_phone();
    let mut ada = at_mfa(&app, "ada@acme.example").await;
    ada.fill("Send a code", &[("phone_number", "+15555550199")])
        .await;
    app.advance(30);
    app.ada_without_phone();
    app.forget_calls().await;
    let wrong = ada.post("/mfa/sms", &[("phone_number", "12")]).await;
    assert_eq!(wrong.status, 422, "{}", wrong.text());
    assert!(app.world.calls().iter().all(|call| call.method != "DELETE"));
    assert!(
        !wrong.text().contains("Send another code"),
        "{}",
        wrong.text()
    );
    ada.fill("Send a code", &[("phone_number", "+15555550177")])
        .await;
    assert!(ada.arrive().await.text().contains("ending in 0177"));
}

/// A phone that was proved meanwhile in another browser is not deleted.
#[tokio::test]
async fn a_proved_phone_is_not_deleted() {
    let app = TestApp::start().await;
    app.ada_without_phone();
    let mut thief = at_mfa(&app, "ada@acme.example").await;
    thief
        .fill("Send a code", &[("phone_number", "+15555550177")])
        .await;
    let proved = json!({"mfa_phone_number_verified": true});
    app.world
        .patch_member("initech", "ada@acme.example", proved);
    app.advance(30);
    let page = thief
        .post("/mfa/sms", &[("phone_number", "+15555550666")])
        .await;
    assert_eq!(page.status, 403, "{}", page.text());
    assert!(page.text().contains("You already have a second factor"));
    let state = app.world.state().to_string();
    assert!(state.contains("+15555550177") && !state.contains("0666"));
}

/// A member with a second factor can't add another one with a forged form. Otherwise, a stolen first factor would be
/// enough.
#[tokio::test]
async fn a_forged_form_can_not_add_a_second_factor() {
    let app = TestApp::start().await;
    let mut ada = at_mfa(&app, "ada@acme.example").await;
    let mut carol = at_mfa(&app, "carol@initech.example").await;
    app.forget_calls().await;
    let page = ada.post("/mfa/totp", &[]).await;
    assert_eq!(page.location().path(), "/mfa");
    let page = carol
        .post("/mfa/sms", &[("phone_number", "+15555550666")])
        .await;
    assert_eq!(page.location().path(), "/mfa");
    let page = carol.post("/mfa/totp", &[]).await;
    assert_eq!(page.location().path(), "/mfa");
    assert!(app.world.calls().is_empty());
}

/// The page offers only what the organization's rules accept, and reports what Stytch refuses.
#[tokio::test]
async fn only_allowed_second_factors_are_offered() {
    let app = TestApp::start().await;
    let only = |method: &str| json!({"mfa_methods": "RESTRICTED", "allowed_mfa_methods": [method]});
    app.world.patch_organization("initech", only("totp"));
    let mut ada = at_mfa(&app, "ada@acme.example").await;
    let text = ada.page().text();
    assert!(!text.contains("Send a code"), "{text}");
    assert!(
        text.contains("This organization does not accept the one that you have"),
        "{text}"
    );
    // The sandbox refuses, because the phone is a second factor and was not used.
    let page = ada.click("Set up an authenticator app").await;
    assert_eq!(page.status, 403, "{}", page.text());
    assert!(page.text().contains("You already have a second factor"));
    assert_eq!(ada.go("Back to the second factors").await.path(), "/mfa");
    let carol = at_mfa(&app, "carol@initech.example").await;
    assert!(carol.page().text().contains("Lost the app?"));
    app.world.patch_organization("initech", only("sms_otp"));
    let carol = at_mfa(&app, "carol@initech.example").await;
    let text = carol.page().text();
    assert!(!text.contains("authenticator app"), "{text}");
    assert!(text.contains("Phone number"), "{text}");
    app.ada_without_phone();
    let mut ada = at_mfa(&app, "ada@acme.example").await;
    let text = ada.page().text();
    assert!(!text.contains("authenticator app"), "{text}");
    app.forget_calls().await;
    assert_eq!(ada.post("/mfa/totp", &[]).await.location().path(), "/mfa");
    assert!(app.world.calls().is_empty());
    app.world.patch_organization("initech", only("carrier"));
    let carol = at_mfa(&app, "carol@initech.example").await;
    assert!(
        carol
            .page()
            .text()
            .contains("You can't use any second factor that")
    );
}

/// A number that was entered while Stytch did not respond is still in its field: at once if nothing was sent, and after
/// half a minute if a code may have been sent.
#[tokio::test]
async fn an_outage_keeps_the_typed_number() {
    let app = TestApp::start().await;
    app.ada_without_phone();
    let mut ada = at_mfa(&app, "ada@acme.example").await;
    let busy = FaultKind::Status {
        status: 429,
        headers: Vec::new(),
        body: None,
    };
    app.fault(SMS, busy);
    let typed = [("phone_number", "+1 555 555 0177")];
    assert_eq!(ada.fill("Send a code", &typed).await.status, 429);
    let page = ada.go("Go back").await;
    assert!(page.body.contains("value=\"+1 555 555 0177\""));
    app.fault(SMS, FaultKind::ResetBefore);
    assert_eq!(ada.click("Send a code").await.status, 503);
    let page = ada.go("Go back").await;
    let text = page.text();
    assert!(
        text.contains("may have sent a code to +1 555 555 0177"),
        "{text}"
    );
    assert!(
        text.contains("In 30 seconds, refresh this page to request another code."),
        "{text}"
    );
    app.advance(30);
    let page = ada.get("/mfa").await;
    assert!(page.body.contains("value=\"+1 555 555 0177\""));
    ada.go("Send a code").await;
    assert!(ada.page().text().contains("ending in 0177"));
    app.advance(30);
    let page = ada.get("/mfa").await;
    assert!(!page.body.contains("0177\""), "the last four digits only");
    assert!(!page.body.contains("555 0177"), "the last four digits only");
}

/// A number with a `(0)` after its country code, and a code with a hyphen, are understood.
#[tokio::test]
async fn a_pasted_number_and_code_are_understood() {
    let app = TestApp::start().await;
    app.ada_without_phone();
    let mut ada = at_mfa(&app, "ada@acme.example").await;
    let typed = [("phone_number", "+1 (0)416 555-0189")];
    ada.fill("Send a code", &typed).await;
    assert!(ada.arrive().await.text().contains("ending in 0189"));
    let sent = app.calls(SMS);
    assert_eq!(sent[0].body["mfa_phone_number"], "+14165550189");
    let code = newest_code(&app.world);
    let pasted = format!("{}-{}", &code[..3], &code[3..]);
    ada.fill("Sign in with the SMS code", &[("code", &pasted)])
        .await;
    signed_in(&ada.arrive().await);
}

/// S23: a second tab does not replace the authenticator app that the first one sets up, because its key may be scanned
/// already.
#[tokio::test]
async fn two_tabs_set_up_one_app() {
    let app = TestApp::start().await;
    app.ada_without_phone();
    let mut ada = at_mfa(&app, "ada@acme.example").await;
    let mut other_tab = ada.clone();
    other_tab.get("/mfa").await;
    ada.go("Set up an authenticator app").await;
    let page = ada.page().html();
    let key = page.select(&selector("p code")).next();
    let key = key.unwrap().text().collect::<String>();
    other_tab.go("Set up an authenticator app").await;
    assert!(other_tab.page().text().contains(&key));
    assert_eq!(app.calls("/v1/b2b/totp").len(), 1);
}
