//! Organizations in the console: creation, settings, and errors of the API.

use serde_json::json;

use super::{accepted, page, press, refused};
use crate::lab::Lab;

fn acme(lab: &Lab) -> String {
    let id = lab.organization("acme")["organization_id"].clone();
    format!("organizations/{}", id.as_str().expect("an id"))
}

#[tokio::test]
async fn an_organization_is_created() {
    let lab = Lab::start().await;
    let new = accepted(
        &lab,
        "organizations/new",
        &[
            ("organization_name", "Umbrella"),
            ("trusted_metadata", r#"{"plan": "pro"}"#),
        ],
    )
    .await;
    let umbrella = lab.organization("umbrella");
    assert_eq!(umbrella["trusted_metadata"], json!({ "plan": "pro" }));
    let id = umbrella["organization_id"].as_str().expect("an id");
    assert_eq!(new, format!("/organizations/{id}?done=created"));
    assert!(page(&lab, &new).await.contains("role=\"status\">Created.<"));

    let action = "organizations/new";
    refused(
        &lab,
        action,
        &[("organization_slug", "x-1")],
        "organization_name",
        "required",
    )
    .await;
    let taken = [("organization_name", "Kept"), ("organization_slug", "acme")];
    refused(&lab, action, &taken, "organization_slug", "already used").await;
    let metadata = [("organization_name", "Kept"), ("trusted_metadata", "[1]")];
    refused(&lab, action, &metadata, "trusted_metadata", "JSON object").await;
    let metadata = [
        ("organization_name", "Kept"),
        ("trusted_metadata", "{\"a\""),
    ];
    refused(&lab, action, &metadata, "trusted_metadata", "valid JSON").await;
}

#[tokio::test]
async fn settings_are_changed() {
    let lab = Lab::start().await;
    let before = lab.organization("acme");
    let saved = accepted(
        &lab,
        &acme(&lab),
        &[
            ("organization_name", "Acme & Sons"),
            ("organization_external_id", "acme-7"),
            ("auth_methods", "RESTRICTED"),
            ("shown", "allowed_auth_methods"),
            ("allowed_auth_methods", "google_oauth"),
            ("allowed_auth_methods", "password"),
            ("mfa_policy", "REQUIRED_FOR_ALL"),
            ("email_allowed_domains", "acme.example\r\nsons.example\r\n"),
            ("email_jit_provisioning", "RESTRICTED"),
            ("allowed_github_tenants", "8"),
            ("oauth_tenant_jit_provisioning", "RESTRICTED"),
            (
                "rbac_email_implicit_role_assignments",
                "sons.example stytch_admin",
            ),
            ("trusted_metadata", r#"{"plan": "pro", "seats": 3}"#),
        ],
    )
    .await;
    assert!(saved.ends_with("?done=saved"), "{saved}");
    let after = lab.organization("acme");
    for (field, expected) in [
        ("organization_name", json!("Acme & Sons")),
        ("organization_external_id", json!("acme-7")),
        ("auth_methods", json!("RESTRICTED")),
        ("allowed_auth_methods", json!(["google_oauth", "password"])),
        ("mfa_policy", json!("REQUIRED_FOR_ALL")),
        (
            "email_allowed_domains",
            json!(["acme.example", "sons.example"]),
        ),
        ("email_jit_provisioning", json!("RESTRICTED")),
        ("allowed_oauth_tenants", json!({ "github": ["8"] })),
        ("oauth_tenant_jit_provisioning", json!("RESTRICTED")),
        ("trusted_metadata", json!({ "plan": "pro", "seats": 3 })),
        (
            "rbac_email_implicit_role_assignments",
            json!([{ "domain": "sons.example", "role_id": "stytch_admin" }]),
        ),
    ] {
        assert_eq!(after[field], expected, "{field}");
    }
    for field in [
        "organization_slug",
        "email_invites",
        "mfa_methods",
        "sso_jit_provisioning",
    ] {
        assert_eq!(after[field], before[field], "{field} was not in the form");
    }

    // Values that are removed from the form are removed.
    let form = [
        ("organization_external_id", ""),
        ("trusted_metadata", r#"{"seats": 3}"#),
        ("mfa_policy", "OPTIONAL"),
        ("auth_methods", "ALL_ALLOWED"),
        ("shown", "allowed_auth_methods"),
    ];
    accepted(&lab, &acme(&lab), &form).await;
    let after = lab.organization("acme");
    assert_eq!(after["organization_external_id"], json!(null));
    assert_eq!(after["trusted_metadata"], json!({ "seats": 3 }));
    assert_eq!(after["allowed_auth_methods"], json!([]));
    let unchanged = accepted(&lab, &acme(&lab), &form[1..4]).await;
    assert!(unchanged.ends_with("?done=unchanged"), "{unchanged}");
    assert_eq!(lab.organization("acme"), after);
}

/// The form contains the current values, so sending it unchanged changes nothing.
#[tokio::test]
async fn an_unchanged_form_changes_nothing() {
    let lab = Lab::start().await;
    for slug in ["acme", "globex", "initech", "oneil"] {
        let before = lab.organization(slug);
        let id = before["organization_id"].as_str().expect("an id");
        let rest = format!("organizations/{id}");
        let text = page(&lab, &format!("/{rest}")).await;
        let typed = super::forms::filled_in(&text);
        let typed: Vec<(&str, &str)> = typed.iter().map(|(a, b)| (&**a, &**b)).collect();
        assert!(typed.contains(&("organization_slug", slug)), "{typed:?}");
        let done = accepted(&lab, &rest, &typed).await;
        assert!(done.ends_with("?done=unchanged"), "{slug}: {typed:?}");
        assert_eq!(lab.organization(slug), before);
    }
}

#[tokio::test]
async fn errors_of_the_api_are_shown_at_their_fields() {
    let lab = Lab::start().await;
    let acme = acme(&lab);
    let role = "rbac_email_implicit_role_assignments";
    for (form, field, words) in [
        (
            &[("organization_name", "")][..],
            "organization_name",
            "between 1 and 128",
        ),
        (
            &[("organization_slug", "globex")],
            "organization_slug",
            "already used",
        ),
        (
            &[("organization_external_id", "a b")],
            "organization_external_id",
            "alphanumerics",
        ),
        (
            &[("auth_methods", "RESTRICTED")],
            "allowed_auth_methods",
            "must be set",
        ),
        (
            &[("mfa_methods", "RESTRICTED")],
            "allowed_mfa_methods",
            "must be set",
        ),
        (
            &[("email_allowed_domains", "gmail.com")],
            "email_allowed_domains",
            "common",
        ),
        (
            &[("claimed_email_domains", "no domain")],
            "claimed_email_domains",
            "not a domain",
        ),
        (&[(role, "acme.example")], role, "a domain and a role"),
        (
            &[(role, "acme.example nobody")],
            role,
            "a role of the organization",
        ),
        (
            &[
                ("oauth_tenant_jit_provisioning", "RESTRICTED"),
                ("organization_name", "Kept"),
            ],
            "oauth_tenant_jit_provisioning",
            "must be set",
        ),
    ] {
        refused(&lab, &acme, form, field, words).await;
    }
    // A value that the form does not offer is refused.
    for (form, words) in [
        ("mfa_policy=SOMETIMES", "OPTIONAL"),
        ("sso_default_connection_id=x", "not an active connection"),
    ] {
        let reply = press(&lab, &acme, form).await;
        assert!(reply.status == 400 && reply.text.contains(words), "{form}");
    }
    // Nothing is saved if the second call is refused.
    let form = [
        ("organization_external_id", ""),
        ("organization_slug", "globex"),
    ];
    accepted(&lab, &acme, &[("organization_external_id", "acme-7")]).await;
    refused(&lab, &acme, &form, "organization_slug", "already used").await;
}

/// A change in the console is an event, like a change through the API.
#[tokio::test]
async fn changes_are_sent_to_webhooks() {
    let lab = Lab::start().await;
    // No program listens on port 9, but the delivery is listed.
    accepted(&lab, "webhooks", &[("url", "http://127.0.0.1:9/hooks")]).await;
    accepted(&lab, &acme(&lab), &[("organization_name", "Acme 2")]).await;
    let text = page(&lab, "/webhooks").await;
    assert!(text.contains("direct.organization.update") && text.contains("Acme 2"));
}

#[tokio::test]
async fn an_organization_is_deleted() {
    let lab = Lab::start().await;
    lab.adas_session().await;
    let acme = acme(&lab);
    let done = accepted(&lab, &format!("{acme}/delete"), &[]).await;
    assert_eq!(done, "/organizations?done=deleted");
    assert_eq!(lab.world.state()["sessions"], json!([]));
    let again = press(&lab, &format!("{acme}/delete"), "").await;
    assert_eq!(again.status, 404);
}
