//! `organizations.members.update`, and the removal of factors and addresses. See `docs/stytch.md#members`.

use serde_json::{Value, json};

use super::lab::{Lab, Reply, text};
use super::shapes::{MEMBER, has_exactly};

const MEMBERS: &str = "/v1/b2b/organizations/acme/members";

fn path(lab: &Lab, email: &str) -> String {
    format!(
        "{MEMBERS}/{}",
        text(&lab.member("acme", email)["member_id"])
    )
}

async fn ada(lab: &Lab, body: Value) -> Reply {
    lab.put(&path(lab, "ada@acme.example"), body).await
}

#[tokio::test]
async fn only_the_given_fields_change() {
    let lab = Lab::start().await;
    let before = lab.member("acme", "ada@acme.example");
    let answer = ada(&lab, json!({ "name": "A. Lovelace", "mfa_enrolled": null }))
        .await
        .ok();
    has_exactly(
        &answer,
        "status_code request_id member_id member organization",
    );
    let mut expected = before.clone();
    expected["name"] = json!("A. Lovelace");
    expected["updated_at"] = answer["member"]["updated_at"].clone();
    assert_eq!(answer["member"], expected);
    assert_eq!(lab.member("acme", "ada@acme.example"), expected);
    let cleared = ada(&lab, json!({ "name": "" })).await.ok();
    assert_eq!(cleared["member"]["name"], "");
    has_exactly(&cleared["member"], MEMBER);
}

#[tokio::test]
async fn every_field_can_be_changed() {
    let lab = Lab::start().await;
    ada(&lab, json!({ "trusted_metadata": { "a": 1, "b": 2 } }))
        .await
        .ok();
    let body = json!({
        "trusted_metadata": { "b": null, "c": 3 }, "untrusted_metadata": { "x": 1 }, "is_breakglass": true,
        "mfa_phone_number": "+15555550123", "mfa_enrolled": true, "default_mfa_method": "sms_otp", "external_id": "crm-1",
    });
    let member = ada(&lab, body).await.ok()["member"].clone();
    for (key, value) in [
        ("trusted_metadata", json!({ "a": 1, "c": 3 })),
        ("untrusted_metadata", json!({ "x": 1 })),
        ("is_breakglass", json!(true)),
        ("mfa_phone_number", json!("+15555550123")),
        ("mfa_phone_number_verified", json!(false)),
        ("mfa_enrolled", json!(true)),
        ("default_mfa_method", json!("sms_otp")),
        ("external_id", json!("crm-1")),
    ] {
        assert_eq!(member[key], value, "{key}");
    }
    // Also by external id; the next login sees the changes.
    lab.put(&format!("{MEMBERS}/crm-1"), json!({ "name": "x" }))
        .await
        .ok();
    let next = lab
        .sign_in("google", "ada@acme.example", "acme", json!({}))
        .await
        .ok();
    assert_eq!(next["mfa_required"]["secondary_auth_initiated"], "sms_otp");
}

#[tokio::test]
async fn roles_are_replaced_and_effective_immediately() {
    let lab = Lab::start().await;
    let (token, _) = lab.adas_session().await;
    let member = ada(&lab, json!({ "roles": [] })).await.ok()["member"].clone();
    assert_eq!(
        (
            &member["is_admin"],
            member["roles"].as_array().map(Vec::len)
        ),
        (&json!(false), Some(1))
    );
    let body = json!({ "session_token": token });
    let session = lab.post("/v1/b2b/sessions/authenticate", body).await.ok();
    assert_eq!(session["member_session"]["roles"], json!(["stytch_member"]));
    let member = ada(&lab, json!({ "roles": ["stytch_admin"] })).await.ok()["member"].clone();
    assert_eq!(member["is_admin"], true);
    // A role by email domain stays when the direct ones are replaced.
    let assigned = json!({ "rbac_email_implicit_role_assignments": [{ "domain": "acme.example", "role_id": "stytch_admin" }] });
    lab.put("/v1/b2b/organizations/acme", assigned).await.ok();
    let member = ada(&lab, json!({ "roles": [] })).await.ok()["member"].clone();
    assert_eq!(member["is_admin"], true);
    assert_eq!(member["roles"][1]["sources"][0]["type"], "email_assignment");
    ada(&lab, json!({ "roles": ["nobody"] }))
        .await
        .is_error(400, "invalid_role");
}

#[tokio::test]
async fn invalid_updates_are_refused() {
    let lab = Lab::start().await;
    let body = json!({ "email_address": "grace@acme.example", "mfa_phone_number": "+15555550100", "external_id": "crm-1" });
    lab.post(MEMBERS, body).await.ok();
    for (body, error) in [
        (json!({ "mfa_phone_number": "x" }), "invalid_phone_number"),
        (
            json!({ "mfa_phone_number": "+15555550100" }),
            "duplicate_member_phone_number",
        ),
        (
            json!({ "external_id": "crm-1" }),
            "duplicate_member_external_id",
        ),
        (json!({ "external_id": "" }), "bad_request"),
        (
            json!({ "default_mfa_method": "smoke" }),
            "invalid_mfa_default_method",
        ),
        (json!({ "email_address": "nonsense" }), "invalid_email"),
        (
            json!({ "email_address": "grace@acme.example" }),
            "duplicate_member_email",
        ),
        (
            json!({ "untrusted_metadata": [] }),
            "metadata_invalid_format",
        ),
        (json!({ "mfa_enrolled": "yes" }), "bad_request"),
        (
            json!({ "preserve_existing_sessions": "yes" }),
            "bad_request",
        ),
        (json!({ "unlink_email": "yes" }), "bad_request"),
        (json!({ "name": 5 }), "bad_request"),
    ] {
        let before = lab.member("acme", "ada@acme.example");
        ada(&lab, body).await.is_error(400, error);
        assert_eq!(
            lab.member("acme", "ada@acme.example"),
            before,
            "{error} changed something"
        );
    }
    ada(&lab, json!({ "mfa_phone_number": "+15555550123" }))
        .await
        .ok();
    ada(&lab, json!({ "mfa_phone_number": "+15555550124" }))
        .await
        .is_error(400, "duplicate_member_phone_number_for_member");
    let carols = path(&lab, "carol@initech.example");
    lab.put(&carols, json!({ "mfa_phone_number": "+15555550125" }))
        .await
        .is_error(400, "action_available_only_for_active_members");
    lab.put(&format!("{MEMBERS}/member-test-x"), json!({}))
        .await
        .is_error(404, "member_not_found");
    let elsewhere = carols.replace("acme", "globex");
    lab.put(&elsewhere, json!({ "name": "x" }))
        .await
        .is_error(404, "member_not_found");
}

#[tokio::test]
async fn a_new_address_is_unverified_and_the_old_one_retired() {
    let lab = Lab::start().await;
    let path = path(&lab, "ada@acme.example");
    lab.world.patch_member(
        "acme",
        "ada@acme.example",
        json!({ "member_password_id": "p" }),
    );
    let member = lab
        .put(&path, json!({ "email_address": "Ada2@acme.example" }))
        .await
        .ok()["member"]
        .clone();
    assert_eq!(
        (&member["email_address"], &member["email_address_verified"]),
        (&json!("ada2@acme.example"), &json!(false))
    );
    assert_eq!(member["member_password_id"], "");
    let retired = member["retired_email_addresses"][0].clone();
    assert_eq!(retired["email_address"], "ada@acme.example");
    assert!(text(&retired["email_id"]).starts_with("email-test-"));
    // Another member can't get the retired address, neither by creation nor by joining with the domain.
    let body = json!({ "email_address": "ADA@acme.example" });
    lab.post(MEMBERS, body.clone())
        .await
        .is_error(400, "retired_member_email");
    lab.post(MEMBERS, json!({ "email_address": "x@acme.example" }))
        .await
        .ok();
    lab.world.patch_member(
        "acme",
        "x@acme.example",
        json!({ "email_address_verified": true }),
    );
    lab.sign_in("google", "ada@acme.example", "acme", json!({}))
        .await
        .is_error(400, "inactive_email");
    // Its member can return to it.
    let back = lab.put(&path, body).await.ok()["member"].clone();
    assert_eq!(back["email_address"], "ada@acme.example");
    assert_eq!(
        back["retired_email_addresses"].as_array().map(Vec::len),
        Some(1)
    );
    assert_eq!(
        back["retired_email_addresses"][0]["email_address"],
        "ada2@acme.example"
    );
    // Or the old address is unlinked with the change.
    let unlinked = lab
        .put(
            &path,
            json!({ "email_address": "ada3@acme.example", "unlink_email": true }),
        )
        .await
        .ok()["member"]
        .clone();
    assert_eq!(
        unlinked["retired_email_addresses"].as_array().map(Vec::len),
        Some(1)
    );
    lab.post(MEMBERS, json!({ "email_address": "ada@acme.example" }))
        .await
        .ok();
}

/// The login of an existing session proved the old address only.
#[tokio::test]
async fn a_proof_of_the_old_address_does_not_prove_the_new_one() {
    let lab = Lab::start().await;
    let (token, _) = lab.adas_session().await;
    let body = json!({ "email_address": "dave@hooli.example" });
    ada(&lab, body).await.ok();
    let more = json!({ "session_token": token });
    let answer = lab
        .sign_in("github", "dave@hooli.example", "acme", more)
        .await
        .ok();
    let factors = &answer["member_session"]["authentication_factors"];
    assert_eq!(
        factors.as_array().map(Vec::len),
        Some(2),
        "both are factors"
    );
    assert_eq!(answer["member"]["email_address_verified"], false);
}

#[tokio::test]
async fn a_retired_address_can_be_unlinked() {
    let lab = Lab::start().await;
    let path = path(&lab, "ada@acme.example");
    let member = lab
        .put(&path, json!({ "email_address": "ada2@acme.example" }))
        .await
        .ok()["member"]
        .clone();
    let id = member["retired_email_addresses"][0]["email_id"].clone();
    let unlink = |body: Value| {
        let (lab, path) = (&lab, format!("{path}/unlink_retired_email"));
        async move { lab.post(&path, body).await }
    };
    unlink(json!({}))
        .await
        .is_error(400, "retired_email_missing_email_identifiers");
    unlink(json!({ "email_address": "x@y.example" }))
        .await
        .is_error(404, "email_not_found");
    unlink(json!({ "email_id": id, "email_address": "x@y.example" }))
        .await
        .is_error(404, "email_not_found");
    let answer = unlink(json!({ "email_id": id, "email_address": "ada@acme.example" }))
        .await
        .ok();
    has_exactly(
        &answer,
        "status_code request_id organization_id member_id member organization",
    );
    assert_eq!(answer["member"]["retired_email_addresses"], json!([]));
    unlink(json!({ "email_id": id }))
        .await
        .is_error(404, "email_not_found");
    lab.post(MEMBERS, json!({ "email_address": "ada@acme.example" }))
        .await
        .ok();
}

#[tokio::test]
async fn phone_number_and_totp_can_be_removed() {
    let lab = Lab::start().await;
    let initech = "/v1/b2b/organizations/initech/members";
    let id = |email: &str| text(&lab.member("initech", email)["member_id"]);
    let phone = format!("{initech}/mfa_phone_numbers/{}", id("ada@acme.example"));
    let member = lab.delete(&phone).await.ok()["member"].clone();
    for (key, value) in [
        ("mfa_phone_number", json!("")),
        ("mfa_phone_number_verified", json!(false)),
        ("default_mfa_method", json!("")),
        ("mfa_enrolled", json!(true)),
    ] {
        assert_eq!(member[key], value, "{key}");
    }
    lab.delete(&phone)
        .await
        .is_error(404, "member_phone_number_not_found");
    // MFA is still required, but the member has no factor for it.
    let next = lab
        .sign_in("google", "ada@acme.example", "initech", json!({}))
        .await
        .ok();
    assert_eq!(
        next["mfa_required"],
        json!({ "member_options": null, "secondary_auth_initiated": null })
    );

    let totp = format!("{initech}/{}/totp", id("carol@initech.example"));
    let member = lab.delete(&totp).await.ok()["member"].clone();
    assert_eq!(
        (
            &member["totp_registration_id"],
            &member["default_mfa_method"]
        ),
        (&json!(""), &json!(""))
    );
    lab.delete(&totp).await.is_error(404, "totp_not_found");
    for missing in [
        format!("{initech}/mfa_phone_numbers/member-test-x"),
        format!("{initech}/member-test-x/totp"),
    ] {
        lab.delete(&missing).await.is_error(404, "member_not_found");
    }
}

#[tokio::test]
async fn an_external_id_can_be_removed() {
    let lab = Lab::start().await;
    ada(&lab, json!({ "external_id": "crm-1" })).await.ok();
    let member = lab
        .delete(&format!("{MEMBERS}/crm-1/external_id"))
        .await
        .ok()["member"]
        .clone();
    assert_eq!(member["external_id"], Value::Null);
    lab.delete(&format!("{MEMBERS}/crm-1/external_id"))
        .await
        .is_error(404, "member_not_found");
}
