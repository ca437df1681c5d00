//! Second factors, which require a session or an intermediate session.

use serde_json::json;
use stytch_sandbox::Channel;

use super::{ADA, Browser, sign_in::with_pkce};
use crate::{
    lab::{Lab, text},
    sso::BOB,
};

const PHONE: &str = "+15555550100";

/// A member's id and the public token are not enough to add a second factor.
#[tokio::test]
async fn second_factors_require_a_session_of_the_member() {
    let lab = Lab::start().await;
    let stranger = Browser::new(&lab);
    let member = json!({ "organization_id": "oneil", "member_id": lab.member_id("oneil", ADA), "mfa_phone_number": "+15555550199" });
    for path in ["/b2b/otps/sms/send", "/b2b/totp"] {
        stranger
            .post(path, member.clone())
            .await
            .is_error(400, "no_session_arguments");
    }
    assert!(lab.world.messages_to(None, Some(Channel::Sms)).is_empty());
    assert_eq!(lab.member("oneil", ADA)["mfa_phone_number"], "");
    // Another member's session is not enough either.
    let bob = Browser::of(&lab, BOB, "globex").await;
    for path in ["/b2b/otps/sms/send", "/b2b/totp"] {
        bob.post(path, member.clone())
            .await
            .is_error(400, "member_session_member_id_mismatch");
    }
    assert_eq!(lab.member("oneil", ADA)["mfa_phone_number"], "");
}

#[tokio::test]
async fn a_code_by_sms_completes_mfa() {
    let lab = Lab::start().await;
    let browser = Browser::new(&lab);
    let path = "/b2b/oauth/authenticate";
    let token = lab.token_with_pkce(ADA, Some("initech"));
    let waiting = browser
        .post(path, with_pkce("oauth_token", &token))
        .await
        .data();
    let ist = text(&waiting["intermediate_session_token"]);
    let member = json!({ "organization_id": waiting["organization_id"], "member_id": waiting["member_id"], "intermediate_session_token": ist });
    browser
        .post("/b2b/otps/sms/send", member.clone())
        .await
        .data();
    let mut body = member;
    body["code"] = json!(lab.code(PHONE));
    body["session_duration_minutes"] = json!(30);
    let signed_in = browser
        .post("/b2b/otps/sms/authenticate", body)
        .await
        .data();
    assert_eq!(signed_in["member_session"]["organization_slug"], "initech");
}

/// Enrolls an app in a session, reads its recovery codes, and signs in with one of them.
#[tokio::test]
async fn totp_and_recovery_codes_complete_mfa() {
    let lab = Lab::start().await;
    let browser = Browser::of(&lab, ADA, "oneil").await;
    let member_id = lab.member_id("oneil", ADA);
    let member = json!({ "organization_id": "oneil", "member_id": member_id });
    let app = browser.post("/b2b/totp", member.clone()).await.data();
    assert!(text(&app["qr_code"]).starts_with("data:image/png;base64,"));
    let mut body = member.clone();
    body["code"] = json!(lab.world.totp_code(&member_id).expect("an app"));
    body["session_duration_minutes"] = json!(30);
    body["set_mfa_enrollment"] = json!("enroll");
    browser.post("/b2b/totp/authenticate", body).await.data();
    assert_eq!(lab.member("oneil", ADA)["mfa_enrolled"], true);

    let codes = browser.get("/b2b/recovery_codes").await.data();
    assert_eq!(codes["recovery_codes"], app["recovery_codes"]);
    let rotated = browser
        .post("/b2b/recovery_codes/rotate", json!({}))
        .await
        .data();
    assert_ne!(rotated["recovery_codes"], app["recovery_codes"]);

    let ist = lab.ist_for_mfa(ADA, "oneil").await;
    let mut body = member;
    body["recovery_code"] = rotated["recovery_codes"][0].clone();
    let path = "/b2b/recovery_codes/recover";
    let stranger = Browser::new(&lab);
    stranger
        .post(path, body.clone())
        .await
        .is_error(400, "no_session_arguments");
    body["intermediate_session_token"] = json!(ist);
    body["session_duration_minutes"] = json!(30);
    let signed_in = stranger.post(path, body).await.data();
    assert_eq!(signed_in["recovery_codes_remaining"], 9);
}
