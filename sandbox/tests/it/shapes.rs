//! Objects have every key that the vendor sends, because the Python SDK refuses a 200 without one.

use serde_json::{Value, json};

use super::lab::Lab;

pub const ORGANIZATION: &str = "organization_id organization_name organization_slug organization_logo_url \
    organization_external_id trusted_metadata sso_default_connection_id sso_active_connections sso_jit_provisioning \
    sso_jit_provisioning_allowed_connections email_allowed_domains email_jit_provisioning email_invites \
    oauth_tenant_jit_provisioning allowed_oauth_tenants claimed_email_domains auth_methods allowed_auth_methods \
    mfa_policy mfa_methods allowed_mfa_methods rbac_email_implicit_role_assignments \
    first_party_connected_apps_allowed_type allowed_first_party_connected_apps \
    third_party_connected_apps_allowed_type allowed_third_party_connected_apps custom_roles scim_active_connection \
    scim_active_connections created_at updated_at";
pub const MEMBER: &str = "organization_id member_id external_id email_address email_address_verified \
    retired_email_addresses status name is_breakglass is_admin is_locked member_password_id oauth_registrations \
    sso_registrations scim_registration mfa_enrolled mfa_phone_number mfa_phone_number_verified totp_registration_id \
    default_mfa_method roles trusted_metadata untrusted_metadata created_at updated_at lock_created_at lock_expires_at";
pub const SESSION: &str = "member_session_id member_id organization_id organization_slug started_at last_accessed_at \
    expires_at authentication_factors roles custom_claims";
pub const AUTH: &str = "status_code request_id member_id member organization session_token session_jwt member_session \
    member_authenticated intermediate_session_token intermediate_session_token_expires_at mfa_required \
    primary_required member_device";

#[track_caller]
pub fn has_exactly(object: &Value, names: &str) {
    let mut expected: Vec<&str> = names.split_whitespace().collect();
    let mut found: Vec<&str> = object
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect();
    expected.sort_unstable();
    found.sort_unstable();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn objects_have_every_key() {
    let lab = Lab::start().await;
    let answer = lab
        .sign_in("google", "ada@acme.example", "acme", json!({}))
        .await
        .ok();
    has_exactly(
        &answer,
        &format!(
            "{AUTH} organization_id provider_subject provider_type provider_values reset_sessions"
        ),
    );
    has_exactly(&answer["organization"], ORGANIZATION);
    has_exactly(&answer["member"], MEMBER);
    has_exactly(&answer["member_session"], SESSION);
    has_exactly(
        &answer["provider_values"],
        "access_token refresh_token id_token expires_at scopes",
    );
    let factor = &answer["member_session"]["authentication_factors"][0];
    has_exactly(
        factor,
        "type delivery_method last_authenticated_at created_at updated_at sequence_order google_oauth_factor",
    );
    has_exactly(
        &factor["google_oauth_factor"],
        "id provider_subject email_id",
    );
    let registration = "provider_type provider_subject member_oauth_registration_id profile_picture_url locale provider_tenants";
    has_exactly(&answer["member"]["oauth_registrations"][0], registration);
    has_exactly(&answer["member"]["roles"][0], "role_id sources");
    let bob = lab.member("globex", "bob@globex.example");
    has_exactly(
        &bob["sso_registrations"][0],
        "connection_id external_id registration_id sso_attributes",
    );
}

#[tokio::test]
async fn responses_have_every_key() {
    let lab = Lab::start().await;
    let login = lab.discover("google", "ada@acme.example").await;
    let names = "status_code request_id intermediate_session_token intermediate_session_token_expires_at email_address \
                 full_name provider_type provider_tenant_id provider_tenant_ids discovered_organizations";
    has_exactly(&login, names);
    let entry = &login["discovered_organizations"][0];
    has_exactly(
        entry,
        "organization membership member_authenticated primary_required mfa_required",
    );
    has_exactly(&entry["membership"], "type details member");
    has_exactly(&entry["membership"]["member"], MEMBER);
    has_exactly(&entry["organization"], ORGANIZATION);

    let ist = json!({ "intermediate_session_token": login["intermediate_session_token"] });
    let answer = lab
        .post("/v1/b2b/discovery/organizations", ist.clone())
        .await
        .ok();
    has_exactly(
        &answer,
        "status_code request_id email_address discovered_organizations organization_id_hint",
    );
    has_exactly(&lab.create(ist).await.ok(), AUTH);
    let ist = lab.ist("google", "ada@acme.example").await;
    let waiting = lab.exchange(&ist, "initech").await.ok();
    has_exactly(&waiting, AUTH);
    has_exactly(&waiting["member"], MEMBER);
    let answer = lab.exchange(&ist, "acme").await.ok();
    has_exactly(&answer, AUTH);
    let body = json!({ "session_token": answer["session_token"] });
    let session = lab.post("/v1/b2b/sessions/authenticate", body).await.ok();
    has_exactly(
        &session,
        "status_code request_id member_session session_token session_jwt member organization verdict",
    );
    let search = lab
        .post("/v1/b2b/organizations/search", json!({}))
        .await
        .ok();
    has_exactly(
        &search,
        "status_code request_id organizations results_metadata",
    );
    has_exactly(&search["results_metadata"], "total next_cursor");
}

/// Fields that the reference describes as "empty if unset" are `""`, even for a new member.
#[tokio::test]
async fn unset_texts_are_empty_and_not_null() {
    let lab = Lab::start().await;
    let ist = lab.ist("google", "grace@acme.example").await;
    let member = lab.exchange(&ist, "acme").await.ok()["member"].clone();
    for name in [
        "member_password_id",
        "totp_registration_id",
        "mfa_phone_number",
        "default_mfa_method",
    ] {
        assert_eq!(member[name], "", "{name}");
    }
    let id = lab
        .world
        .add_member("acme", json!({ "email_address": "new@acme.example" }));
    let added = lab.member("acme", "new@acme.example");
    assert_eq!(
        (&added["name"], &added["member_id"]),
        (&json!(""), &json!(id))
    );
    has_exactly(&added, MEMBER);
    let id = lab.world.add_organization(
        json!({ "name": "New", "slug": "new", "mfa_policy": "REQUIRED_FOR_ALL" }),
    );
    let added = lab.organization("new");
    assert_eq!(
        (&added["mfa_policy"], &added["organization_id"]),
        (&json!("REQUIRED_FOR_ALL"), &json!(id))
    );
    has_exactly(&added, ORGANIZATION);
}

#[tokio::test]
async fn ids_have_the_vendors_format() {
    let lab = Lab::start().await;
    let ist = lab.ist("google", "frank@startup.example").await;
    let answer = lab
        .create(json!({ "intermediate_session_token": ist }))
        .await
        .ok();
    for (value, prefix) in [
        (&answer["request_id"], "request-id-test-"),
        (
            &answer["organization"]["organization_id"],
            "organization-test-",
        ),
        (&answer["member_id"], "member-test-"),
        (
            &answer["member_session"]["member_session_id"],
            "member-session-test-",
        ),
        (
            &answer["member"]["oauth_registrations"][0]["member_oauth_registration_id"],
            "oauth-user-test-",
        ),
    ] {
        let uuid = value
            .as_str()
            .and_then(|it| it.strip_prefix(prefix))
            .unwrap_or_else(|| panic!("{value}"));
        assert_eq!(
            uuid::Uuid::try_parse(uuid).map(|it| it.to_string()),
            Ok(uuid.to_owned())
        );
    }
    let started = answer["member_session"]["started_at"]
        .as_str()
        .expect("a time");
    assert!(
        started.len() == 20 && started.ends_with('Z'),
        "whole seconds, UTC: {started}"
    );
}
