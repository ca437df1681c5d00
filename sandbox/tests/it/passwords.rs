//! Passwords: sign-in, deletion, locks, allowed methods, MFA and step-up.

use serde_json::{Value, json};

use super::acting::{TOKEN, graces_session};
use super::lab::{Lab, Reply, text};
use reqwest::Method;
use stytch_sandbox::{PasswordSettings, ProjectSettings, RedirectUrls, Seed};

pub const ADA: &str = "ada@acme.example";
pub const GOOD: &str = "entropy is information 1948";
pub const BETTER: &str = "twelve quiet otters drum at noon";

impl Lab {
    /// The same server with a new world with these rules for passwords.
    pub fn with_passwords(self, passwords: PasswordSettings) -> Self {
        let settings = ProjectSettings {
            passwords: Some(passwords),
            ..RedirectUrls::default().into()
        };
        let world = self.sandbox.create_world(Seed::Default, settings);
        Self { world, ..self }
    }

    /// The token in the newest link that was sent to this address.
    pub fn link_token(&self, to: &str) -> String {
        let messages = self.world.messages_to(Some(to), None);
        let link = messages[0].link.clone().expect("a link");
        let url = reqwest::Url::parse(&link).expect("a URL");
        let token = url.query_pairs().find(|(name, _)| name == "token");
        token.expect("a token").1.into_owned()
    }

    pub async fn start_reset(&self, organization: &str, email: &str, mut more: Value) -> Reply {
        more["organization_id"] = json!(organization);
        more["email_address"] = json!(email);
        self.post("/v1/b2b/passwords/email/reset/start", more).await
    }

    pub async fn reset(&self, token: &str, password: &str, mut more: Value) -> Reply {
        more["password_reset_token"] = json!(token);
        more["password"] = json!(password);
        self.post("/v1/b2b/passwords/email/reset", more).await
    }

    /// A token to set a password with.
    pub async fn reset_token(&self, organization: &str, email: &str) -> String {
        self.start_reset(organization, email, json!({})).await.ok();
        self.link_token(email)
    }

    /// Sets the member's password by email, and returns the response.
    pub async fn set_password(&self, organization: &str, email: &str, password: &str) -> Value {
        let token = self.reset_token(organization, email).await;
        self.reset(&token, password, json!({})).await.ok()
    }

    pub async fn use_password(
        &self,
        organization: &str,
        email: &str,
        password: &str,
        mut more: Value,
    ) -> Reply {
        more["organization_id"] = json!(organization);
        more["email_address"] = json!(email);
        more["password"] = json!(password);
        self.post("/v1/b2b/passwords/authenticate", more).await
    }

    pub async fn session_works(&self, token: &str) -> bool {
        let body = json!({ "session_token": token });
        self.post("/v1/b2b/sessions/authenticate", body)
            .await
            .status
            == 200
    }
}

#[tokio::test]
async fn a_member_signs_in_by_password() {
    let lab = Lab::start().await;
    lab.set_password("acme", ADA, GOOD).await;
    let answer = lab
        .use_password("acme", ADA, GOOD, json!({ "session_duration_minutes": 30 }))
        .await
        .ok();
    assert_eq!(answer["member_authenticated"], true);
    assert_eq!(
        answer["organization_id"],
        answer["organization"]["organization_id"]
    );
    let factors = answer["member_session"]["authentication_factors"].as_array();
    let factor = &factors.expect("factors")[0];
    assert_eq!(
        (&factor["type"], &factor["delivery_method"]),
        (&json!("password"), &json!("knowledge"))
    );
    assert!(lab.session_works(&text(&answer["session_token"])).await);
    lab.use_password("acme", ADA, BETTER, json!({}))
        .await
        .is_error(401, "unauthorized_credentials");
    lab.use_password("acme", "nobody@acme.example", GOOD, json!({}))
        .await
        .is_error(404, "member_not_found");
    lab.use_password("nowhere", ADA, GOOD, json!({}))
        .await
        .is_error(404, "organization_not_found");
    lab.use_password("acme", ADA, "", json!({}))
        .await
        .is_error(400, "bad_request");
    let wrong = json!({ "locale": "de-DE" });
    lab.use_password("acme", ADA, GOOD, wrong)
        .await
        .is_error(400, "invalid_locale");
}

/// The same person has no password in another organization.
#[tokio::test]
async fn a_password_works_in_its_organization_only() {
    let lab = Lab::start().await;
    lab.set_password("acme", ADA, GOOD).await;
    lab.use_password("oneil", ADA, GOOD, json!({}))
        .await
        .is_error(404, "member_password_not_found");
    // The intermediate session of such a login can't be used elsewhere or in discovery.
    lab.world
        .patch_organization("acme", json!({ "mfa_policy": "REQUIRED_FOR_ALL" }));
    let waiting = lab.use_password("acme", ADA, GOOD, json!({})).await.ok();
    let ist = text(&waiting["intermediate_session_token"]);
    let elsewhere = "invalid_intermediate_session_token_for_organization";
    lab.exchange(&ist, "oneil").await.is_error(400, elsewhere);
    lab.create(json!({ "intermediate_session_token": ist }))
        .await
        .is_error(400, elsewhere);
    // A session by password alone does not count there either, so another first factor is required.
    lab.world
        .patch_organization("acme", json!({ "mfa_policy": "OPTIONAL" }));
    let session = lab.use_password("acme", ADA, GOOD, json!({})).await.ok();
    let body = json!({ "session_token": session["session_token"], "organization_id": "oneil" });
    let answer = lab.post("/v1/b2b/sessions/exchange", body).await.ok();
    assert_eq!(answer["member_authenticated"], false);
    assert!(answer["primary_required"].is_object(), "{answer}");
    assert_eq!(answer["session_token"], "");
}

/// This is the same limit as for wrong codes.
#[tokio::test]
async fn ten_wrong_passwords_lock_the_member() {
    let lab = Lab::start().await;
    lab.set_password("acme", ADA, GOOD).await;
    for _ in 0..9 {
        lab.use_password("acme", ADA, BETTER, json!({}))
            .await
            .is_error(401, "unauthorized_credentials");
    }
    lab.use_password("acme", ADA, GOOD, json!({})).await.ok();
    for _ in 0..10 {
        lab.use_password("acme", ADA, BETTER, json!({}))
            .await
            .is_error(401, "unauthorized_credentials");
    }
    for password in [GOOD, BETTER] {
        lab.use_password("acme", ADA, password, json!({}))
            .await
            .is_error(429, "user_lock_limit_reached");
    }
    lab.start_reset("acme", ADA, json!({}))
        .await
        .is_error(429, "user_lock_limit_reached");
}

#[tokio::test]
async fn a_correct_password_does_not_reset_the_count_of_wrong_second_factors() {
    let lab = Lab::start().await;
    lab.set_password("initech", ADA, GOOD).await;
    for round in 0..3 {
        let waiting = lab.use_password("initech", ADA, GOOD, json!({})).await;
        if round == 2 {
            return waiting.is_error(429, "user_lock_limit_reached");
        }
        let ist = text(&waiting.ok()["intermediate_session_token"]);
        for _ in 0..5 {
            let right = lab.code("+15555550100");
            let wrong = super::email_otps::wrong(&right);
            let body = json!({ "code": wrong, "intermediate_session_token": ist });
            lab.second("otps/sms/authenticate", "initech", ADA, body)
                .await
                .is_error(404, "otp_code_not_found");
        }
    }
}

#[tokio::test]
async fn mfa_is_required_after_a_password() {
    let lab = Lab::start().await;
    lab.set_password("initech", ADA, GOOD).await;
    let waiting = lab.use_password("initech", ADA, GOOD, json!({})).await.ok();
    assert_eq!(waiting["member_authenticated"], false);
    assert_eq!(
        (&waiting["session_token"], &waiting["member_session"]),
        (&json!(""), &Value::Null)
    );
    assert_eq!(
        waiting["mfa_required"]["secondary_auth_initiated"],
        "sms_otp"
    );
    let ist = text(&waiting["intermediate_session_token"]);
    let code = lab.code("+15555550100");
    let body = json!({ "code": code, "intermediate_session_token": ist });
    let done = lab
        .second("otps/sms/authenticate", "initech", ADA, body)
        .await
        .ok();
    // A session has already completed MFA.
    let more = json!({ "session_token": done["session_token"] });
    let again = lab.use_password("initech", ADA, GOOD, more).await.ok();
    assert_eq!(again["session_token"], done["session_token"]);
    // Another member's session does not count.
    let (other, _) = lab.adas_session().await;
    lab.use_password("initech", ADA, GOOD, json!({ "session_token": other }))
        .await
        .is_error(400, "member_session_member_id_mismatch");
}

#[tokio::test]
async fn an_organization_can_forbid_passwords() {
    let lab = Lab::start().await;
    lab.set_password("acme", ADA, GOOD).await;
    let token = lab.reset_token("acme", ADA).await;
    let only = json!({ "auth_methods": "RESTRICTED", "allowed_auth_methods": ["google_oauth"] });
    lab.world.patch_organization("acme", only);
    let restricted = "operation_restricted_by_organization_auth_methods";
    lab.use_password("acme", ADA, GOOD, json!({}))
        .await
        .is_error(403, restricted);
    lab.start_reset("acme", ADA, json!({}))
        .await
        .is_error(403, restricted);
    lab.reset(&token, BETTER, json!({}))
        .await
        .is_error(403, restricted);
    let body = json!({ "organization_id": "acme", "email_address": ADA, "existing_password": GOOD, "new_password": BETTER });
    lab.post("/v1/b2b/passwords/existing_password/reset", body)
        .await
        .is_error(403, restricted);
    let session = lab.adas_session().await.0;
    let body = json!({ "organization_id": "acme", "session_token": session, "password": BETTER });
    lab.post("/v1/b2b/passwords/session/reset", body)
        .await
        .is_error(403, restricted);
    lab.world
        .patch_member("acme", ADA, json!({ "is_breakglass": true }));
    lab.use_password("acme", ADA, GOOD, json!({})).await.ok();
}

/// A returning member's password does not prove the address, so another factor is required.
#[tokio::test]
async fn an_unverified_address_requires_a_step_up() {
    let lab = Lab::start().await;
    lab.set_password("acme", ADA, GOOD).await;
    lab.world
        .patch_member("acme", ADA, json!({ "email_address_verified": false }));
    let waiting = lab.use_password("acme", ADA, GOOD, json!({})).await.ok();
    assert_eq!(waiting["member_authenticated"], false);
    assert_ne!(waiting["primary_required"], Value::Null);
    let more = json!({ "intermediate_session_token": waiting["intermediate_session_token"] });
    let done = lab.sign_in("google", ADA, "acme", more).await.ok();
    let factors = done["member_session"]["authentication_factors"].as_array();
    assert_eq!(factors.expect("factors").len(), 2);
}

/// The first login used a method that the organization does not allow.
#[tokio::test]
async fn a_password_is_a_step_up_for_the_same_address() {
    let lab = Lab::start().await;
    lab.set_password("acme", ADA, GOOD).await;
    let only = json!({ "auth_methods": "RESTRICTED", "allowed_auth_methods": ["password"] });
    lab.world.patch_organization("acme", only);
    let ist = lab.ist("google", ADA).await;
    let waiting = lab.exchange(&ist, "acme").await.ok();
    assert_eq!(
        waiting["primary_required"]["allowed_auth_methods"],
        json!(["password"])
    );
    let more = json!({ "intermediate_session_token": ist });
    let done = lab.use_password("acme", ADA, GOOD, more).await.ok();
    assert_eq!(done["member_authenticated"], true);
    let other = lab.ist("google", "grace@acme.example").await;
    let more = json!({ "intermediate_session_token": other });
    lab.use_password("acme", ADA, GOOD, more)
        .await
        .is_error(400, "member_session_member_id_mismatch");
}

#[tokio::test]
async fn a_password_can_be_deleted() {
    let lab = Lab::start().await;
    let answer = lab.set_password("acme", ADA, GOOD).await;
    let path = |id: &str| format!("/v1/b2b/organizations/acme/members/passwords/{id}");
    let id = text(&answer["member"]["member_password_id"]);
    assert!(id.starts_with("member-password-test-"), "{id}");
    // Grace can't delete Ada's password, and neither can members of other organizations.
    let grace = graces_session(&lab).await;
    let request = lab.call(Method::DELETE, &path(&id)).header(TOKEN, &grace);
    Reply::send(request)
        .await
        .is_error(403, "session_authorization_error");
    lab.delete(&path(&id).replace("acme", "oneil"))
        .await
        .is_error(404, "member_password_not_found");
    lab.world
        .patch_organization("acme", json!({ "mfa_policy": "REQUIRED_FOR_ALL" }));
    let waiting = lab.use_password("acme", ADA, GOOD, json!({})).await.ok();
    let gone = lab.delete(&path(&id)).await.ok();
    assert_eq!(gone["member"]["member_password_id"], "");
    assert!(lab.session_works(&text(&answer["session_token"])).await);
    lab.use_password("acme", ADA, GOOD, json!({}))
        .await
        .is_error(404, "member_password_not_found");
    let body = json!({ "intermediate_session_token": waiting["intermediate_session_token"] });
    lab.second("otps/sms/send", "acme", ADA, body)
        .await
        .is_error(404, "intermediate_session_not_found");
    lab.delete(&path(&id))
        .await
        .is_error(404, "member_password_not_found");
}

/// The password stays removed even if the member returns to the old address.
#[tokio::test]
async fn a_new_address_has_no_password() {
    let lab = Lab::start().await;
    lab.set_password("acme", ADA, GOOD).await;
    let path = format!(
        "/v1/b2b/organizations/acme/members/{}",
        lab.member_id("acme", ADA)
    );
    for email in ["ada@lovelace.example", ADA] {
        lab.put(&path, json!({ "email_address": email })).await.ok();
        lab.use_password("acme", email, GOOD, json!({}))
            .await
            .is_error(404, "member_password_not_found");
    }
}
