//! What members can do to themselves and to others with their session in a header. See `docs/stytch.md#members` and
//! `docs/stytch.md#sessions-and-jwts`.

use reqwest::Method;
use serde_json::{Value, json};

use super::acting::{ACME, TOKEN, call, graces_session, member_path, put, session};
use super::lab::{Lab, text};

#[tokio::test]
async fn a_member_can_change_some_of_their_own_fields() {
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
async fn an_admin_manages_members_but_cannot_change_their_own_address() {
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

/// A member who creates another one is inviting, so the organization's policy applies. It does not apply to the
/// project.
#[tokio::test]
async fn the_invite_policy_applies_to_members_created_by_members() {
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

/// An invitation requires the same right as creating a member.
#[tokio::test]
async fn invitations_require_the_same_rights_as_creation() {
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
async fn the_right_to_create_members_does_not_allow_creating_admins() {
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
async fn a_session_can_be_ended_by_its_member_or_an_admin() {
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
