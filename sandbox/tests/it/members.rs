//! `organizations.members`: create, get, delete, reactivate. See `docs/stytch.md#members`.

use serde_json::{Value, json};

use super::lab::{Lab, listed, text};
use super::shapes::{MEMBER, ORGANIZATION, has_exactly};

const MEMBERS: &str = "/v1/b2b/organizations/acme/members";
const GET: &str = "/v1/b2b/organizations/acme/member";

/// The path of a member of Acme.
fn path(lab: &Lab, email: &str) -> String {
    format!(
        "{MEMBERS}/{}",
        text(&lab.member("acme", email)["member_id"])
    )
}

#[tokio::test]
async fn a_member_is_created_active_and_unverified() {
    let lab = Lab::start().await;
    let body = json!({
        "email_address": "New@Acme.example", "name": "New", "trusted_metadata": { "a": 1, "b": null },
        "untrusted_metadata": { "theme": "dark" }, "is_breakglass": true, "mfa_enrolled": true,
        "mfa_phone_number": "+15555550123", "external_id": "crm-1", "roles": ["stytch_admin"],
    });
    let answer = lab.post(MEMBERS, body).await.ok();
    has_exactly(
        &answer,
        "status_code request_id member_id member organization",
    );
    has_exactly(&answer["member"], MEMBER);
    has_exactly(&answer["organization"], ORGANIZATION);
    let member = &answer["member"];
    assert_eq!(answer["member_id"], member["member_id"]);
    for (key, value) in [
        ("email_address", json!("new@acme.example")),
        ("email_address_verified", json!(false)),
        ("status", json!("active")),
        ("name", json!("New")),
        ("trusted_metadata", json!({ "a": 1 })),
        ("untrusted_metadata", json!({ "theme": "dark" })),
        ("is_breakglass", json!(true)),
        ("is_admin", json!(true)),
        ("mfa_enrolled", json!(true)),
        ("mfa_phone_number", json!("+15555550123")),
        ("mfa_phone_number_verified", json!(false)),
        ("external_id", json!("crm-1")),
    ] {
        assert_eq!(member[key], value, "{key}");
    }
    let roles: Vec<&Value> = member["roles"]
        .as_array()
        .expect("roles")
        .iter()
        .map(|it| &it["role_id"])
        .collect();
    assert_eq!(roles, ["stytch_member", "stytch_admin"]);
    assert_eq!(lab.member("acme", "new@acme.example"), *member);
    let body = json!({ "email_address": "p@acme.example", "create_member_as_pending": true });
    assert_eq!(
        lab.post(MEMBERS, body).await.ok()["member"]["status"],
        "pending"
    );
}

/// The login verifies the address if its method proves addresses.
#[tokio::test]
async fn a_created_member_can_sign_in() {
    let lab = Lab::start().await;
    let body =
        json!({ "email_address": "frank@startup.example", "create_member_as_pending": true });
    lab.post(MEMBERS, body).await.ok();
    let answer = lab.discover("google", "frank@startup.example").await;
    assert_eq!(
        listed(&answer),
        [("acme".to_owned(), "pending_member".to_owned())]
    );
    let signed_in = lab
        .sign_in("google", "frank@startup.example", "acme", json!({}))
        .await
        .ok();
    assert_eq!(signed_in["member"]["status"], "active");
    assert_eq!(signed_in["member"]["email_address_verified"], true);
}

#[tokio::test]
async fn invalid_new_members_are_refused() {
    let lab = Lab::start().await;
    let adas = path(&lab, "ada@acme.example");
    lab.put(
        &adas,
        json!({ "mfa_phone_number": "+15555550100", "external_id": "crm-1" }),
    )
    .await
    .ok();
    lab.put(
        "/v1/b2b/organizations/hooli",
        json!({ "claimed_email_domains": ["hooli.example"] }),
    )
    .await
    .ok();
    lab.post(MEMBERS, json!({}))
        .await
        .is_error(400, "bad_request");
    for (field, value, error) in [
        ("email_address", json!("nonsense"), "invalid_email"),
        (
            "email_address",
            json!("ADA@acme.example"),
            "duplicate_member_email",
        ),
        (
            "email_address",
            json!("carol@initech.example"),
            "duplicate_member_email",
        ),
        (
            "email_address",
            json!("x@hooli.example"),
            "action_not_allowed_email_domain_is_claimed",
        ),
        (
            "mfa_phone_number",
            json!("5555550123"),
            "invalid_phone_number",
        ),
        (
            "mfa_phone_number",
            json!("+0555555012"),
            "invalid_phone_number",
        ),
        ("mfa_phone_number", json!(""), "invalid_phone_number"),
        (
            "mfa_phone_number",
            json!("+15555550100"),
            "duplicate_member_phone_number",
        ),
        (
            "external_id",
            json!("crm-1"),
            "duplicate_member_external_id",
        ),
        ("external_id", json!("a b"), "bad_request"),
        (
            "external_id",
            json!("member-test-11111111-1111-4111-8111-111111111111"),
            "bad_request",
        ),
        ("roles", json!(["nobody"]), "invalid_role"),
        ("trusted_metadata", json!(5), "metadata_invalid_format"),
        (
            "untrusted_metadata",
            json!({ "x": "y".repeat(5000) }),
            "metadata_too_large",
        ),
        ("is_breakglass", json!("yes"), "bad_request"),
        ("create_member_as_pending", json!(1), "bad_request"),
    ] {
        let mut body = json!({ "email_address": "new@acme.example" });
        body[field] = value;
        lab.post(MEMBERS, body).await.is_error(400, error);
    }
    let body = json!({ "email_address": "new@acme.example", "mfa_phone_number": "+15555550123", "create_member_as_pending": true });
    lab.post(MEMBERS, body)
        .await
        .is_error(400, "action_available_only_for_active_members");
    let body = json!({ "email_address": "new@acme.example" });
    lab.post("/v1/b2b/organizations/nobody/members", body)
        .await
        .is_error(404, "organization_not_found");
    assert_eq!(lab.member("acme", "new@acme.example"), Value::Null);
    // External ids are unique in an organization only.
    let body = json!({ "email_address": "new@globex.example", "external_id": "crm-1" });
    lab.post("/v1/b2b/organizations/globex/members", body)
        .await
        .ok();
}

#[tokio::test]
async fn members_are_found_by_id_external_id_or_address() {
    let lab = Lab::start().await;
    lab.world.patch_member(
        "acme",
        "ada@acme.example",
        json!({ "external_id": "crm-1" }),
    );
    let ada = lab.member("acme", "ada@acme.example");
    let id = text(&ada["member_id"]);
    // As the Python SDK sends it, with the organization's id repeated.
    for query in [
        format!("member_id={id}&organization_id=acme"),
        "member_id=crm-1".to_owned(),
        "email_address=Ada%40acme.example".to_owned(),
    ] {
        let answer = lab.get(&format!("{GET}?{query}")).await.ok();
        has_exactly(
            &answer,
            "status_code request_id member_id member organization",
        );
        assert_eq!(answer["member"], ada, "{query}");
    }
    for (query, status, error) in [
        (String::new(), 400, "invalid_member_get_fields"),
        (
            format!("member_id={id}&email_address=ada@acme.example"),
            400,
            "invalid_member_get_fields",
        ),
        (
            "member_id=member-test-x".to_owned(),
            404,
            "member_not_found",
        ),
        (
            "email_address=x@y.example".to_owned(),
            404,
            "member_not_found",
        ),
    ] {
        lab.get(&format!("{GET}?{query}"))
            .await
            .is_error(status, error);
    }
    let elsewhere = format!("/v1/b2b/organizations/globex/member?member_id={id}");
    lab.get(&elsewhere).await.is_error(404, "member_not_found");
    lab.get("/v1/b2b/organizations/nobody/member?member_id=x")
        .await
        .is_error(404, "organization_not_found");
}

#[tokio::test]
async fn dangerously_get_requires_no_organization() {
    let lab = Lab::start().await;
    let ada = lab.member("acme", "ada@acme.example");
    let path = format!(
        "/v1/b2b/organizations/members/dangerously_get/{}",
        text(&ada["member_id"])
    );
    assert_eq!(lab.get(&path).await.ok()["member"], ada);
    lab.world
        .patch_member("acme", "ada@acme.example", json!({ "status": "deleted" }));
    lab.get(&path).await.is_error(404, "member_not_found");
    for no in ["false", "False"] {
        lab.get(&format!("{path}?include_deleted={no}"))
            .await
            .is_error(404, "member_not_found");
    }
    for yes in ["true", "True"] {
        let answer = lab.get(&format!("{path}?include_deleted={yes}")).await.ok();
        assert_eq!(answer["member"]["status"], "deleted");
    }
    lab.get(&format!("{path}?include_deleted=1"))
        .await
        .is_error(400, "bad_request");
}

#[tokio::test]
async fn a_deleted_member_is_signed_out_immediately() {
    let lab = Lab::start().await;
    let (token, jwt) = lab.adas_session().await;
    let id = lab.member("acme", "ada@acme.example")["member_id"].clone();
    let adas = path(&lab, "ada@acme.example");
    lab.put(
        "/v1/b2b/organizations/acme",
        json!({ "email_jit_provisioning": "NOT_ALLOWED" }),
    )
    .await
    .ok();
    let answer = lab.delete(&adas).await.ok();
    has_exactly(&answer, "status_code request_id member_id");
    assert_eq!(answer["member_id"], id);
    for body in [
        json!({ "session_token": token }),
        json!({ "session_jwt": jwt }),
    ] {
        lab.post("/v1/b2b/sessions/authenticate", body)
            .await
            .is_error(404, "session_not_found");
    }
    lab.sign_in("google", "ada@acme.example", "acme", json!({}))
        .await
        .is_error(400, "email_jit_provisioning_not_allowed");
    let answer = lab.discover("google", "ada@acme.example").await;
    assert!(listed(&answer).iter().all(|(slug, _)| slug != "acme"));
    lab.delete(&adas).await.is_error(404, "member_not_found");
    lab.put(&adas, json!({ "name": "x" }))
        .await
        .is_error(404, "member_not_found");
    lab.get(&format!("{GET}?email_address=ada@acme.example"))
        .await
        .is_error(404, "member_not_found");
    // The address is free again.
    let other = lab
        .post(MEMBERS, json!({ "email_address": "ada@acme.example" }))
        .await
        .ok();
    assert_ne!(other["member_id"], id);
}

#[tokio::test]
async fn a_deleted_member_can_be_reactivated_without_the_sessions() {
    let lab = Lab::start().await;
    let (token, _) = lab.adas_session().await;
    let adas = path(&lab, "ada@acme.example");
    lab.put(&adas, json!({ "external_id": "crm-1" })).await.ok();
    let again = format!("{adas}/reactivate");
    lab.put(&again, json!({}))
        .await
        .is_error(400, "bad_request");
    lab.delete(&adas).await.ok();
    lab.put(&format!("{MEMBERS}/crm-1/reactivate"), json!({}))
        .await
        .is_error(404, "member_not_found");
    let answer = lab.put(&again, json!({})).await.ok();
    has_exactly(&answer["member"], MEMBER);
    assert_eq!(answer["member"]["status"], "active");
    let body = json!({ "session_token": token });
    lab.post("/v1/b2b/sessions/authenticate", body)
        .await
        .is_error(404, "session_not_found");
    lab.adas_session().await;
}

/// Reactivation can't replace an invitation or a verification.
#[tokio::test]
async fn only_deleted_members_with_a_verified_free_address_are_reactivated() {
    let lab = Lab::start().await;
    let carols = path(&lab, "carol@initech.example");
    lab.put(&format!("{carols}/reactivate"), json!({}))
        .await
        .is_error(400, "bad_request");
    lab.delete(&carols).await.ok();
    lab.put(&format!("{carols}/reactivate"), json!({}))
        .await
        .is_error(400, "email_unverified_for_reactivation");
    let adas = path(&lab, "ada@acme.example");
    lab.delete(&adas).await.ok();
    lab.post(MEMBERS, json!({ "email_address": "ada@acme.example" }))
        .await
        .ok();
    lab.put(&format!("{adas}/reactivate"), json!({}))
        .await
        .is_error(400, "reactivation_email_belongs_to_another_member");
    let unknown = format!("{MEMBERS}/member-test-x/reactivate");
    lab.put(&unknown, json!({}))
        .await
        .is_error(404, "member_not_found");
}
