//! Codes by SMS: automatic codes, enrollment, authentication. See `docs/stytch.md#second-factors`.

use std::time::Duration;

use serde_json::{Value, json};
use stytch_sandbox::Channel;

use super::email_otps::wrong;
use super::lab::{Lab, Reply, text};

const PHONE: &str = "+15555550100";

impl Lab {
    /// An intermediate session of a member who must only complete MFA.
    pub async fn ist_for_mfa(&self, email: &str, organization: &str) -> String {
        let waiting = self
            .sign_in("google", email, organization, json!({}))
            .await
            .ok();
        assert_eq!(waiting["member_authenticated"], false, "{waiting}");
        text(&waiting["intermediate_session_token"])
    }

    pub fn member_id(&self, organization: &str, email: &str) -> String {
        text(&self.member(organization, email)["member_id"])
    }

    /// A call about this member's second factor.
    pub async fn second(
        &self,
        path: &str,
        organization: &str,
        email: &str,
        mut more: Value,
    ) -> Reply {
        more["organization_id"] = json!(organization);
        more["member_id"] = json!(self.member_id(organization, email));
        self.post(&format!("/v1/b2b/{path}"), more).await
    }

    async fn spend_sms(&self, email: &str, organization: &str, more: Value) -> Reply {
        self.second("otps/sms/authenticate", organization, email, more)
            .await
    }
}

#[tokio::test]
async fn the_automatic_code_completes_the_sign_in() {
    let lab = Lab::start().await;
    let ist = lab.ist_for_mfa("ada@acme.example", "initech").await;
    let message = lab.world.messages().remove(0);
    assert_eq!(
        (message.channel, message.to.as_str(), message.kind),
        (Channel::Sms, PHONE, "sms_otp")
    );
    let code = lab.code(PHONE);
    let body =
        json!({ "code": code, "intermediate_session_token": ist, "session_duration_minutes": 30 });
    let answer = lab
        .spend_sms("ada@acme.example", "initech", body.clone())
        .await
        .ok();
    for absent in [
        "member_authenticated",
        "intermediate_session_token",
        "mfa_required",
        "primary_required",
    ] {
        assert!(answer.get(absent).is_none(), "{absent}");
    }
    let factors = answer["member_session"]["authentication_factors"]
        .as_array()
        .expect("factors");
    assert_eq!(factors.len(), 2);
    assert_eq!(
        (
            &factors[1]["type"],
            &factors[1]["delivery_method"],
            &factors[1]["sequence_order"]
        ),
        (&json!("otp"), &json!("sms"), &json!("SECONDARY"))
    );
    assert_eq!(factors[1]["phone_number_factor"]["phone_number"], PHONE);
    assert!(!text(&answer["session_jwt"]).is_empty());
    lab.spend_sms("ada@acme.example", "initech", body)
        .await
        .is_error(404, "intermediate_session_not_found");
}

/// Listing organizations sends no codes.
#[tokio::test]
async fn discovery_sends_nothing() {
    let lab = Lab::start().await;
    let ist = lab.ist("google", "ada@acme.example").await;
    assert!(lab.world.messages().is_empty());
    lab.exchange(&ist, "initech").await.ok();
    assert_eq!(lab.world.messages().len(), 1);
    lab.world.patch_member(
        "initech",
        "ada@acme.example",
        json!({ "default_mfa_method": "totp" }),
    );
    lab.exchange(&ist, "initech").await.ok();
    assert_eq!(lab.world.messages().len(), 1);
}

#[tokio::test]
async fn codes_expire_after_two_minutes_and_can_be_used_once() {
    let lab = Lab::start().await;
    let ist = lab.ist_for_mfa("ada@acme.example", "initech").await;
    lab.world.advance(Duration::from_mins(2));
    let late = json!({ "code": lab.code(PHONE), "intermediate_session_token": ist });
    lab.spend_sms("ada@acme.example", "initech", late)
        .await
        .is_error(401, "unable_to_auth_otp_code");
    lab.second(
        "otps/sms/send",
        "initech",
        "ada@acme.example",
        json!({ "intermediate_session_token": ist }),
    )
    .await
    .ok();
    lab.world.advance(Duration::from_secs(115));
    let body = json!({ "code": lab.code(PHONE), "intermediate_session_token": ist });
    let answer = lab
        .spend_sms("ada@acme.example", "initech", body.clone())
        .await
        .ok();
    let again = json!({ "code": body["code"], "session_token": answer["session_token"] });
    lab.spend_sms("ada@acme.example", "initech", again)
        .await
        .is_error(401, "unable_to_auth_otp_code");
}

#[tokio::test]
async fn a_first_phone_number_is_enrolled_by_its_code() {
    let lab = Lab::start().await;
    lab.world
        .add_member("initech", json!({ "email": "hal@hooli.example" }));
    let ist = lab.ist_for_mfa("hal@hooli.example", "initech").await;
    assert!(lab.world.messages().is_empty(), "no number yet");
    let send = async |more: Value| {
        lab.second("otps/sms/send", "initech", "hal@hooli.example", more)
            .await
    };
    send(json!({ "intermediate_session_token": ist }))
        .await
        .is_error(400, "bad_request");
    for number in ["5555550199", "+0555555019", "+1555", "+1555555019x"] {
        send(json!({ "intermediate_session_token": ist, "mfa_phone_number": number }))
            .await
            .is_error(400, "invalid_phone_number");
    }
    let number = "+15555550199";
    let answer = send(json!({ "intermediate_session_token": ist, "mfa_phone_number": number }))
        .await
        .ok();
    assert_eq!(
        (
            &answer["member"]["mfa_phone_number"],
            &answer["member"]["mfa_phone_number_verified"]
        ),
        (&json!(number), &json!(false))
    );
    let body = json!({ "code": lab.code(number), "intermediate_session_token": ist, "set_default_mfa": true });
    let answer = lab
        .spend_sms("hal@hooli.example", "initech", body)
        .await
        .ok();
    let member = &answer["member"];
    assert_eq!(
        (
            &member["mfa_phone_number_verified"],
            &member["mfa_enrolled"]
        ),
        (&json!(true), &json!(true))
    );
    assert_eq!(member["default_mfa_method"], "sms_otp");
    assert_eq!(lab.member("initech", "hal@hooli.example"), *member);
}

/// Otherwise, a stolen first factor could add its own second one.
#[tokio::test]
async fn a_member_must_use_the_existing_second_factor_before_adding_another() {
    let lab = Lab::start().await;
    let ist = lab.ist_for_mfa("carol@initech.example", "initech").await;
    let phone = json!({ "intermediate_session_token": ist, "mfa_phone_number": "+15555550111" });
    lab.second("otps/sms/send", "initech", "carol@initech.example", phone)
        .await
        .is_error(401, "insufficient_factors");
    let ist = lab.ist_for_mfa("ada@acme.example", "initech").await;
    let totp = json!({ "intermediate_session_token": ist });
    lab.second("totp", "initech", "ada@acme.example", totp)
        .await
        .is_error(401, "insufficient_factors");

    let body = json!({ "code": lab.code(PHONE), "intermediate_session_token": ist });
    let session = lab
        .spend_sms("ada@acme.example", "initech", body)
        .await
        .ok()["session_token"]
        .clone();
    lab.second(
        "totp",
        "initech",
        "ada@acme.example",
        json!({ "session_token": session }),
    )
    .await
    .ok();
}

#[tokio::test]
async fn a_second_factor_requires_a_first_one() {
    let lab = Lab::start().await;
    lab.world.patch_member(
        "acme",
        "ada@acme.example",
        json!({ "mfa_phone_number": PHONE, "email_address_verified": false }),
    );
    lab.world.patch_organization("acme", json!({ "mfa_policy": "REQUIRED_FOR_ALL", "auth_methods": "RESTRICTED", "allowed_auth_methods": ["microsoft_oauth"] }));
    let ist = lab.ist("google", "ada@acme.example").await;
    let waiting = lab.exchange(&ist, "acme").await.ok();
    assert!(
        waiting["primary_required"].is_object()
            && waiting["mfa_required"]["secondary_auth_initiated"].is_null()
    );
    assert!(lab.world.messages().is_empty());
    let open = "action_available_only_once_primary_authentication_is_met";
    for (path, more) in [
        ("otps/sms/send", json!({})),
        ("otps/sms/authenticate", json!({ "code": "123456" })),
        ("totp", json!({})),
        ("totp/authenticate", json!({ "code": "123456" })),
        ("recovery_codes/recover", json!({ "recovery_code": "x" })),
    ] {
        let mut more = more;
        more["intermediate_session_token"] = json!(ist);
        lab.second(path, "acme", "ada@acme.example", more)
            .await
            .is_error(400, open);
    }
}

#[tokio::test]
async fn authenticating_requires_exactly_one_session_argument_of_the_member() {
    let lab = Lab::start().await;
    let ist = lab.ist_for_mfa("ada@acme.example", "initech").await;
    let (acme, _) = lab.adas_session().await;
    let code = lab.code(PHONE);
    let spend = async |more: Value| {
        let mut more = more;
        more["code"] = json!(code);
        lab.spend_sms("ada@acme.example", "initech", more).await
    };
    spend(json!({})).await.is_error(400, "no_session_arguments");
    spend(json!({ "intermediate_session_token": ist, "session_token": acme }))
        .await
        .is_error(400, "too_many_session_arguments");
    spend(json!({ "session_token": acme }))
        .await
        .is_error(400, "member_session_member_id_mismatch");
    let carols = lab.ist("google", "carol@initech.example").await;
    spend(json!({ "intermediate_session_token": carols }))
        .await
        .is_error(400, "member_session_member_id_mismatch");
    spend(json!({ "intermediate_session_token": ist, "set_mfa_enrollment": "maybe" }))
        .await
        .is_error(400, "bad_request");
    spend(json!({ "intermediate_session_token": ist, "set_default_mfa": "yes" }))
        .await
        .is_error(400, "bad_request");
    let malformed = json!({ "intermediate_session_token": ist, "code": "12" });
    lab.spend_sms("ada@acme.example", "initech", malformed)
        .await
        .is_error(400, "invalid_code");
    let elsewhere = json!({
        "organization_id": "acme", "member_id": lab.member_id("acme", "ada@acme.example"), "code": code, "intermediate_session_token": ist,
    });
    lab.post("/v1/b2b/otps/sms/authenticate", elsewhere)
        .await
        .is_error(404, "otp_code_not_found");
    let unknown = json!({ "organization_id": "acme", "member_id": lab.member_id("initech", "ada@acme.example"), "code": code, "intermediate_session_token": ist });
    lab.post("/v1/b2b/otps/sms/authenticate", unknown)
        .await
        .is_error(404, "member_not_found");
    spend(json!({ "intermediate_session_token": ist }))
        .await
        .ok();
}

#[tokio::test]
async fn the_caller_chooses_enrollment_where_mfa_is_optional() {
    let lab = Lab::start().await;
    lab.world.patch_member(
        "acme",
        "ada@acme.example",
        json!({ "mfa_phone_number": PHONE }),
    );
    let (session, _) = lab.adas_session().await;
    for (choice, enrolled) in [
        (json!("enroll"), true),
        (json!(null), true),
        (json!("unenroll"), false),
        (json!(null), false),
    ] {
        lab.second(
            "otps/sms/send",
            "acme",
            "ada@acme.example",
            json!({ "session_token": session }),
        )
        .await
        .ok();
        let body = json!({ "code": lab.code(PHONE), "session_token": session, "set_mfa_enrollment": choice });
        let answer = lab.spend_sms("ada@acme.example", "acme", body).await.ok();
        assert_eq!(answer["member"]["mfa_enrolled"], enrolled);
        assert_eq!(answer["session_token"], session);
        assert_eq!(
            answer["member_session"]["authentication_factors"]
                .as_array()
                .map(Vec::len),
            Some(2)
        );
    }
    // Where MFA is required, members can't unenroll.
    let ist = lab.ist_for_mfa("ada@acme.example", "initech").await;
    let body = json!({ "code": lab.code(PHONE), "intermediate_session_token": ist, "set_mfa_enrollment": "unenroll" });
    assert_eq!(
        lab.spend_sms("ada@acme.example", "initech", body)
            .await
            .ok()["member"]["mfa_enrolled"],
        true
    );
}

#[tokio::test]
async fn a_second_factor_does_not_work_in_another_organization() {
    let lab = Lab::start().await;
    lab.world.patch_member("acme", "ada@acme.example", json!({ "mfa_enrolled": true, "mfa_phone_number": PHONE, "mfa_phone_number_verified": true }));
    let ist = lab.ist("google", "ada@acme.example").await;
    lab.exchange(&ist, "initech").await.ok();
    let code = lab.code(PHONE);
    // The code of the member at Initech, used for the member at Acme.
    let body = json!({ "code": code, "intermediate_session_token": ist });
    lab.spend_sms("ada@acme.example", "acme", body)
        .await
        .is_error(404, "otp_code_not_found");
}

#[tokio::test]
async fn the_organization_chooses_the_allowed_second_factors() {
    let lab = Lab::start().await;
    lab.world.patch_organization(
        "initech",
        json!({ "mfa_methods": "RESTRICTED", "allowed_mfa_methods": ["totp"] }),
    );
    let ist = lab.ist_for_mfa("ada@acme.example", "initech").await;
    assert!(lab.world.messages().is_empty());
    let ist = json!({ "intermediate_session_token": ist, "code": "123456" });
    for path in ["otps/sms/send", "otps/sms/authenticate"] {
        lab.second(path, "initech", "ada@acme.example", ist.clone())
            .await
            .is_error(403, "operation_restricted_by_organization_mfa_methods");
    }
    lab.world
        .patch_organization("initech", json!({ "allowed_mfa_methods": ["sms_otp"] }));
    for path in ["totp", "totp/authenticate", "recovery_codes/recover"] {
        lab.second(path, "initech", "ada@acme.example", ist.clone())
            .await
            .is_error(403, "operation_restricted_by_organization_mfa_methods");
    }
    lab.second("otps/sms/send", "initech", "ada@acme.example", json!({}))
        .await
        .ok();
}

#[tokio::test]
async fn ten_wrong_codes_lock_the_member_for_an_hour() {
    let lab = Lab::start().await;
    let ist = lab.ist_for_mfa("ada@acme.example", "initech").await;
    let code = lab.code(PHONE);
    let spend = async |code: &str| {
        lab.spend_sms(
            "ada@acme.example",
            "initech",
            json!({ "code": code, "intermediate_session_token": ist }),
        )
        .await
    };
    for _ in 0..10 {
        assert_eq!(
            lab.member("initech", "ada@acme.example")["is_locked"],
            false
        );
        spend(&wrong(&code))
            .await
            .is_error(404, "otp_code_not_found");
    }
    let member = lab.member("initech", "ada@acme.example");
    assert!(
        member["is_locked"] == true
            && member["lock_created_at"].is_string()
            && member["lock_expires_at"].is_string()
    );
    spend(&code).await.is_error(429, "user_lock_limit_reached");
    lab.sign_in("google", "ada@acme.example", "initech", json!({}))
        .await
        .is_error(429, "user_lock_limit_reached");
    lab.send_email_code("initech", "ada@acme.example", json!({}))
        .await
        .is_error(429, "user_lock_limit_reached");
    lab.adas_session().await; // her other memberships are not locked

    lab.world.advance(Duration::from_secs(3595));
    lab.sign_in("google", "ada@acme.example", "initech", json!({}))
        .await
        .is_error(429, "user_lock_limit_reached");
    lab.world.advance(Duration::from_secs(10));
    let member = lab.member("initech", "ada@acme.example");
    assert!(
        member["is_locked"] == false
            && member["lock_created_at"].is_null()
            && member["lock_expires_at"].is_null()
    );
    let ist = lab.ist_for_mfa("ada@acme.example", "initech").await;
    let body = json!({ "code": lab.code(PHONE), "intermediate_session_token": ist });
    lab.spend_sms("ada@acme.example", "initech", body)
        .await
        .ok();
}

#[tokio::test]
async fn a_correct_code_resets_the_count_of_wrong_ones() {
    let lab = Lab::start().await;
    for _ in 0..3 {
        lab.send_email_code("acme", "ada@acme.example", json!({}))
            .await
            .ok();
        let code = lab.code("ada@acme.example");
        for _ in 0..9 {
            lab.spend_email_code("acme", "ada@acme.example", &wrong(&code))
                .await
                .is_error(404, "otp_code_not_found");
        }
        lab.spend_email_code("acme", "ada@acme.example", &code)
            .await
            .ok();
    }
    for _ in 0..10 {
        lab.spend_email_code("acme", "ada@acme.example", "000000")
            .await;
    }
    lab.spend_email_code("acme", "ada@acme.example", "000000")
        .await
        .is_error(429, "user_lock_limit_reached");
}
