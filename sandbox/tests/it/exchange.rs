//! `discovery.intermediate_sessions.exchange` and `discovery.organizations.list`.
//! See `docs/stytch.md#discovery` and `docs/stytch.md#entering-an-organization`.

use std::time::Duration;

use serde_json::{Value, json};

use super::lab::{Lab, listed, text};

const EXCHANGE: &str = "/v1/b2b/discovery/intermediate_sessions/exchange";
const LIST: &str = "/v1/b2b/discovery/organizations";

#[tokio::test]
async fn a_member_gets_a_session_and_the_intermediate_one_is_used_up() {
    let lab = Lab::start().await;
    let ist = lab.ist("google", "ada@acme.example").await;
    let answer = lab.exchange(&ist, "acme").await.ok();
    assert_eq!(answer["member_authenticated"], true);
    assert_eq!(
        (
            text(&answer["session_token"]).len(),
            &answer["intermediate_session_token"]
        ),
        (44, &json!(""))
    );
    lab.exchange(&ist, "acme")
        .await
        .is_error(404, "intermediate_session_not_found");
    lab.exchange(&ist, "oneil")
        .await
        .is_error(404, "intermediate_session_not_found");
    assert_eq!(lab.world.state()["sessions"][0], answer["member_session"]);
}

#[tokio::test]
async fn organizations_are_named_by_id_slug_or_external_id() {
    let lab = Lab::start().await;
    lab.world
        .patch_organization("acme", json!({ "organization_external_id": "crm|7" }));
    for reference in [
        "organization-test-00000001-0000-4000-8000-000000000000",
        "acme",
        "crm|7",
    ] {
        let ist = lab.ist("google", "ada@acme.example").await;
        assert_eq!(
            lab.exchange(&ist, reference).await.ok()["organization"]["organization_slug"],
            "acme"
        );
    }
    let ist = lab.ist("google", "ada@acme.example").await;
    lab.exchange(&ist, "nowhere")
        .await
        .is_error(404, "organization_not_found");
    lab.exchange(&ist, "").await.is_error(400, "bad_request");
    lab.exchange(&ist, "acme").await.ok();
}

#[tokio::test]
async fn intermediate_sessions_are_checked_and_expire() {
    let lab = Lab::start().await;
    lab.exchange("malformed", "acme")
        .await
        .is_error(400, "invalid_session_token");
    let unknown = "AqaZp5x2ZqZ29gcSr1wdOeVbN-VoypFaHA4jNW2L_z_J";
    lab.exchange(unknown, "acme")
        .await
        .is_error(404, "intermediate_session_not_found");
    lab.post(EXCHANGE, json!({ "organization_id": "acme" }))
        .await
        .is_error(400, "bad_request");
    let (good, late) = (
        lab.ist("google", "ada@acme.example").await,
        lab.ist("google", "ada@acme.example").await,
    );
    lab.world.advance(Duration::from_secs(590));
    lab.exchange(&good, "acme").await.ok();
    lab.world.advance(Duration::from_secs(10));
    lab.exchange(&late, "acme")
        .await
        .is_error(404, "intermediate_session_not_found");
}

#[tokio::test]
async fn invalid_session_fields_do_not_use_up_the_session() {
    let lab = Lab::start().await;
    let ist = lab.ist("google", "ada@acme.example").await;
    for (more, error) in [
        (
            json!({ "session_duration_minutes": 1 }),
            "invalid_session_duration_minutes",
        ),
        (json!({ "locale": "klingon" }), "invalid_locale"),
        (
            json!({ "session_custom_claims": { "https://stytch.com/x": 1 } }),
            "stytch_claims_in_custom_claims",
        ),
    ] {
        let mut body = json!({ "intermediate_session_token": ist, "organization_id": "acme" });
        body.as_object_mut()
            .expect("an object")
            .extend(more.as_object().expect("an object").clone());
        lab.post(EXCHANGE, body).await.is_error(400, error);
    }
    let body = json!({
        "intermediate_session_token": ist, "organization_id": "acme", "session_duration_minutes": 527_040,
        "session_custom_claims": { "plan": "free" }, "locale": "en", "telemetry_id": "t",
    });
    let answer = lab.post(EXCHANGE, body).await.ok();
    assert_eq!(
        answer["member_session"]["custom_claims"],
        json!({ "plan": "free" })
    );
}

#[tokio::test]
async fn required_mfa_keeps_the_intermediate_session_and_starts_no_session() {
    let lab = Lab::start().await;
    let login = lab.discover("google", "ada@acme.example").await;
    let ist = text(&login["intermediate_session_token"]);
    let answer = lab.exchange(&ist, "initech").await.ok();
    assert_eq!(answer["member_authenticated"], false);
    assert_eq!(
        (
            &answer["session_token"],
            &answer["session_jwt"],
            &answer["member_session"]
        ),
        (&json!(""), &json!(""), &Value::Null)
    );
    assert_eq!(answer["intermediate_session_token"], *ist);
    assert_eq!(
        answer["intermediate_session_token_expires_at"],
        login["intermediate_session_token_expires_at"]
    );
    assert_eq!(
        answer["mfa_required"]["secondary_auth_initiated"], "sms_otp",
        "she has a phone number, so the code was sent"
    );
    assert_eq!(answer["primary_required"], Value::Null);
    assert_eq!(lab.world.state()["sessions"], json!([]));
    lab.exchange(&ist, "acme").await.ok(); // it can still be used elsewhere
}

#[tokio::test]
async fn codes_are_sent_only_to_members_who_use_sms() {
    let lab = Lab::start().await;
    let secondary = async || {
        let ist = lab.ist("google", "ada@acme.example").await;
        lab.exchange(&ist, "initech").await.ok()["mfa_required"]["secondary_auth_initiated"].clone()
    };
    let ada = |patch| lab.world.patch_member("initech", "ada@acme.example", patch);
    assert_eq!(secondary().await, "sms_otp");
    ada(json!({ "default_mfa_method": "totp" }));
    assert_eq!(secondary().await, Value::Null);
    ada(json!({ "default_mfa_method": "" }));
    lab.world.patch_organization(
        "initech",
        json!({ "mfa_methods": "RESTRICTED", "allowed_mfa_methods": ["totp"] }),
    );
    assert_eq!(secondary().await, Value::Null);
    lab.world
        .patch_organization("initech", json!({ "mfa_methods": "ALL_ALLOWED" }));
    ada(json!({ "mfa_phone_number": "" }));
    assert_eq!(secondary().await, Value::Null);
    let ist = lab.ist("google", "carol@initech.example").await;
    let mfa = lab.exchange(&ist, "initech").await.ok()["mfa_required"].clone();
    assert_eq!(
        mfa["member_options"]["totp_registration_id"],
        "member-totp-test-00000004-0003-4000-8000-000000000000"
    );
    assert_eq!(mfa["secondary_auth_initiated"], Value::Null);
}

#[tokio::test]
async fn enrolled_members_must_use_mfa_where_it_is_optional() {
    let lab = Lab::start().await;
    lab.world
        .patch_member("acme", "ada@acme.example", json!({ "mfa_enrolled": true }));
    let ist = lab.ist("google", "ada@acme.example").await;
    assert!(lab.exchange(&ist, "acme").await.ok()["mfa_required"].is_object());
}

#[tokio::test]
async fn invited_and_pending_members_become_active() {
    let lab = Lab::start().await;
    let ist = lab.ist("google", "carol@initech.example").await;
    assert_eq!(
        lab.exchange(&ist, "acme").await.ok()["member"]["status"],
        "active"
    );
    let ist = lab.ist("microsoft", "carol@initech.example").await;
    let answer = lab.exchange(&ist, "vandelay").await.ok();
    assert_eq!(
        (
            &answer["member"]["status"],
            &answer["member"]["email_address_verified"]
        ),
        (&json!("active"), &json!(true))
    );
}

#[tokio::test]
async fn method_restrictions_apply_to_all_but_breakglass_members() {
    let lab = Lab::start().await;
    let ist = lab.ist("google", "carol@initech.example").await;
    let answer = lab.exchange(&ist, "vandelay").await.ok();
    assert_eq!(answer["member_authenticated"], false);
    assert_eq!(
        answer["primary_required"],
        json!({ "allowed_auth_methods": ["microsoft_oauth"] })
    );
    assert_eq!(
        lab.member("vandelay", "carol@initech.example")["status"],
        "pending"
    );
    lab.sign_in("google", "carol@initech.example", "vandelay", json!({}))
        .await
        .is_error(403, "operation_restricted_by_organization_auth_methods");
    lab.world.patch_member(
        "vandelay",
        "carol@initech.example",
        json!({ "is_breakglass": true }),
    );
    assert_eq!(
        lab.exchange(&ist, "vandelay").await.ok()["member_authenticated"],
        true
    );
    let reply = lab
        .sign_in("google", "carol@initech.example", "vandelay", json!({}))
        .await;
    assert_eq!(reply.ok()["member_authenticated"], true);
}

#[tokio::test]
async fn the_list_accepts_an_intermediate_session_and_does_not_use_it_up() {
    let lab = Lab::start().await;
    let login = lab.discover("google", "ada@acme.example").await;
    let ist = text(&login["intermediate_session_token"]);
    let answer = lab
        .post(LIST, json!({ "intermediate_session_token": ist }))
        .await
        .ok();
    assert_eq!(
        answer["discovered_organizations"],
        login["discovered_organizations"]
    );
    assert_eq!(answer["email_address"], "ada@acme.example");
    assert_eq!(answer["organization_id_hint"], Value::Null);
    lab.exchange(&ist, "acme").await.ok();
    lab.post(LIST, json!({ "intermediate_session_token": ist }))
        .await
        .is_error(404, "intermediate_session_not_found");
}

#[tokio::test]
async fn the_list_accepts_a_session_and_shows_memberships_only() {
    let lab = Lab::start().await;
    let (token, jwt) = lab.adas_session().await;
    // With a session, organizations that she could join are not listed.
    let open = json!({ "email_jit_provisioning": "RESTRICTED", "email_allowed_domains": ["acme.example"] });
    lab.world.patch_organization("vandelay", open);
    lab.world
        .add_member("vandelay", json!({ "email_address": "boss@acme.example" }));
    for body in [
        json!({ "session_token": token }),
        json!({ "session_jwt": jwt }),
    ] {
        let slugs: Vec<String> = listed(&lab.post(LIST, body).await.ok())
            .into_iter()
            .map(|(slug, _)| slug)
            .collect();
        assert_eq!(slugs, ["acme", "initech", "oneil"]);
    }
    assert!(
        listed(&lab.discover("google", "ada@acme.example").await)
            .iter()
            .any(|(slug, _)| slug == "vandelay")
    );
}

#[tokio::test]
async fn the_list_requires_exactly_one_argument() {
    let lab = Lab::start().await;
    let ist = lab.ist("google", "ada@acme.example").await;
    let (token, jwt) = lab.adas_session().await;
    lab.post(LIST, json!({}))
        .await
        .is_error(400, "no_session_arguments");
    for body in [
        json!({ "intermediate_session_token": ist, "session_token": token }),
        json!({ "intermediate_session_token": ist, "session_jwt": jwt }),
        json!({ "session_token": token, "session_jwt": jwt }),
    ] {
        lab.post(LIST, body)
            .await
            .is_error(400, "too_many_session_arguments");
    }
    lab.post(LIST, json!({ "intermediate_session_token": "short" }))
        .await
        .is_error(400, "invalid_session_token");
}
