//! `organizations.members.start_email_update`: a member's own change of address.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::acting::{TOKEN, graces_session};
use super::lab::{Lab, Reply, text};
use super::passwords::{ADA, GOOD};

const NEW: &str = "ada@lovelace.example";
const GRACE: &str = "grace@acme.example";

impl Lab {
    fn update_path(&self, email: &str) -> String {
        let id = self.member_id("acme", email);
        format!("/v1/b2b/organizations/acme/members/{id}/start_email_update")
    }

    async fn start_update(&self, email: &str, mut more: Value) -> Reply {
        if more.get("email_address").is_none() {
            more["email_address"] = json!(NEW);
        }
        self.post(&self.update_path(email), more).await
    }
}

#[tokio::test]
async fn a_link_verifies_the_new_address() {
    let lab = Lab::start().await;
    lab.set_password("acme", ADA, GOOD).await;
    let started = lab.start_update(ADA, json!({})).await.ok();
    assert_eq!(
        started["member"]["email_address"], ADA,
        "not before it is verified"
    );
    let token = lab.link_token(NEW);
    let done = lab.spend_link(&token).await.ok();
    let member = &done["member"];
    assert_eq!(
        (&member["email_address"], &member["email_address_verified"]),
        (&json!(NEW), &json!(true))
    );
    assert_eq!(member["member_id"], started["member_id"]);
    assert_eq!(member["retired_email_addresses"][0]["email_address"], ADA);
    assert_eq!(
        member["member_password_id"], "",
        "a new address has no password"
    );
    lab.spend_link(&token)
        .await
        .is_error(401, "unable_to_auth_magic_link");
}

#[tokio::test]
async fn a_code_verifies_the_new_address() {
    let lab = Lab::start().await;
    lab.start_update(ADA, json!({ "delivery_method": "EMAIL_OTP" }))
        .await
        .ok();
    let code = lab.code(NEW);
    lab.spend_email_code("acme", ADA, &code)
        .await
        .is_error(404, "otp_code_not_found");
    let done = lab.spend_email_code("acme", NEW, &code).await.ok();
    assert_eq!(done["member"]["email_address"], NEW);
    lab.spend_email_code("acme", ADA, &code)
        .await
        .is_error(404, "member_not_found");
}

/// Until then, no other member can get the address.
#[tokio::test]
async fn the_address_is_reserved_for_five_minutes() {
    let lab = Lab::start().await;
    lab.world.add_member("acme", json!({ "email": GRACE }));
    lab.start_update(ADA, json!({})).await.ok();
    let token = lab.link_token(NEW);
    lab.world.advance(Duration::from_secs(290));
    lab.start_update(GRACE, json!({}))
        .await
        .is_error(400, "duplicate_member_email");
    let member = json!({ "email_address": NEW });
    let members = "/v1/b2b/organizations/acme/members";
    lab.post(members, member.clone())
        .await
        .is_error(400, "duplicate_member_email");
    let open = json!({ "email_jit_provisioning": "RESTRICTED", "email_allowed_domains": ["lovelace.example"] });
    lab.world.patch_organization("acme", open);
    lab.send_email_code("acme", NEW, json!({}))
        .await
        .is_error(400, "inactive_email");
    lab.world.advance(Duration::from_secs(10));
    lab.spend_link(&token)
        .await
        .is_error(401, "unable_to_auth_magic_link");
    lab.post(members, member).await.ok();
    assert_eq!(lab.member("acme", ADA)["email_address"], ADA);
}

/// The earlier one no longer works.
#[tokio::test]
async fn a_later_change_replaces_an_earlier_one() {
    let lab = Lab::start().await;
    lab.start_update(ADA, json!({})).await.ok();
    let first = lab.link_token(NEW);
    let other = "countess@lovelace.example";
    lab.start_update(ADA, json!({ "email_address": other }))
        .await
        .ok();
    lab.spend_link(&first)
        .await
        .is_error(401, "unable_to_auth_magic_link");
    let done = lab.spend_link(&lab.link_token(other)).await.ok();
    assert_eq!(done["member"]["email_address"], other);
}

/// The address that the update sets stays.
#[tokio::test]
async fn an_update_cancels_a_pending_change() {
    let lab = Lab::start().await;
    lab.start_update(ADA, json!({})).await.ok();
    let token = lab.link_token(NEW);
    let id = lab.member_id("acme", ADA);
    let path = format!("/v1/b2b/organizations/acme/members/{id}");
    let other = json!({ "email_address": "a.king@acme.example" });
    lab.put(&path, other).await.ok();
    lab.spend_link(&token)
        .await
        .is_error(401, "unable_to_auth_magic_link");
}

#[tokio::test]
async fn mfa_is_still_required() {
    let lab = Lab::start().await;
    lab.world
        .patch_organization("acme", json!({ "mfa_policy": "REQUIRED_FOR_ALL" }));
    lab.start_update(ADA, json!({})).await.ok();
    let waiting = lab.spend_link(&lab.link_token(NEW)).await.ok();
    assert_eq!(
        (&waiting["member_authenticated"], &waiting["session_token"]),
        (&json!(false), &json!(""))
    );
}

#[tokio::test]
async fn invalid_changes_are_refused() {
    let lab = Lab::start().await;
    lab.world.add_member("acme", json!({ "email": GRACE }));
    for (body, status, error) in [
        (json!({ "email_address": "nobody" }), 400, "invalid_email"),
        (json!({ "email_address": "" }), 400, "bad_request"),
        (
            json!({ "email_address": GRACE }),
            400,
            "duplicate_member_email",
        ),
        (
            json!({ "email_address": ADA }),
            400,
            "duplicate_member_email",
        ),
        (json!({ "delivery_method": "PIGEON" }), 400, "bad_request"),
        (json!({ "locale": "de-DE" }), 400, "invalid_locale"),
        (
            json!({ "login_redirect_url": "http://localhost:3000/x" }),
            400,
            "no_match_for_provided_magic_link_url",
        ),
    ] {
        lab.start_update(ADA, body).await.is_error(status, error);
    }
    let retired = json!({ "retired_email_addresses": [{ "email_id": "email-test-1", "email_address": NEW }] });
    lab.world.patch_member("acme", GRACE, retired);
    lab.start_update(ADA, json!({}))
        .await
        .is_error(400, "retired_member_email");
    lab.world
        .patch_member("acme", GRACE, json!({ "retired_email_addresses": [] }));
    for (patch, status, error) in [
        (
            json!({ "status": "pending" }),
            400,
            "action_available_only_for_active_members",
        ),
        (
            json!({ "status": "active", "email_address_verified": false }),
            400,
            "email_verification_required",
        ),
        (
            json!({ "email_address_verified": true, "is_locked": true }),
            429,
            "user_lock_limit_reached",
        ),
    ] {
        lab.world.patch_member("acme", ADA, patch);
        lab.start_update(ADA, json!({}))
            .await
            .is_error(status, error);
    }
    lab.world
        .patch_member("acme", ADA, json!({ "is_locked": false }));
    let only = json!({ "auth_methods": "RESTRICTED", "allowed_auth_methods": ["google_oauth"] });
    lab.world.patch_organization("acme", only);
    lab.start_update(ADA, json!({}))
        .await
        .is_error(403, "operation_restricted_by_organization_auth_methods");
    assert!(lab.world.messages().is_empty());
}

/// With a member's session, another member's address can't be changed.
#[tokio::test]
async fn a_member_can_change_only_their_own_address() {
    let lab = Lab::start().await;
    let grace = graces_session(&lab).await;
    let call = async |of: &str| {
        let request = lab.call(Method::POST, &lab.update_path(of));
        let body = json!({ "email_address": "hopper@navy.example" });
        Reply::send(request.header(TOKEN, &grace).json(&body)).await
    };
    call(ADA).await.is_error(403, "session_authorization_error");
    call(GRACE).await.ok();
    let done = lab
        .spend_link(&lab.link_token("hopper@navy.example"))
        .await
        .ok();
    assert_eq!(
        text(&done["member"]["email_address"]),
        "hopper@navy.example"
    );
}
