//! `organizations.create`, `.get`, `.update`, `.delete`, `.metrics` and `.delete_external_id`.
//! See `docs/stytch.md#organizations`.

use serde_json::{Value, json};

use super::lab::{Lab, text};
use super::shapes::{ORGANIZATION, has_exactly};

const ALL: &str = "/v1/b2b/organizations";
const ACME: &str = "/v1/b2b/organizations/acme";

#[tokio::test]
async fn an_organization_is_created_with_the_vendors_defaults() {
    let lab = Lab::start().await;
    let body = json!({ "organization_name": "Wonka & Sons" });
    let made = lab.post(ALL, body).await.ok()["organization"].clone();
    has_exactly(&made, ORGANIZATION);
    assert_eq!(made["organization_slug"], "wonka---sons");
    assert_eq!(made["email_invites"], "ALL_ALLOWED");
    let id = text(&made["organization_id"]);
    assert_eq!(
        lab.get(&format!("{ALL}/{id}")).await.ok()["organization"],
        made
    );
    // The same name gives another slug.
    let body = json!({ "organization_name": "Wonka & Sons" });
    let other = lab.post(ALL, body).await.ok()["organization"].clone();
    assert_ne!(other["organization_slug"], made["organization_slug"]);
}

#[tokio::test]
async fn an_organization_is_created_with_the_given_settings() {
    let lab = Lab::start().await;
    let wanted = json!({
        "organization_name": "Wonka", "organization_slug": "wonka", "organization_external_id": "crm-7",
        "organization_logo_url": "https://wonka.example/logo.png", "trusted_metadata": { "tier": 1, "gone": null },
        "email_allowed_domains": ["wonka.example"], "email_jit_provisioning": "RESTRICTED",
        "claimed_email_domains": ["wonka.example"], "mfa_policy": "REQUIRED_FOR_ALL",
        "oauth_tenant_jit_provisioning": "RESTRICTED", "allowed_oauth_tenants": { "slack": ["T1"] },
        "rbac_email_implicit_role_assignments": [{ "domain": "wonka.example", "role_id": "stytch_admin" }],
        "third_party_connected_apps_allowed_type": "NOT_ALLOWED",
    });
    let made = lab.post(ALL, wanted.clone()).await.ok()["organization"].clone();
    for (key, value) in wanted.as_object().expect("an object") {
        if key != "trusted_metadata" {
            assert_eq!(made[key], *value, "{key}");
        }
    }
    assert_eq!(made["trusted_metadata"], json!({ "tier": 1 }));
    assert_eq!(made["email_invites"], "NOT_ALLOWED", "others are set");
    for reference in ["wonka", "crm-7"] {
        let got = lab.get(&format!("{ALL}/{reference}")).await.ok();
        assert_eq!(got["organization"], made);
    }
    // The claimed domain is not available to others, for creation or for another claim.
    let body =
        json!({ "organization_name": "Slugworth", "claimed_email_domains": ["WONKA.example"] });
    lab.post(ALL, body)
        .await
        .is_error(400, "action_not_allowed_email_domain_is_claimed");
}

/// Invalid fields, each with its error.
#[rustfmt::skip] // a table: one refusal a line
fn refused() -> Vec<(&'static str, Value, &'static str)> {
    let assign = |domain: &str, role: &str| json!([{ "domain": domain, "role_id": role }]);
    vec![
        ("organization_name", json!("x".repeat(129)), "invalid_organization_name"),
        ("organization_slug", json!("a"), "invalid_organization_slug"),
        ("organization_slug", json!("acme"), "organization_slug_already_used"),
        ("organization_external_id", json!("acme"), "organization_external_id_already_used"),
        ("claimed_email_domains", json!(["gmail.com"]), "organization_settings_claimed_domain_too_common"),
        ("claimed_email_domains", json!(["x"]), "organization_settings_invalid_claimed_domain"),
        ("claimed_email_domains", json!(["a.example", "A.example"]), "organization_settings_duplicate_claimed_domain"),
        ("email_allowed_domains", json!(["mailinator.com"]), "organization_settings_disposable_domain"),
        ("email_allowed_domains", json!(["gmail.com"]), "organization_settings_domain_too_common"),
        ("email_allowed_domains", json!(["x"]), "organization_settings_invalid_domain"),
        ("email_allowed_domains", json!(["a.example", "A.example"]), "organization_settings_duplicate_domain"),
        ("email_jit_provisioning", json!("RESTRICTED"), "invalid_restricted_email_setting"),
        ("sso_jit_provisioning", json!("RESTRICTED"), "invalid_restricted_sso_setting"),
        ("trusted_metadata", json!([1]), "metadata_invalid_format"),
        ("trusted_metadata", json!({ "x": "y".repeat(4100) }), "metadata_too_large"),
        ("rbac_email_implicit_role_assignments", assign("gmail.com", "stytch_admin"), "rbac_domain_too_common"),
        ("rbac_email_implicit_role_assignments", assign("x", "stytch_admin"), "rbac_invalid_domain"),
        ("rbac_email_implicit_role_assignments", assign("a.example", "nobody"), "invalid_rbac_role_assignment"),
    ]
}

#[tokio::test]
async fn invalid_new_organizations_are_refused() {
    let lab = Lab::start().await;
    for body in [json!({}), json!({ "organization_name": "" })] {
        lab.post(ALL, body)
            .await
            .is_error(400, "organization_name_missing");
    }
    for (field, value, error) in refused() {
        let mut body = json!({ "organization_name": "Wonka" });
        body[field] = value;
        lab.post(ALL, body).await.is_error(400, error);
    }
    let keys: serde_json::Map<String, Value> = (0..21).map(|n| (n.to_string(), json!(n))).collect();
    let body = json!({ "organization_name": "Wonka", "trusted_metadata": keys });
    lab.post(ALL, body)
        .await
        .is_error(400, "metadata_too_many_keys");
    assert_eq!(
        lab.organization("wonka"),
        Value::Null,
        "nothing was created"
    );
}

#[tokio::test]
async fn only_the_given_fields_change() {
    let lab = Lab::start().await;
    let before = lab.organization("acme");
    let after = lab
        .put(
            ACME,
            json!({ "organization_name": "Acme Ltd", "mfa_policy": null }),
        )
        .await
        .ok();
    let mut expected = before.clone();
    expected["organization_name"] = json!("Acme Ltd");
    expected["updated_at"] = after["organization"]["updated_at"].clone();
    assert_eq!(after["organization"], expected);
    assert_ne!(expected["updated_at"], before["updated_at"]);
    assert_eq!(lab.organization("acme"), expected);
    lab.put(ACME, json!({})).await.ok();
}

#[tokio::test]
async fn metadata_is_merged_and_lists_are_replaced() {
    let lab = Lab::start().await;
    let put = |body: Value| async { lab.put(ACME, body).await.ok()["organization"].clone() };
    put(json!({ "trusted_metadata": { "a": { "x": 1 }, "b": 2 } })).await;
    let after = put(json!({ "trusted_metadata": { "a": { "y": 1 }, "b": null, "c": 3 } })).await;
    assert_eq!(
        after["trusted_metadata"],
        json!({ "a": { "y": 1 }, "c": 3 })
    );
    put(json!({ "allowed_mfa_methods": ["totp", "sms_otp"] })).await;
    let after = put(json!({ "allowed_mfa_methods": ["totp"] })).await;
    assert_eq!(after["allowed_mfa_methods"], json!(["totp"]));
    put(json!({ "organization_logo_url": "https://acme.example/logo.png" })).await;
    let after = put(json!({ "organization_logo_url": "" })).await;
    assert_eq!(after["organization_logo_url"], "", "\"\" clears it");
}

#[tokio::test]
async fn updates_are_checked_against_the_existing_settings() {
    let lab = Lab::start().await;
    for (body, error) in [
        (
            json!({ "organization_name": "" }),
            "invalid_organization_name",
        ),
        (
            json!({ "organization_slug": "" }),
            "invalid_organization_slug",
        ),
        (
            json!({ "organization_slug": "GLOBEX" }),
            "organization_slug_already_used",
        ),
        (
            json!({ "organization_external_id": "globex" }),
            "organization_external_id_already_used",
        ),
        (
            json!({ "sso_default_connection_id": "saml-connection-test-x" }),
            "invalid_sso_default_connection_id",
        ),
        (
            json!({ "sso_default_connection_id": "" }),
            "invalid_sso_default_connection_id",
        ),
        (
            json!({ "sso_jit_provisioning_allowed_connections": ["x"] }),
            "invalid_restricted_sso_setting",
        ),
        (
            json!({ "sso_jit_provisioning": "RESTRICTED" }),
            "invalid_restricted_sso_setting",
        ),
        (
            json!({ "auth_methods": "" }),
            "invalid_organization_auth_method_settings",
        ),
        (
            json!({ "auth_methods": "RESTRICTED" }),
            "allowed_auth_methods_required_for_restricted",
        ),
        // Acme lets people join by domain, so the list of domains can't be emptied.
        (
            json!({ "email_allowed_domains": [] }),
            "invalid_restricted_email_setting",
        ),
        (
            json!({ "email_jit_provisioning": "NOT_ALLOWED", "email_invites": "NOT_ALLOWED", "sso_jit_provisioning": "NOT_ALLOWED" }),
            "invalid_organization_auth_factor_setting",
        ),
        (
            json!({ "mfa_policy": "SOMETIMES" }),
            "invalid_organization_mfa_policy",
        ),
        (
            json!({ "trusted_metadata": "x" }),
            "metadata_invalid_format",
        ),
        (json!({ "organization_name": 5 }), "bad_request"),
    ] {
        let before = lab.organization("acme");
        lab.put(ACME, body).await.is_error(400, error);
        assert_eq!(
            lab.organization("acme"),
            before,
            "{error} changed something"
        );
    }
    lab.put("/v1/b2b/organizations/nobody", json!({}))
        .await
        .is_error(404, "organization_not_found");
    // An organization's own slug is not a conflict.
    lab.put(ACME, json!({ "organization_slug": "ACME" }))
        .await
        .ok();
    let globex = lab.organization("globex");
    let own = globex["sso_active_connections"][1]["connection_id"].clone();
    let body = json!({ "sso_default_connection_id": own, "sso_jit_provisioning": "RESTRICTED", "sso_jit_provisioning_allowed_connections": [own] });
    let after = lab.put("/v1/b2b/organizations/globex", body).await.ok()["organization"].clone();
    assert_eq!(after["sso_default_connection_id"], own);
}

#[tokio::test]
async fn a_changed_policy_affects_the_next_login_but_not_sessions() {
    let lab = Lab::start().await;
    let (token, _) = lab.adas_session().await;
    lab.put(ACME, json!({ "mfa_policy": "REQUIRED_FOR_ALL" }))
        .await
        .ok();
    let next = lab
        .sign_in("google", "ada@acme.example", "acme", json!({}))
        .await
        .ok();
    assert_eq!(next["member_authenticated"], false);
    let body = json!({ "session_token": token });
    lab.post("/v1/b2b/sessions/authenticate", body.clone())
        .await
        .ok();
    let restricted = json!({ "mfa_policy": "OPTIONAL", "auth_methods": "RESTRICTED", "allowed_auth_methods": ["microsoft_oauth"] });
    lab.put(ACME, restricted).await.ok();
    lab.sign_in("google", "ada@acme.example", "acme", json!({}))
        .await
        .is_error(403, "operation_restricted_by_organization_auth_methods");
    // The session shows the new slug.
    lab.put(ACME, json!({ "organization_slug": "acme-2" }))
        .await
        .ok();
    let session = lab.post("/v1/b2b/sessions/authenticate", body).await.ok();
    assert_eq!(session["member_session"]["organization_slug"], "acme-2");
    lab.get(ACME).await.is_error(404, "organization_not_found");
}

#[tokio::test]
async fn roles_by_domain_follow_the_setting() {
    let lab = Lab::start().await;
    let body = json!({ "rbac_email_implicit_role_assignments": [{ "domain": "initech.example", "role_id": "stytch_admin" }] });
    let initech = "/v1/b2b/organizations/initech";
    lab.put(initech, body).await.ok();
    let carol = lab.member("initech", "carol@initech.example");
    assert_eq!(carol["is_admin"], true);
    let source =
        json!({ "type": "email_assignment", "details": { "email_domain": "initech.example" } });
    assert_eq!(
        carol["roles"][1],
        json!({ "role_id": "stytch_admin", "sources": [source] })
    );
    assert_eq!(lab.member("initech", "ada@acme.example")["is_admin"], false);
    lab.put(
        initech,
        json!({ "rbac_email_implicit_role_assignments": [] }),
    )
    .await
    .ok();
    let carol = lab.member("initech", "carol@initech.example");
    assert_eq!(
        (&carol["is_admin"], carol["roles"].as_array().map(Vec::len)),
        (&json!(false), Some(1))
    );
    // This includes an address that is not verified, because she is only invited to Acme.
    let body = json!({ "rbac_email_implicit_role_assignments": [{ "domain": "initech.example", "role_id": "stytch_admin" }] });
    lab.put(ACME, body).await.ok();
    let carol = lab.member("acme", "carol@initech.example");
    assert_eq!(
        (&carol["status"], &carol["is_admin"]),
        (&json!("invited"), &json!(true))
    );
}

#[tokio::test]
async fn deleting_an_organization_removes_everything_in_it() {
    let lab = Lab::start().await;
    let (token, _) = lab.adas_session().await;
    let on_the_way = lab.oauth_token("google", "ada@acme.example", "acme");
    let id = lab.organization("acme")["organization_id"].clone();
    assert_eq!(lab.delete(ACME).await.ok()["organization_id"], id);
    lab.get(ACME).await.is_error(404, "organization_not_found");
    lab.delete(ACME)
        .await
        .is_error(404, "organization_not_found");
    let body = json!({ "session_token": token });
    lab.post("/v1/b2b/sessions/authenticate", body)
        .await
        .is_error(404, "session_not_found");
    let body = json!({ "oauth_token": on_the_way });
    lab.post("/v1/b2b/oauth/authenticate", body)
        .await
        .is_error(400, "oauth_token_not_found");
    let state = lab.world.state();
    let members = state["members"].as_array().expect("members");
    assert!(members.iter().all(|member| member["organization_id"] != id));
    let answer = lab.discover("google", "ada@acme.example").await;
    assert!(
        super::lab::listed(&answer)
            .iter()
            .all(|(slug, _)| slug != "acme")
    );
}

#[tokio::test]
async fn metrics_count_members_and_external_ids_can_be_removed() {
    let lab = Lab::start().await;
    let count = || async { lab.get(&format!("{ACME}/metrics")).await.ok()["member_count"].clone() };
    assert_eq!(count().await, 2);
    lab.world.patch_member(
        "acme",
        "carol@initech.example",
        json!({ "status": "deleted" }),
    );
    assert_eq!(count().await, 1);
    lab.get("/v1/b2b/organizations/nobody/metrics")
        .await
        .is_error(404, "organization_not_found");

    lab.put(ACME, json!({ "organization_external_id": "crm-1" }))
        .await
        .ok();
    let by_external = "/v1/b2b/organizations/crm-1";
    lab.get(by_external).await.ok();
    let after = lab.delete(&format!("{ACME}/external_id")).await.ok();
    assert_eq!(
        after["organization"]["organization_external_id"],
        Value::Null
    );
    lab.get(by_external)
        .await
        .is_error(404, "organization_not_found");
}

/// Without any settings, a new organization allows invitations.
#[tokio::test]
async fn any_given_setting_closes_invitations() {
    let lab = Lab::start().await;
    for (setting, invites) in [
        (json!({}), "ALL_ALLOWED"),
        (
            json!({ "email_allowed_domains": ["wonka.example"] }),
            "ALL_ALLOWED",
        ),
        (
            json!({ "sso_jit_provisioning": "ALL_ALLOWED" }),
            "NOT_ALLOWED",
        ),
        (json!({ "mfa_policy": "REQUIRED_FOR_ALL" }), "NOT_ALLOWED"),
        (json!({ "mfa_methods": "ALL_ALLOWED" }), "NOT_ALLOWED"),
        (
            json!({ "first_party_connected_apps_allowed_type": "ALL_ALLOWED" }),
            "NOT_ALLOWED",
        ),
        (
            json!({ "third_party_connected_apps_allowed_type": "NOT_ALLOWED" }),
            "NOT_ALLOWED",
        ),
        (
            json!({ "mfa_policy": "OPTIONAL", "email_invites": "ALL_ALLOWED" }),
            "ALL_ALLOWED",
        ),
    ] {
        let mut body = setting.clone();
        body["organization_name"] = json!("Wonka");
        let made = lab.post(ALL, body).await.ok()["organization"].clone();
        assert_eq!(made["email_invites"], invites, "{setting}");
    }
    // Closed invitations do not count as a way to join, so another one must be open.
    let none = json!({ "organization_name": "Wonka", "sso_jit_provisioning": "NOT_ALLOWED" });
    lab.post(ALL, none)
        .await
        .is_error(400, "invalid_organization_auth_factor_setting");
}

/// Joining by tenant is enough.
#[tokio::test]
async fn one_way_to_join_must_stay_open() {
    let lab = Lab::start().await;
    let closed = json!({ "email_jit_provisioning": "NOT_ALLOWED", "email_invites": "NOT_ALLOWED", "sso_jit_provisioning": "NOT_ALLOWED" });
    let mut by_tenant = closed.clone();
    by_tenant["oauth_tenant_jit_provisioning"] = json!("RESTRICTED");
    by_tenant["allowed_oauth_tenants"] = json!({ "slack": ["T1"] });
    lab.put(ACME, by_tenant).await.ok();
    // The last one can't be closed.
    let last = json!({ "oauth_tenant_jit_provisioning": "NOT_ALLOWED" });
    let reply = lab.put(ACME, last.clone()).await;
    reply.is_error(400, "invalid_organization_auth_factor_setting");
    assert!(
        reply.text.contains("oauth_tenant_jit_provisioning"),
        "{}",
        reply.text
    );
    let mut instead = last;
    instead["email_invites"] = json!("ALL_ALLOWED");
    lab.put(ACME, instead).await.ok();
}
