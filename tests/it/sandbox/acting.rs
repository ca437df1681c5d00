//! Calls made with a member's session in a header: the member's own rights decide (fact sheet §1.1, §5.8, §8).

use reqwest::Method;
use serde_json::{Value, json};

use super::lab::{Lab, Reply, text};

const TOKEN: &str = "X-Stytch-Member-Session";
const JWT: &str = "X-Stytch-Member-SessionJWT";
const ACME: &str = "/v1/b2b/organizations/acme";
const UNKNOWN: &str = "AqaZp5x2ZqZ29gcSr1wdOeVbN-VoypFaHA4jNW2L_z_J";

/// A call in the name of the member whose session this header holds.
async fn call(lab: &Lab, method: Method, path: &str, header: (&str, &str), body: Value) -> Reply {
    let request = lab.call(method, path).header(header.0, header.1);
    Reply::send(request.json(&body)).await
}

async fn put(lab: &Lab, token: &str, path: &str, body: Value) -> Reply {
    call(lab, Method::PUT, path, (TOKEN, token), body).await
}

/// Somebody's session token in an organization, by Google.
async fn session(lab: &Lab, email: &str, organization: &str) -> String {
    let answer = lab.sign_in("google", email, organization, json!({})).await;
    text(&answer.ok()["session_token"])
}

/// Grace, who joins Acme by its domain and is no admin.
async fn graces_session(lab: &Lab) -> String {
    let ist = lab.ist("google", "grace@acme.example").await;
    text(&lab.exchange(&ist, "acme").await.ok()["session_token"])
}

/// The path of a member of Acme.
fn member_path(lab: &Lab, email: &str) -> String {
    format!(
        "{ACME}/members/{}",
        text(&lab.member("acme", email)["member_id"])
    )
}

#[tokio::test]
async fn an_admin_may_and_a_member_may_not() {
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
    // Without a header the project itself acts.
    lab.put(ACME, wanted()).await.ok();
}

/// Every field of the organization is guarded, not only the one that the app uses.
#[tokio::test]
async fn no_field_of_an_organization_is_open_to_a_member() {
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

/// An admin of one organization is nobody in another.
#[tokio::test]
async fn rights_end_at_the_own_organization() {
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

/// A header that names no live session is refused: it never turns into the project's rights.
#[tokio::test]
async fn a_session_that_does_not_live_has_no_rights() {
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

#[tokio::test]
async fn of_oneself_a_member_may_change_some() {
    let lab = Lab::start().await;
    let grace = graces_session(&lab).await;
    let own = member_path(&lab, "grace@acme.example");
    let adas = member_path(&lab, "ada@acme.example");
    for body in [
        json!({ "name": "G. Hopper" }),
        json!({ "untrusted_metadata": { "theme": "dark" } }),
        json!({ "mfa_enrolled": true }),
        json!({ "default_mfa_method": "sms_otp" }),
        json!({ "mfa_phone_number": "+15555550123" }),
    ] {
        put(&lab, &grace, &own, body.clone()).await.ok();
        put(&lab, &grace, &adas, body)
            .await
            .is_error(403, "session_authorization_error");
    }
    for body in [
        json!({ "roles": ["stytch_admin"] }),
        json!({ "is_breakglass": true }),
        json!({ "email_address": "g@acme.example" }),
    ] {
        put(&lab, &grace, &own, body)
            .await
            .is_error(403, "session_authorization_error");
    }
    for body in [
        json!({ "trusted_metadata": { "admin": true } }),
        json!({ "external_id": "x" }),
    ] {
        put(&lab, &grace, &own, body)
            .await
            .is_error(403, "unauthorized_action");
    }
    let phone = format!(
        "{ACME}/members/mfa_phone_numbers/{}",
        text(&lab.member("acme", "grace@acme.example")["member_id"])
    );
    call(&lab, Method::DELETE, &phone, (TOKEN, &grace), json!({}))
        .await
        .ok();
    assert_eq!(lab.member("acme", "grace@acme.example")["is_admin"], false);
    call(&lab, Method::DELETE, &adas, (TOKEN, &grace), json!({}))
        .await
        .is_error(403, "session_authorization_error");
    call(&lab, Method::DELETE, &own, (TOKEN, &grace), json!({}))
        .await
        .ok();
    assert_eq!(
        lab.member("acme", "grace@acme.example")["status"],
        "deleted"
    );
}

#[tokio::test]
async fn an_admin_manages_members_but_not_the_own_address() {
    let lab = Lab::start().await;
    let (ada, _) = lab.adas_session().await;
    let carol = member_path(&lab, "carol@initech.example");
    put(
        &lab,
        &ada,
        &carol,
        json!({ "roles": ["stytch_admin"], "name": "C.", "email_address": "c@initech.example" }),
    )
    .await
    .ok();
    put(
        &lab,
        &ada,
        &member_path(&lab, "ada@acme.example"),
        json!({ "email_address": "a@acme.example" }),
    )
    .await
    .is_error(403, "member_cannot_update_their_email_address");
    let post = |path: &str, body: Value| {
        let path = path.to_owned();
        let (lab, ada) = (&lab, &ada);
        async move { call(lab, Method::POST, &path, (TOKEN, ada), body).await }
    };
    let members = format!("{ACME}/members");
    post(
        &members,
        json!({ "email_address": "new@acme.example", "roles": ["stytch_admin"] }),
    )
    .await
    .ok();
    post(
        &members,
        json!({ "email_address": "n2@acme.example", "trusted_metadata": {} }),
    )
    .await
    .is_error(403, "unauthorized_action");
    post(
        "/v1/b2b/organizations/members/search",
        json!({ "organization_ids": ["acme"] }),
    )
    .await
    .ok();
    let grace = graces_session(&lab).await;
    for (path, body) in [
        (
            members.as_str(),
            json!({ "email_address": "n3@acme.example" }),
        ),
        (
            "/v1/b2b/organizations/members/search",
            json!({ "organization_ids": ["acme"] }),
        ),
    ] {
        call(&lab, Method::POST, path, (TOKEN, &grace), body)
            .await
            .is_error(403, "session_authorization_error");
    }
}

/// A member who makes another is inviting: the organization's policy counts then. The project is free of it.
#[tokio::test]
async fn members_made_by_members_keep_to_the_invite_policy() {
    let lab = Lab::start().await;
    let (ada, _) = lab.adas_session().await;
    let members = format!("{ACME}/members");
    let make = |email: &str| json!({ "email_address": email });
    lab.put(ACME, json!({ "email_invites": "RESTRICTED" }))
        .await
        .ok();
    let outsider = call(
        &lab,
        Method::POST,
        &members,
        (TOKEN, &ada),
        make("x@else.example"),
    )
    .await;
    outsider.is_error(400, "invalid_email_for_invites");
    call(
        &lab,
        Method::POST,
        &members,
        (TOKEN, &ada),
        make("x@acme.example"),
    )
    .await
    .ok();
    lab.put(ACME, json!({ "email_invites": "NOT_ALLOWED" }))
        .await
        .ok();
    let closed = call(
        &lab,
        Method::POST,
        &members,
        (TOKEN, &ada),
        make("y@acme.example"),
    )
    .await;
    closed.is_error(400, "invalid_email_for_invites");
    lab.post(&members, make("x@else.example")).await.ok();
}

/// An invitation is the same as making a member.
#[tokio::test]
async fn invitations_need_the_same_rights() {
    let lab = Lab::start().await;
    let (ada, _) = lab.adas_session().await;
    let grace = graces_session(&lab).await;
    let invite = |token: &str, mut body: Value| {
        body["organization_id"] = json!("acme");
        body["email_address"] = json!("x@acme.example");
        let (lab, token) = (&lab, token.to_owned());
        async move {
            let path = "/v1/b2b/magic_links/email/invite";
            call(lab, Method::POST, path, (TOKEN, &token), body).await
        }
    };
    invite(&grace, json!({}))
        .await
        .is_error(403, "session_authorization_error");
    invite(&ada, json!({ "trusted_metadata": {} }))
        .await
        .is_error(403, "unauthorized_action");
    invite(&ada, json!({ "roles": ["stytch_admin"] }))
        .await
        .ok();
    let hals = session(&lab, "hal@hooli.example", "hooli").await;
    invite(&hals, json!({}))
        .await
        .is_error(403, "session_authorization_tenancy_error");
    let recruiter = json!([{ "role_id": "recruiter", "description": "", "permissions": [{ "resource_id": "stytch.member", "actions": ["create"] }] }]);
    lab.put(
        "/v1/b2b/rbac/organizations/acme",
        json!({ "org_policy": { "roles": recruiter } }),
    )
    .await
    .ok();
    lab.world.patch_member(
        "acme",
        "grace@acme.example",
        json!({ "roles": ["recruiter"] }),
    );
    invite(&grace, json!({ "roles": ["stytch_admin"] }))
        .await
        .is_error(403, "session_authorization_error");
    invite(&grace, json!({})).await.ok();
}

#[tokio::test]
async fn whoever_may_create_members_may_not_make_admins_by_that() {
    let lab = Lab::start().await;
    let recruiter = json!([{ "role_id": "recruiter", "description": "", "permissions": [{ "resource_id": "stytch.member", "actions": ["create"] }] }]);
    lab.put(
        "/v1/b2b/rbac/organizations/acme",
        json!({ "org_policy": { "roles": recruiter } }),
    )
    .await
    .ok();
    let grace = graces_session(&lab).await;
    lab.world.patch_member(
        "acme",
        "grace@acme.example",
        json!({ "roles": ["recruiter"] }),
    );
    let members = format!("{ACME}/members");
    for more in [
        json!({ "roles": ["stytch_admin"] }),
        json!({ "is_breakglass": true }),
    ] {
        let mut body = more;
        body["email_address"] = json!("x@acme.example");
        call(&lab, Method::POST, &members, (TOKEN, &grace), body)
            .await
            .is_error(403, "session_authorization_error");
    }
    let body = json!({ "email_address": "x@acme.example" });
    call(&lab, Method::POST, &members, (TOKEN, &grace), body)
        .await
        .ok();
}

#[tokio::test]
async fn sessions_are_ended_by_their_member_or_an_admin() {
    let lab = Lab::start().await;
    let (ada, _) = lab.adas_session().await;
    let grace = graces_session(&lab).await;
    let revoke = |with: &str, body: Value| {
        let with = with.to_owned();
        let lab = &lab;
        async move {
            call(
                lab,
                Method::POST,
                "/v1/b2b/sessions/revoke",
                (TOKEN, &with),
                body,
            )
            .await
        }
    };
    revoke(&grace, json!({ "session_token": ada }))
        .await
        .is_error(403, "session_authorization_error");
    let second = session(&lab, "ada@acme.example", "acme").await;
    revoke(&ada, json!({ "session_token": second })).await.ok();
    let id = lab.member("acme", "grace@acme.example")["member_id"].clone();
    revoke(&ada, json!({ "member_id": id })).await.ok();
    let body = json!({ "session_token": grace });
    lab.post("/v1/b2b/sessions/authenticate", body)
        .await
        .is_error(404, "session_not_found");
}
