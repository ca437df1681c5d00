//! Messages name the field and the rule that was broken.

use serde_json::{Value, json};

use super::lab::{Lab, text};

/// Asserts the error of a call, whose message must contain each of these words.
async fn says(lab: &Lab, path: &str, body: Value, error_type: &str, words: &[&str]) {
    let reply = lab.post(path, body).await;
    reply.is_error(400, error_type);
    let message = text(&reply.json()["error_message"]);
    for word in words {
        assert!(message.contains(word), "{word} is missing in: {message}");
    }
}

/// Each lifetime has bounds of its own.
#[tokio::test]
async fn errors_about_lifetimes_name_their_bounds() {
    let lab = Lab::start().await;
    let ada = lab.member("acme", "ada@acme.example");
    let to = json!({ "organization_id": "acme", "email_address": "ada@acme.example" });
    for (path, mut body, field, error, bounds) in [
        (
            "/v1/b2b/totp",
            json!({ "organization_id": "acme", "member_id": ada["member_id"] }),
            "expiration_minutes",
            "invalid_expiration",
            "between 5 and 1440 minutes",
        ),
        (
            "/v1/b2b/magic_links/email/login_or_signup",
            to.clone(),
            "signup_expiration_minutes",
            "invalid_expiration",
            "between 5 and 10080 minutes",
        ),
        (
            "/v1/b2b/otps/email/login_or_signup",
            to.clone(),
            "login_expiration_minutes",
            "invalid_expiration_otp",
            "between 2 and 15 minutes",
        ),
    ] {
        body[field] = json!(20_000);
        says(&lab, path, body, error, &[field, bounds]).await;
    }
}

#[tokio::test]
async fn closing_every_way_to_join_has_its_own_error() {
    let lab = Lab::start().await;
    let closed = json!({
        "organization_name": "Closed",
        "sso_jit_provisioning": "NOT_ALLOWED",
        "email_jit_provisioning": "NOT_ALLOWED",
        "email_invites": "NOT_ALLOWED",
    });
    let error = "invalid_organization_auth_factor_setting";
    let names = [
        "At least one of",
        "sso_jit_provisioning",
        "email_jit_provisioning",
        "email_invites",
    ];
    says(&lab, "/v1/b2b/organizations", closed, error, &names).await;
}

/// Settings with the same error type are distinguished by their name.
#[tokio::test]
async fn errors_about_settings_name_the_allowed_values() {
    let lab = Lab::start().await;
    for (field, value, error, words) in [
        (
            "email_invites",
            json!("SOMETIMES"),
            "invalid_organization_auth_factor_setting",
            "ALL_ALLOWED, RESTRICTED, NOT_ALLOWED",
        ),
        (
            "sso_jit_provisioning",
            json!("SOMETIMES"),
            "invalid_organization_auth_factor_setting",
            "ALL_ALLOWED, RESTRICTED, NOT_ALLOWED",
        ),
        (
            "email_jit_provisioning",
            json!("ALL_ALLOWED"),
            "invalid_organization_auth_factor_setting_for_email_jit_provisioning",
            "RESTRICTED, NOT_ALLOWED",
        ),
        (
            "mfa_policy",
            json!("ALWAYS"),
            "invalid_organization_mfa_policy",
            "OPTIONAL, REQUIRED_FOR_ALL",
        ),
        (
            "allowed_mfa_methods",
            json!(["email"]),
            "invalid_organization_allowed_mfa_methods",
            "sms_otp, totp",
        ),
    ] {
        let mut body = json!({ "organization_name": "New" });
        body[field] = value;
        says(&lab, "/v1/b2b/organizations", body, error, &[field, words]).await;
    }
}
