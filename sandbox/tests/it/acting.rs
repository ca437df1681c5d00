//! Calls with a member's session in a header, which have the member's rights. See `docs/stytch.md#calls-and-errors` and
//! `docs/stytch.md#sessions-and-jwts`.

use reqwest::Method;
use serde_json::{Value, json};

use super::lab::{Lab, Reply, text};

pub const TOKEN: &str = "X-Stytch-Member-Session";
const JWT: &str = "X-Stytch-Member-SessionJWT";
pub const ACME: &str = "/v1/b2b/organizations/acme";
const UNKNOWN: &str = "AqaZp5x2ZqZ29gcSr1wdOeVbN-VoypFaHA4jNW2L_z_J";

/// A call with the rights of the member whose session is in this header.
pub async fn call(
    lab: &Lab,
    method: Method,
    path: &str,
    header: (&str, &str),
    body: Value,
) -> Reply {
    let request = lab.call(method, path).header(header.0, header.1);
    Reply::send(request.json(&body)).await
}

pub async fn put(lab: &Lab, token: &str, path: &str, body: Value) -> Reply {
    call(lab, Method::PUT, path, (TOKEN, token), body).await
}

/// A session token of this person in an organization, after a sign-in with Google.
pub async fn session(lab: &Lab, email: &str, organization: &str) -> String {
    let answer = lab.sign_in("google", email, organization, json!({})).await;
    text(&answer.ok()["session_token"])
}

/// A session of Grace, who joins Acme by its domain and is not an admin.
pub async fn graces_session(lab: &Lab) -> String {
    let ist = lab.ist("google", "grace@acme.example").await;
    text(&lab.exchange(&ist, "acme").await.ok()["session_token"])
}

/// The path of a member of Acme.
pub fn member_path(lab: &Lab, email: &str) -> String {
    format!(
        "{ACME}/members/{}",
        text(&lab.member("acme", email)["member_id"])
    )
}

#[tokio::test]
async fn an_admin_can_act_and_a_member_cannot() {
    let lab = Lab::start().await;
    let (ada, jwt) = lab.adas_session().await;
    let grace = graces_session(&lab).await;
    let wanted = || json!({ "email_jit_provisioning": "NOT_ALLOWED" });
    let before = lab.organization("acme");
    put(&lab, &grace, ACME, wanted())
        .await
        .is_error(403, "session_authorization_error");
    assert_eq!(lab.organization("acme"), before);
    put(&lab, &ada, ACME, wanted()).await.ok();
    assert_eq!(
        lab.organization("acme")["email_jit_provisioning"],
        "NOT_ALLOWED"
    );
    let body = json!({ "email_jit_provisioning": "RESTRICTED" });
    call(&lab, Method::PUT, ACME, (JWT, &jwt), body).await.ok();
    // Without a header, the call has the project's rights.
    lab.put(ACME, wanted()).await.ok();
}

/// This checks all fields, not only the one that the app uses.
#[tokio::test]
async fn a_member_cannot_change_any_field_of_the_organization() {
    let lab = Lab::start().await;
    let grace = graces_session(&lab).await;
    let (ada, _) = lab.adas_session().await;
    for (field, value) in [
        ("organization_name", json!("x")),
        ("organization_slug", json!("xx")),
        ("organization_logo_url", json!("x")),
        ("sso_default_connection_id", json!("x")),
        ("sso_jit_provisioning", json!("ALL_ALLOWED")),
        ("sso_jit_provisioning_allowed_connections", json!([])),
        ("email_allowed_domains", json!(["acme.example"])),
        ("email_jit_provisioning", json!("RESTRICTED")),
        ("email_invites", json!("ALL_ALLOWED")),
        ("auth_methods", json!("ALL_ALLOWED")),
        ("allowed_auth_methods", json!([])),
        ("mfa_policy", json!("OPTIONAL")),
        ("mfa_methods", json!("ALL_ALLOWED")),
        ("allowed_mfa_methods", json!([])),
        ("rbac_email_implicit_role_assignments", json!([])),
        ("oauth_tenant_jit_provisioning", json!("NOT_ALLOWED")),
        ("allowed_oauth_tenants", json!({})),
    ] {
        put(&lab, &grace, ACME, json!({ field: value }))
            .await
            .is_error(403, "session_authorization_error");
    }
    for (field, value) in [
        ("trusted_metadata", json!({ "plan": "free" })),
        ("organization_external_id", json!("x")),
        ("claimed_email_domains", json!(["acme.example"])),
        (
            "first_party_connected_apps_allowed_type",
            json!("ALL_ALLOWED"),
        ),
        ("allowed_first_party_connected_apps", json!([])),
        (
            "third_party_connected_apps_allowed_type",
            json!("ALL_ALLOWED"),
        ),
        ("allowed_third_party_connected_apps", json!([])),
    ] {
        for token in [&grace, &ada] {
            put(&lab, token, ACME, json!({ field: value }))
                .await
                .is_error(403, "unauthorized_action");
        }
    }
    call(&lab, Method::DELETE, ACME, (TOKEN, &grace), json!({}))
        .await
        .is_error(403, "session_authorization_error");
    call(
        &lab,
        Method::DELETE,
        &format!("{ACME}/external_id"),
        (TOKEN, &ada),
        json!({}),
    )
    .await
    .is_error(403, "unauthorized_action");
    call(&lab, Method::DELETE, ACME, (TOKEN, &ada), json!({}))
        .await
        .ok();
}

/// An administrator of one organization has no rights in another.
#[tokio::test]
async fn an_admin_has_no_rights_in_other_organizations() {
    let lab = Lab::start().await;
    let (ada, _) = lab.adas_session().await;
    let hal = text(&lab.member("hooli", "hal@hooli.example")["member_id"]);
    let hooli = "/v1/b2b/organizations/hooli";
    let member = format!("{hooli}/members/{hal}");
    for (method, path, body) in [
        (
            Method::PUT,
            hooli.to_owned(),
            json!({ "organization_name": "Ada's" }),
        ),
        (Method::PUT, hooli.to_owned(), json!({})),
        (Method::DELETE, hooli.to_owned(), json!({})),
        (
            Method::POST,
            format!("{hooli}/members"),
            json!({ "email_address": "x@hooli.example" }),
        ),
        (Method::PUT, member.clone(), json!({ "name": "x" })),
        (Method::PUT, format!("{member}/reactivate"), json!({})),
        (Method::DELETE, member.clone(), json!({})),
        (Method::DELETE, format!("{member}/totp"), json!({})),
        (
            Method::POST,
            format!("{member}/unlink_retired_email"),
            json!({ "email_id": "x" }),
        ),
        (
            Method::POST,
            "/v1/b2b/organizations/members/search".to_owned(),
            json!({ "organization_ids": ["acme", "hooli"] }),
        ),
        (
            Method::POST,
            "/v1/b2b/sessions/revoke".to_owned(),
            json!({ "member_id": hal }),
        ),
    ] {
        call(&lab, method, &path, (TOKEN, &ada), body)
            .await
            .is_error(403, "session_authorization_tenancy_error");
    }
}

/// Such a header never leads to the project's rights.
#[tokio::test]
async fn a_header_without_a_live_session_is_refused() {
    let lab = Lab::start().await;
    let (ada, jwt) = lab.adas_session().await;
    let rename = || json!({ "organization_name": "x" });
    for (header, value, status, error) in [
        (TOKEN, "", 400, "invalid_session_token"),
        (TOKEN, "short", 400, "invalid_session_token"),
        (TOKEN, UNKNOWN, 404, "session_not_found"),
        (JWT, "", 400, "unable_to_parse_session_jwt"),
    ] {
        call(&lab, Method::PUT, ACME, (header, value), rename())
            .await
            .is_error(status, error);
    }
    let both = lab
        .call(Method::PUT, ACME)
        .header(TOKEN, &ada)
        .header(JWT, &jwt);
    Reply::send(both.json(&rename()))
        .await
        .is_error(400, "too_many_session_arguments");
    lab.world
        .patch_member("acme", "ada@acme.example", json!({ "is_locked": true }));
    put(&lab, &ada, ACME, rename())
        .await
        .is_error(429, "user_lock_limit_reached");
    lab.world.patch_member(
        "acme",
        "ada@acme.example",
        json!({ "is_locked": false, "roles": [] }),
    );
    put(&lab, &ada, ACME, rename())
        .await
        .is_error(403, "session_authorization_error");
    lab.world.revoke_all_sessions();
    put(&lab, &ada, ACME, rename())
        .await
        .is_error(404, "session_not_found");
    assert_eq!(lab.organization("acme")["organization_name"], "Acme Corp");
}
