//! The meaning of `""` in an optional string: omitted, cleared, or refused, as DIFFERENCES.md says.

use reqwest::Method;
use serde_json::{Value, json};

use super::lab::{Lab, Reply};

const ACME: &str = "/v1/b2b/organizations/acme";
const ADA: &str = "ada@acme.example";

async fn send(lab: &Lab, method: &str, path: &str, body: Value) -> Reply {
    let method = method.parse::<Method>().expect("a method");
    Reply::send(lab.call(method, path).json(&body)).await
}

/// Fields that name something to use count as omitted.
#[tokio::test]
async fn empty_names_of_things_to_use_count_as_omitted() {
    let lab = Lab::start().await;
    let members = format!("{ACME}/members");
    let to_ada = json!({ "organization_id": "acme", "email_address": ADA });
    let to_new = json!({ "organization_id": "acme", "email_address": "x@elsewhere.example" });
    let link = "/v1/b2b/magic_links/email/login_or_signup";
    let discovery = "/v1/b2b/magic_links/email/discovery/send";
    let invite = "/v1/b2b/magic_links/email/invite";
    let authenticate = "/v1/b2b/oauth/authenticate";
    let create = "/v1/b2b/discovery/organizations/create";
    for (path, mut body, fields) in [
        (
            "/v1/b2b/organizations",
            json!({ "organization_name": "Wonka" }),
            "organization_slug",
        ),
        (create, json!({}), "organization_name organization_slug"),
        (
            &members,
            json!({ "email_address": "y@acme.example" }),
            "name",
        ),
        (
            link,
            to_ada,
            "login_redirect_url signup_redirect_url locale login_template_id",
        ),
        (
            discovery,
            json!({ "email_address": ADA }),
            "discovery_redirect_url locale",
        ),
        (
            invite,
            to_new,
            "name invited_by_member_id invite_redirect_url locale",
        ),
        (
            authenticate,
            json!({}),
            "session_token session_jwt intermediate_session_token pkce_code_verifier locale",
        ),
        (
            "/v1/b2b/organizations/members/search",
            json!({ "organization_ids": ["acme"] }),
            "cursor",
        ),
    ] {
        if path == create {
            let ist = lab.ist("google", "frank@startup.example").await;
            body["intermediate_session_token"] = json!(ist);
        }
        if path == authenticate {
            body["oauth_token"] = json!(lab.oauth_token("google", ADA, "acme"));
        }
        for field in fields.split(' ') {
            body[field] = json!("");
        }
        let answer = lab.post(path, body).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    }
    assert_eq!(lab.organization("wonka")["organization_name"], "Wonka");
    assert!(
        lab.organization("startup").is_object(),
        "made from the address"
    );
}

#[tokio::test]
async fn an_update_can_clear_a_name_and_a_logo() {
    let lab = Lab::start().await;
    let ada = format!("{ACME}/members/{}", lab.member_id("acme", ADA));
    let logo = json!({ "organization_logo_url": "https://acme.example/logo.png" });
    lab.put(ACME, logo).await.ok();
    lab.put(ACME, json!({ "organization_logo_url": "" }))
        .await
        .ok();
    lab.put(&ada, json!({ "name": "" })).await.ok();
    assert_eq!(lab.organization("acme")["organization_logo_url"], "");
    assert_eq!(lab.member("acme", ADA)["name"], "");
}

/// They are malformed, and nothing changes.
#[tokio::test]
async fn all_other_empty_strings_are_refused() {
    let lab = Lab::start().await;
    let member = format!("{ACME}/members/{}", lab.member_id("acme", ADA));
    let members = format!("{ACME}/members");
    let new = json!({ "email_address": "new@acme.example" });
    let to_ada = json!({ "organization_id": "acme", "email_address": ADA });
    let link = "/v1/b2b/magic_links/email/login_or_signup";
    let discovery = "/v1/b2b/magic_links/email/discovery/send";
    let sms = "/v1/b2b/otps/sms/send";
    let initech =
        json!({ "organization_id": "initech", "member_id": lab.member_id("initech", ADA) });
    let name = json!({ "organization_name": "Wonka" });
    let all = "/v1/b2b/organizations";
    let totp = "/v1/b2b/otps/sms/authenticate";
    let mut coded = initech.clone();
    coded["code"] = json!("000000");
    #[rustfmt::skip] // a table: one refusal a line
    let refusals = [
        ("PUT", ACME, json!({}), "organization_name", "invalid_organization_name"),
        ("PUT", ACME, json!({}), "organization_slug", "invalid_organization_slug"),
        ("PUT", ACME, json!({}), "organization_external_id", "invalid_organization_external_id"),
        ("POST", all, name.clone(), "organization_external_id", "invalid_organization_external_id"),
        ("PUT", ACME, json!({}), "sso_default_connection_id", "invalid_sso_default_connection_id"),
        ("PUT", ACME, json!({}), "email_invites", "invalid_organization_auth_factor_setting"),
        ("POST", all, name, "mfa_policy", "invalid_organization_mfa_policy"),
        ("PUT", &member, json!({}), "external_id", "bad_request"),
        ("POST", &members, new.clone(), "external_id", "bad_request"),
        ("PUT", &member, json!({}), "mfa_phone_number", "invalid_phone_number"),
        ("POST", &members, new, "mfa_phone_number", "invalid_phone_number"),
        ("POST", sms, initech, "mfa_phone_number", "invalid_phone_number"),
        ("PUT", &member, json!({}), "default_mfa_method", "invalid_mfa_default_method"),
        ("POST", totp, coded, "set_mfa_enrollment", "bad_request"),
        ("POST", link, to_ada, "pkce_code_challenge", "invalid_pkce_code_challenge"),
        ("POST", discovery, json!({ "email_address": ADA }), "pkce_code_challenge", "invalid_pkce_code_challenge"),
    ];
    let before = lab.world.state();
    for (method, path, mut body, field, error) in refusals {
        body[field] = json!("");
        let reply = send(&lab, method, path, body).await;
        assert_eq!(reply.status, 400, "{path} {field}: {}", reply.text);
        reply.is_error(400, error);
        if field == "set_mfa_enrollment" {
            assert!(reply.text.contains("enroll or unenroll"), "{}", reply.text);
        }
    }
    assert_eq!(lab.world.state(), before);
    assert!(lab.world.messages().is_empty());
}

/// A factor can't be attached to a member who is not active: at creation, at an update, or later.
#[tokio::test]
async fn a_pending_member_cannot_have_a_phone_number() {
    let lab = Lab::start().await;
    let members = format!("{ACME}/members");
    let mut body = json!({
        "email_address": "pending@acme.example",
        "create_member_as_pending": true,
        "mfa_phone_number": "+15555550123",
    });
    let error = "action_available_only_for_active_members";
    lab.post(&members, body.clone()).await.is_error(400, error);
    assert_eq!(lab.member("acme", "pending@acme.example"), Value::Null);
    body["create_member_as_pending"] = json!(false);
    let active = lab.post(&members, body.clone()).await.ok();
    assert_eq!(active["member"]["mfa_phone_number"], "+15555550123");
    let body = json!({ "email_address": "later@acme.example", "create_member_as_pending": true });
    lab.post(&members, body).await.ok();
    let later = format!("{members}/{}", lab.member_id("acme", "later@acme.example"));
    let phone = json!({ "mfa_phone_number": "+15555550124" });
    lab.put(&later, phone).await.is_error(400, error);
}
