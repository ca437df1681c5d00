//! `discovery.organizations.create`. See `docs/stytch.md#discovery` and `docs/stytch.md#organizations`.

use serde_json::{Value, json};

use super::lab::{Lab, text};

#[tokio::test]
async fn the_creator_is_the_admin_of_the_new_organization() {
    let lab = Lab::start().await;
    let ist = lab.ist("google", "frank@startup.example").await;
    let body = json!({ "intermediate_session_token": ist, "organization_name": "Start Up", "organization_slug": "start-up" });
    let answer = lab.create(body).await.ok();
    assert_eq!(answer["member_authenticated"], true);
    assert_eq!(answer["member"]["is_admin"], true);
    assert_eq!(
        answer["member_session"]["roles"],
        json!(["stytch_member", "stytch_admin"])
    );
    assert_eq!(answer["organization"], lab.organization("start-up"));
    assert_eq!(answer["organization"]["organization_name"], "Start Up");
    assert_eq!(answer["member"]["email_address_verified"], true);
    lab.create(json!({ "intermediate_session_token": ist }))
        .await
        .is_error(404, "intermediate_session_not_found");
}

#[tokio::test]
async fn a_missing_or_empty_name_or_slug_is_made_from_the_address() {
    let lab = Lab::start().await;
    for body in [
        json!({}),
        json!({ "organization_name": "", "organization_slug": "" }),
        json!({ "organization_name": null }),
    ] {
        let mut body = body;
        body["intermediate_session_token"] =
            json!(lab.ist("google", "frank@startup.example").await);
        let organization = lab.create(body).await.ok()["organization"].clone();
        assert_eq!(organization["organization_name"], "Startup");
        let slug = text(&organization["organization_slug"]);
        assert!(
            slug == "startup"
                || slug
                    .strip_prefix("startup-")
                    .is_some_and(|tail| tail.len() == 4),
            "{slug}"
        );
    }
    let slugs: Vec<Value> = lab.world.state()["organizations"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|it| it["organization_slug"].clone())
        .collect();
    assert_eq!(
        slugs.iter().filter(|slug| **slug == "startup").count(),
        1,
        "{slugs:?}"
    );
}

#[tokio::test]
async fn an_invalid_name_or_slug_does_not_use_up_the_session() {
    let lab = Lab::start().await;
    let ist = lab.ist("google", "frank@startup.example").await;
    let before = lab.world.state();
    let long = "n".repeat(129);
    for (name, slug, error) in [
        (long.as_str(), "fine", "invalid_organization_name"),
        ("   ", "fine", "invalid_organization_name"),
        ("Fine", "a", "invalid_organization_slug"),
        ("Fine", long.as_str(), "invalid_organization_slug"),
        ("Fine", "has space", "invalid_organization_slug"),
        ("Fine", "größe", "invalid_organization_slug"),
        ("Fine", "a/b", "invalid_organization_slug"),
        ("Fine", "-._~", "invalid_organization_slug"),
        ("Fine", "acme", "organization_slug_already_used"),
        ("Fine", "ACME", "organization_slug_already_used"),
    ] {
        let body = json!({ "intermediate_session_token": ist, "organization_name": name, "organization_slug": slug });
        lab.create(body).await.is_error(400, error);
    }
    assert_eq!(lab.world.state(), before);
    let body = json!({ "intermediate_session_token": ist, "organization_name": "n".repeat(128), "organization_slug": "A.b_~9" });
    assert_eq!(
        lab.create(body).await.ok()["organization"]["organization_slug"],
        "A.b_~9"
    );
}

#[tokio::test]
async fn invalid_settings_are_refused() {
    let lab = Lab::start().await;
    let ist = lab.ist("google", "frank@startup.example").await;
    for (field, value, error) in [
        (
            "email_allowed_domains",
            json!(["gmail.com"]),
            "organization_settings_domain_too_common",
        ),
        (
            "email_allowed_domains",
            json!(["nonsense"]),
            "organization_settings_invalid_domain",
        ),
        (
            "email_allowed_domains",
            json!(["a.example", "A.example"]),
            "organization_settings_duplicate_domain",
        ),
        ("email_allowed_domains", json!("a.example"), "bad_request"),
        (
            "email_jit_provisioning",
            json!("ALL_ALLOWED"),
            "invalid_organization_auth_factor_setting_for_email_jit_provisioning",
        ),
        (
            "oauth_tenant_jit_provisioning",
            json!("x"),
            "invalid_organization_auth_factor_setting_for_oauth_tenant_jit_provisioning",
        ),
        (
            "email_invites",
            json!("x"),
            "invalid_organization_auth_factor_setting",
        ),
        (
            "auth_methods",
            json!("NOT_ALLOWED"),
            "invalid_organization_auth_method_settings",
        ),
        (
            "auth_methods",
            json!("RESTRICTED"),
            "allowed_auth_methods_required_for_restricted",
        ),
        (
            "allowed_auth_methods",
            json!(["telepathy"]),
            "invalid_organization_allowed_auth_methods",
        ),
        ("mfa_policy", json!("x"), "invalid_organization_mfa_policy"),
        (
            "mfa_methods",
            json!("RESTRICTED"),
            "allowed_mfa_methods_required_for_restricted",
        ),
        (
            "mfa_methods",
            json!("x"),
            "invalid_organization_mfa_factor_setting",
        ),
        (
            "allowed_mfa_methods",
            json!(["x"]),
            "invalid_organization_allowed_mfa_methods",
        ),
        (
            "oauth_tenant_jit_provisioning",
            json!("RESTRICTED"),
            "invalid_restricted_oauth_tenants_setting",
        ),
        (
            "allowed_oauth_tenants",
            json!({ "gitlab": ["1"] }),
            "invalid_oauth_allowed_tenants_format",
        ),
        (
            "allowed_oauth_tenants",
            json!({ "slack": "T" }),
            "invalid_oauth_allowed_tenants_format",
        ),
        (
            "organization_external_id",
            json!("a b"),
            "invalid_organization_external_id",
        ),
        (
            "organization_external_id",
            json!("acme"),
            "organization_external_id_already_used",
        ),
        (
            "organization_logo_url",
            json!("x".repeat(2049)),
            "organization_logo_url_too_long",
        ),
    ] {
        lab.create(json!({ "intermediate_session_token": ist, field: value }))
            .await
            .is_error(400, error);
    }
}

#[tokio::test]
async fn settings_are_applied() {
    let lab = Lab::start().await;
    let ist = lab.ist("google", "frank@startup.example").await;
    let settings = json!({
        "auth_methods": "RESTRICTED", "allowed_auth_methods": ["google_oauth"],
        "email_jit_provisioning": "RESTRICTED", "email_allowed_domains": ["startup.example"],
        "organization_external_id": "crm-1", "trusted_metadata": { "tier": 1 },
    });
    let mut body = settings.clone();
    body["intermediate_session_token"] = json!(ist);
    let organization = lab.create(body).await.ok()["organization"].clone();
    for (field, value) in settings.as_object().expect("an object") {
        assert_eq!(&organization[field], value, "{field}");
    }
    assert_eq!(
        organization["email_invites"], "NOT_ALLOWED",
        "as soon as other settings are given"
    );
}

#[tokio::test]
async fn a_creator_without_a_proved_address_must_step_up() {
    let lab = Lab::start().await;
    for (provider, email) in [
        ("google", "erin@freemail.example"),
        ("github", "grace@acme.example"),
        ("slack", "dave@hooli.example"),
    ] {
        let ist = lab.ist(provider, email).await;
        let answer = lab.create(json!({ "intermediate_session_token": ist, "organization_slug": format!("of-{provider}") })).await.ok();
        assert_eq!(
            (
                &answer["member_authenticated"],
                &answer["intermediate_session_token"]
            ),
            (&json!(false), &json!(ist))
        );
        let methods = json!([
            "sso",
            "magic_link",
            "password",
            "google_oauth",
            "microsoft_oauth",
            "email_otp"
        ]);
        assert_eq!(
            answer["primary_required"],
            json!({ "allowed_auth_methods": methods })
        );
        assert_eq!(
            (&answer["member"]["status"], &answer["member"]["is_admin"]),
            (&json!("pending"), &json!(true))
        );
        assert_eq!(
            answer["organization"],
            lab.organization(&format!("of-{provider}")),
            "it is already set"
        );
    }
    // Grace proves her address and gets a session.
    let ist = lab.ist("github", "grace@acme.example").await;
    let more = json!({ "intermediate_session_token": ist });
    let answer = lab
        .sign_in("google", "grace@acme.example", "of-github", more)
        .await
        .ok();
    assert_eq!(
        (
            &answer["member_authenticated"],
            &answer["member"]["is_admin"]
        ),
        (&json!(true), &json!(true))
    );
}

#[tokio::test]
async fn required_mfa_applies_to_the_creator() {
    let lab = Lab::start().await;
    let ist = lab.ist("google", "frank@startup.example").await;
    let answer = lab
        .create(json!({ "intermediate_session_token": ist, "mfa_policy": "REQUIRED_FOR_ALL" }))
        .await
        .ok();
    assert_eq!(
        (&answer["member_authenticated"], &answer["primary_required"]),
        (&json!(false), &Value::Null)
    );
    assert_eq!(
        answer["mfa_required"],
        json!({ "member_options": null, "secondary_auth_initiated": null })
    );
}
