//! Adding second factors: the required session argument, and the effects on the member.

use serde_json::{Value, json};

use super::lab::{Lab, Reply, text};

const ADA: &str = "ada@acme.example";
const CAROL: &str = "carol@initech.example";
const HAL: &str = "hal@hooli.example";
const ADAS_PHONE: &str = "+15555550100";
const NEW_PHONE: &str = "+15555550177";

impl Lab {
    /// Creates a TOTP registration for this member.
    pub async fn new_totp(&self, organization: &str, email: &str, more: Value) -> Reply {
        self.second("totp", organization, email, more).await
    }

    /// Sends a text message to this member.
    async fn text_message(&self, organization: &str, email: &str, more: Value) -> Reply {
        self.second("otps/sms/send", organization, email, more)
            .await
    }

    /// Authenticates with the current code of the authenticator app and these session arguments.
    pub async fn use_totp(&self, organization: &str, email: &str, mut more: Value) -> Reply {
        more["code"] = json!(self.totp(organization, email));
        self.second("totp/authenticate", organization, email, more)
            .await
    }

    /// Authenticates with the last code to this number and these session arguments.
    async fn use_text(&self, organization: &str, email: &str, phone: &str, more: Value) -> Reply {
        let mut more = more;
        more["code"] = json!(self.code(phone));
        self.second("otps/sms/authenticate", organization, email, more)
            .await
    }

    /// A session of Hal, a member of Acme without a second factor.
    async fn hal_in_acme(&self) -> Value {
        self.world.add_member("acme", json!({ "email": HAL }));
        let signed_in = self.sign_in("google", HAL, "acme", json!({})).await.ok();
        json!({ "session_token": signed_in["session_token"] })
    }
}

/// This applies to a verified phone number and to an authenticator app.
#[tokio::test]
async fn adding_a_second_factor_requires_the_existing_one() {
    let lab = Lab::start().await;
    let needed = "insufficient_factors";
    let ist = json!({ "intermediate_session_token": lab.ist_for_mfa(ADA, "initech").await });
    for arguments in [json!({}), ist.clone()] {
        let reply = lab.new_totp("initech", ADA, arguments).await;
        reply.is_error(401, needed);
    }
    let mut phone =
        json!({ "intermediate_session_token": lab.ist_for_mfa(CAROL, "initech").await });
    for with_session in [true, false] {
        if !with_session {
            phone = json!({});
        }
        phone["mfa_phone_number"] = json!(NEW_PHONE);
        let reply = lab.text_message("initech", CAROL, phone.clone()).await;
        reply.is_error(401, needed);
    }
    assert_eq!(lab.member("initech", CAROL)["mfa_phone_number"], "");

    // A session with a code to the phone number can add an authenticator app, and use it.
    let session = lab.use_text("initech", ADA, ADAS_PHONE, ist).await.ok();
    let session = json!({ "session_token": session["session_token"] });
    lab.new_totp("initech", ADA, session.clone()).await.ok();
    lab.use_totp("initech", ADA, session).await.ok();
}

/// A session with a code to a number that the member no longer has does not count.
#[tokio::test]
async fn a_deleted_factor_does_not_count_as_the_existing_one() {
    let lab = Lab::start().await;
    let ist = json!({ "intermediate_session_token": lab.ist_for_mfa(ADA, "initech").await });
    let old = lab.use_text("initech", ADA, ADAS_PHONE, ist).await.ok();
    let old = json!({ "session_token": old["session_token"] });
    let (organization, member) = (lab.organization("initech"), lab.member_id("initech", ADA));
    let organization = text(&organization["organization_id"]);
    let phone = format!("/v1/b2b/organizations/{organization}/members/mfa_phone_numbers/{member}");
    lab.delete(&phone).await.ok();

    let ist = json!({ "intermediate_session_token": lab.ist_for_mfa(ADA, "initech").await });
    let mut number = ist.clone();
    number["mfa_phone_number"] = json!(NEW_PHONE);
    lab.text_message("initech", ADA, number).await.ok();
    lab.use_text("initech", ADA, NEW_PHONE, ist).await.ok();
    let reply = lab.new_totp("initech", ADA, old).await;
    reply.is_error(401, "insufficient_factors");
}

/// A factor that was prepared before there was a second factor requires the existing one afterwards.
#[tokio::test]
async fn a_prepared_factor_does_not_bypass_one_that_came_later() {
    let lab = Lab::start().await;
    let session = lab.hal_in_acme().await;
    let mut number = session.clone();
    number["mfa_phone_number"] = json!(NEW_PHONE);
    // An app is prepared, and then a number is verified.
    lab.new_totp("acme", HAL, session.clone()).await.ok();
    lab.text_message("acme", HAL, number).await.ok();
    let other = lab.sign_in("google", HAL, "acme", json!({})).await.ok();
    let other = json!({ "session_token": other["session_token"] });
    lab.use_text("acme", HAL, NEW_PHONE, session).await.ok();
    let reply = lab.use_totp("acme", HAL, other).await;
    reply.is_error(401, "insufficient_factors");
    assert_eq!(lab.member("acme", HAL)["totp_registration_id"], "");
}

/// The reverse case: an unverified number, and then an authenticator app.
#[tokio::test]
async fn an_unproven_number_does_not_bypass_an_authenticator_app() {
    let lab = Lab::start().await;
    let number = json!({ "mfa_phone_number": NEW_PHONE, "mfa_phone_number_verified": false });
    lab.world.patch_member("initech", CAROL, number);
    lab.world
        .patch_member("initech", CAROL, json!({ "default_mfa_method": "" }));
    let ist = json!({ "intermediate_session_token": lab.ist_for_mfa(CAROL, "initech").await });
    assert!(lab.world.messages().is_empty(), "no automatic code");
    for arguments in [json!({}), ist.clone()] {
        let reply = lab.text_message("initech", CAROL, arguments).await;
        reply.is_error(401, "insufficient_factors");
    }
    // A code that was sent before the app was added.
    lab.world
        .patch_member("initech", CAROL, json!({ "totp_registration_id": "" }));
    lab.text_message("initech", CAROL, json!({})).await.ok();
    let app = "member-totp-test-00000004-0003-4000-8000-000000000000";
    lab.world
        .patch_member("initech", CAROL, json!({ "totp_registration_id": app }));
    let reply = lab.use_text("initech", CAROL, NEW_PHONE, ist.clone()).await;
    reply.is_error(401, "insufficient_factors");
    // The app signs in, and then the number can be verified.
    let session = lab.use_totp("initech", CAROL, ist).await.ok();
    let session = json!({ "session_token": session["session_token"] });
    let sent = lab.text_message("initech", CAROL, session.clone()).await;
    sent.ok();
    let proved = lab
        .use_text("initech", CAROL, NEW_PHONE, session)
        .await
        .ok();
    assert_eq!(proved["member"]["mfa_phone_number_verified"], true);
}

/// The pending creator of an organization that requires MFA enrolls without a session argument.
#[tokio::test]
async fn a_new_member_enrolls_without_a_session_argument() {
    let lab = Lab::start().await;
    for (number, method) in [(1, "sms_otp"), (2, "totp")] {
        let ist = lab.ist("google", "frank@startup.example").await;
        let slug = format!("start-{number}");
        let body = json!({ "intermediate_session_token": ist, "organization_slug": slug, "mfa_policy": "REQUIRED_FOR_ALL" });
        let created = lab.create(body).await.ok();
        assert_eq!(created["member"]["status"], "pending");
        let ist = json!({ "intermediate_session_token": ist });
        let frank = "frank@startup.example";
        let signed_in = if method == "totp" {
            let made = lab.new_totp(&slug, frank, json!({})).await.ok();
            assert_eq!(made["member"]["status"], "pending");
            lab.use_totp(&slug, frank, ist).await.ok()
        } else {
            let phone = json!({ "mfa_phone_number": NEW_PHONE });
            let sent = lab.text_message(&slug, frank, phone).await.ok();
            assert_eq!(sent["member"]["status"], "pending");
            lab.use_text(&slug, frank, NEW_PHONE, ist).await.ok()
        };
        let member = &signed_in["member"];
        assert_eq!(
            (&member["status"], &member["mfa_enrolled"]),
            (&json!("active"), &json!(true))
        );
        assert_eq!(member["default_mfa_method"], method);
    }
    // An invited member can do this too, but a deleted one can't.
    lab.new_totp("acme", CAROL, json!({})).await.ok();
    let phone = json!({ "mfa_phone_number": "+15555550122" });
    lab.text_message("acme", CAROL, phone).await.ok();
    let path = format!(
        "/v1/b2b/organizations/acme/members/{}",
        lab.member_id("acme", CAROL)
    );
    let body = json!({ "organization_id": "acme", "member_id": lab.member_id("acme", CAROL) });
    lab.delete(&path).await.ok();
    let reply = lab.post("/v1/b2b/totp", body).await;
    reply.is_error(404, "member_not_found");
}

/// Another number is refused.
#[tokio::test]
async fn a_request_can_repeat_the_members_own_number() {
    let lab = Lab::start().await;
    let mut own = json!({ "intermediate_session_token": lab.ist_for_mfa(ADA, "initech").await });
    own["mfa_phone_number"] = json!(ADAS_PHONE);
    for _ in 0..2 {
        let sent = lab.text_message("initech", ADA, own.clone()).await.ok();
        assert_eq!(sent["member"]["mfa_phone_number_verified"], true, "still");
    }
    let mut other = own.clone();
    other["mfa_phone_number"] = json!(NEW_PHONE);
    let reply = lab.text_message("initech", ADA, other).await;
    reply.is_error(400, "duplicate_member_phone_number_for_member");
    // Without a session argument, and for a number that is not verified yet.
    let own = json!({ "mfa_phone_number": ADAS_PHONE });
    lab.text_message("initech", ADA, own).await.ok();
    let mut new = lab.hal_in_acme().await;
    new["mfa_phone_number"] = json!(NEW_PHONE);
    for _ in 0..2 {
        let sent = lab.text_message("acme", HAL, new.clone()).await.ok();
        assert_eq!(sent["member"]["mfa_phone_number"], NEW_PHONE);
    }
    // Only `members.update` refuses the number that the member has.
    let path = format!(
        "/v1/b2b/organizations/initech/members/{}",
        lab.member_id("initech", ADA)
    );
    let reply = lab
        .put(&path, json!({ "mfa_phone_number": ADAS_PHONE }))
        .await;
    reply.is_error(400, "duplicate_member_phone_number_for_member");
}

/// It stays the default.
#[tokio::test]
async fn the_first_used_method_becomes_the_default() {
    let lab = Lab::start().await;
    let session = lab.hal_in_acme().await;
    let mut number = session.clone();
    number["mfa_phone_number"] = json!(NEW_PHONE);
    lab.text_message("acme", HAL, number).await.ok();
    let first = lab
        .use_text("acme", HAL, NEW_PHONE, session.clone())
        .await
        .ok();
    assert_eq!(first["member"]["default_mfa_method"], "sms_otp");
    lab.new_totp("acme", HAL, session.clone()).await.ok();
    let second = lab.use_totp("acme", HAL, session.clone()).await.ok();
    assert_eq!(second["member"]["default_mfa_method"], "sms_otp");
    assert_eq!(second["member"]["mfa_enrolled"], false, "optional");
    // A recovery code is not a method.
    lab.world
        .patch_member("initech", CAROL, json!({ "default_mfa_method": "" }));
    let ist = lab.ist_for_mfa(CAROL, "initech").await;
    let code = json!({ "recovery_code": "uyrl-7b5a-e31k", "intermediate_session_token": ist });
    let recovered = lab
        .second("recovery_codes/recover", "initech", CAROL, code)
        .await
        .ok();
    assert_eq!(recovered["member"]["default_mfa_method"], "");
}
