//! Passwords across organizations: one password for each address, discovery, and required resets.

use reqwest::Method;
use serde_json::{Value, json};
use stytch_sandbox::PasswordSettings;

use super::acting::{TOKEN, graces_session};
use super::lab::{Lab, Reply, entry, text};
use super::passwords::{ADA, BETTER, GOOD};
use super::sso::{BOB, SAML, VERIFIER};

const START: &str = "/v1/b2b/passwords/discovery/email/reset/start";
const CHALLENGE: &str = "hODA6vqpWjTCk_J4rFLkXOU3urXnUqAOaVmhOuEDtlo";

impl Lab {
    async fn across() -> Self {
        let settings = PasswordSettings {
            cross_org_passwords_enabled: true,
            ..PasswordSettings::default()
        };
        Self::start().await.with_passwords(settings)
    }

    async fn discover_by_password(&self, email: &str, password: &str) -> Reply {
        let body = json!({ "email_address": email, "password": password });
        self.post("/v1/b2b/passwords/discovery/authenticate", body)
            .await
    }

    async fn discovery_reset(&self, token: &str, password: &str, mut more: Value) -> Reply {
        more["password_reset_token"] = json!(token);
        more["password"] = json!(password);
        self.post("/v1/b2b/passwords/discovery/email/reset", more)
            .await
    }

    async fn set_shared(&self, email: &str, password: &str) -> Value {
        self.post(START, json!({ "email_address": email }))
            .await
            .ok();
        let token = self.link_token(email);
        self.discovery_reset(&token, password, json!({})).await.ok()
    }

    async fn require_reset(&self, body: Value) -> Reply {
        self.post("/v1/b2b/passwords/email/require_reset", body)
            .await
    }
}

#[tokio::test]
async fn it_requires_passwords_across_organizations() {
    let lab = Lab::start().await;
    let off = "cross_org_passwords_not_enabled";
    lab.discover_by_password(ADA, GOOD).await.is_error(400, off);
    lab.post(START, json!({ "email_address": ADA }))
        .await
        .is_error(400, off);
    lab.discovery_reset("x", GOOD, json!({}))
        .await
        .is_error(400, off);
    lab.require_reset(json!({ "email_address": ADA }))
        .await
        .is_error(400, off);
    let lab = Lab::across().await;
    let id = text(&lab.set_password("acme", ADA, GOOD).await["member"]["member_password_id"]);
    lab.delete(&format!(
        "/v1/b2b/organizations/acme/members/passwords/{id}"
    ))
    .await
    .is_error(400, "cross_org_passwords_enabled");
}

#[tokio::test]
async fn one_password_works_in_all_organizations() {
    let lab = Lab::across().await;
    let session = lab.adas_session().await.0;
    let set = lab.set_shared(ADA, GOOD).await;
    assert_eq!(set["email_address"], ADA);
    assert!(!lab.session_works(&session).await, "a reset ends sessions");
    assert_eq!(entry(&set, "acme")["member_authenticated"], true);
    let ist = text(&set["intermediate_session_token"]);
    lab.exchange(&ist, "oneil").await.ok();
    for organization in ["acme", "oneil"] {
        lab.use_password(organization, ADA, GOOD, json!({}))
            .await
            .ok();
    }
    lab.discover_by_password(ADA, BETTER)
        .await
        .is_error(401, "unauthorized_credentials");
    lab.discover_by_password("nobody@acme.example", GOOD)
        .await
        .is_error(404, "member_password_not_found");
    let found = lab.discover_by_password(ADA, GOOD).await.ok();
    let ist = text(&found["intermediate_session_token"]);
    let done = lab.exchange(&ist, "acme").await.ok();
    assert_eq!(done["member_authenticated"], true);
    // MFA is still required.
    let found = lab.discover_by_password(ADA, GOOD).await.ok();
    let ist = text(&found["intermediate_session_token"]);
    let waiting = lab.exchange(&ist, "initech").await.ok();
    assert_eq!(waiting["member_authenticated"], false);
    // A password that is set in one organization works in all.
    lab.set_password("acme", ADA, BETTER).await;
    lab.discover_by_password(ADA, GOOD)
        .await
        .is_error(401, "unauthorized_credentials");
    lab.discover_by_password(ADA, BETTER).await.ok();
}

/// It does not let the person into organizations where they are not a member or have no verified address.
#[tokio::test]
async fn a_returning_password_proves_no_address() {
    let lab = Lab::across().await;
    lab.set_shared(ADA, GOOD).await;
    lab.world
        .patch_member("acme", ADA, json!({ "email_address_verified": false }));
    let found = lab.discover_by_password(ADA, GOOD).await.ok();
    let ist = text(&found["intermediate_session_token"]);
    let waiting = lab.exchange(&ist, "acme").await.ok();
    assert_ne!(waiting["primary_required"], Value::Null);
    assert_eq!(waiting["session_token"], "");
    let made = lab
        .create(json!({ "intermediate_session_token": ist }))
        .await
        .ok();
    assert_eq!(made["member_authenticated"], false);
}

#[tokio::test]
async fn the_link_leads_to_the_app_and_its_token_works_once() {
    let lab = Lab::across().await;
    let new = "stranger@nowhere.example";
    let body = json!({ "email_address": new, "pkce_code_challenge": CHALLENGE });
    assert_eq!(lab.post(START, body).await.ok().get("member_id"), None);
    let message = lab.world.messages().remove(0);
    assert_eq!(message.kind, "reset_password");
    let link = message.link.expect("a link");
    let reply = lab
        .open(link.strip_prefix(&lab.url).expect("a link here"))
        .await;
    let token = lab.link_token(new);
    assert_eq!(
        reply.header("location"),
        format!(
            "http://localhost:3000/authenticate?stytch_redirect_type=reset_password&stytch_token_type=discovery&token={token}"
        )
    );
    lab.discovery_reset(&token, GOOD, json!({}))
        .await
        .is_error(400, "pkce_expected_code_verifier");
    let more = json!({ "pkce_code_verifier": VERIFIER });
    lab.discovery_reset(&token, "password", more.clone())
        .await
        .is_error(400, "weak_password");
    let used = "unable_to_auth_password_reset_token";
    lab.reset(&token, GOOD, json!({ "code_verifier": VERIFIER }))
        .await
        .is_error(401, used);
    // Links of other kinds are refused.
    let of_acme = lab.reset_token("acme", ADA).await;
    let magic = lab.magic_token("acme", ADA, json!({})).await;
    for other in [of_acme, magic] {
        lab.discovery_reset(&other, GOOD, json!({}))
            .await
            .is_error(401, used);
    }
    let set = lab.discovery_reset(&token, GOOD, more.clone()).await.ok();
    assert_eq!(set["discovered_organizations"], json!([]));
    lab.discovery_reset(&token, GOOD, more)
        .await
        .is_error(401, used);
    let other =
        json!({ "email_address": new, "discovery_redirect_url": "http://localhost:3000/other" });
    lab.post(START, other)
        .await
        .is_error(400, "no_match_for_provided_magic_link_url");
    lab.post(START, json!({ "email_address": "nobody" }))
        .await
        .is_error(400, "invalid_email");
}

#[tokio::test]
async fn wrong_guesses_lock_all_members_with_the_address() {
    let lab = Lab::across().await;
    lab.set_shared(ADA, GOOD).await;
    let stranger = "stranger@nowhere.example";
    lab.set_shared(stranger, GOOD).await;
    for email in [ADA, stranger] {
        for _ in 0..10 {
            lab.discover_by_password(email, BETTER)
                .await
                .is_error(401, "unauthorized_credentials");
        }
    }
    lab.discover_by_password(ADA, GOOD)
        .await
        .is_error(429, "user_lock_limit_reached");
    lab.use_password("oneil", ADA, GOOD, json!({}))
        .await
        .is_error(429, "user_lock_limit_reached");
    // There is no member to lock, so the password must be reset.
    lab.discover_by_password(stranger, GOOD)
        .await
        .is_error(400, "member_reset_password");
    lab.set_shared(stranger, BETTER).await;
    lab.discover_by_password(stranger, BETTER).await.ok();
}

#[tokio::test]
async fn a_reset_can_be_required() {
    let lab = Lab::across().await;
    lab.require_reset(json!({ "email_address": ADA }))
        .await
        .is_error(404, "member_password_not_found");
    lab.set_shared(ADA, GOOD).await;
    let of_acme = json!({ "email_address": ADA, "organization_id": "acme" });
    let answer = lab.require_reset(of_acme.clone()).await.ok();
    assert_eq!(answer["member"]["email_address"], ADA);
    let reset = "member_reset_password";
    lab.discover_by_password(ADA, GOOD)
        .await
        .is_error(400, reset);
    lab.use_password("acme", ADA, GOOD, json!({}))
        .await
        .is_error(400, reset);
    let body = json!({ "organization_id": "acme", "email_address": ADA, "existing_password": GOOD, "new_password": BETTER });
    lab.post("/v1/b2b/passwords/existing_password/reset", body)
        .await
        .is_error(400, reset);
    let session = lab.adas_session().await.0;
    let body = json!({ "organization_id": "acme", "session_token": session, "password": BETTER });
    lab.post("/v1/b2b/passwords/session/reset", body)
        .await
        .is_error(400, reset);
    lab.set_password("acme", ADA, BETTER).await;
    lab.discover_by_password(ADA, BETTER).await.ok();
    // With a member's session, it requires the right to delete passwords in the member's organization.
    let grace = graces_session(&lab).await;
    for (body, error) in [
        (of_acme, "session_authorization_error"),
        (
            json!({ "email_address": ADA, "organization_id": "oneil" }),
            "session_authorization_tenancy_error",
        ),
        (json!({ "email_address": ADA }), "unauthorized_action"),
    ] {
        let request = lab.call(Method::POST, "/v1/b2b/passwords/email/require_reset");
        let reply = Reply::send(request.header(TOKEN, &grace).json(&body)).await;
        reply.is_error(403, error);
    }
    // If the address has only one member, the password is deleted.
    lab.set_shared("grace@acme.example", GOOD).await;
    let body = json!({ "email_address": "grace@acme.example" });
    assert_eq!(lab.require_reset(body).await.ok().get("member"), None);
    lab.discover_by_password("grace@acme.example", GOOD)
        .await
        .is_error(404, "member_password_not_found");
}

/// Otherwise, an organization's identity provider could set the password of the same address in other organizations.
#[tokio::test]
async fn a_session_by_sso_cannot_set_a_password_for_other_organizations() {
    let lab = Lab::across().await;
    lab.world
        .patch_organization("globex", json!({ "auth_methods": "ALL_ALLOWED" }));
    let by_session = async |token: &Value| {
        let body = json!({ "organization_id": "globex", "session_token": token, "password": GOOD });
        lab.post("/v1/b2b/passwords/session/reset", body).await
    };
    let token = lab.sso_token(SAML, BOB);
    let session = lab.spend_sso(&token, json!({})).await.ok();
    by_session(&session["session_token"])
        .await
        .is_error(400, "session_too_old_to_reset_password");
    let session = lab.sign_in("google", BOB, "globex", json!({})).await.ok();
    by_session(&session["session_token"]).await.ok();
    lab.discover_by_password(BOB, GOOD).await.ok();
}
