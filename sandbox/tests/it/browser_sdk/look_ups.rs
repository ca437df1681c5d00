//! Lookups that require no sign-in.

use serde_json::{Value, json};

use super::{ADA, Browser};
use crate::{
    lab::{Lab, text},
    shapes::has_exactly,
    sso::{BOB, OIDC, SAML},
};

#[tokio::test]
async fn an_organization_is_found_by_its_slug_only() {
    let lab = Lab::start().await;
    let browser = Browser::new(&lab);
    let patch = json!({ "organization_external_id": "acme-at-home", "trusted_metadata": { "plan": "gold" } });
    lab.world.patch_organization("acme", patch);
    let search = async |slug: &str| {
        let body = json!({ "organization_slug": slug });
        let answer = browser.post("/b2b/organizations/search", body).await;
        answer.data()["organization"].clone()
    };
    let found = search("acme").await;
    has_exactly(
        &found,
        "organization_id organization_name organization_slug organization_logo_url sso_active_connections \
         sso_default_connection_id email_jit_provisioning email_allowed_domains oauth_tenant_jit_provisioning \
         allowed_oauth_tenants auth_methods allowed_auth_methods mfa_policy",
    );
    assert_eq!(found["organization_name"], "Acme Corp");
    let id = text(&found["organization_id"]);
    for other in ["acme2", "acme-at-home", id.as_str()] {
        assert_eq!(search(other).await, Value::Null, "{other}");
    }
    browser
        .post("/b2b/organizations/search", json!({}))
        .await
        .is_error(400, "bad_request");
}

#[tokio::test]
async fn a_member_lookup_returns_few_fields() {
    let lab = Lab::start().await;
    let search = async |email: &str| {
        let body = json!({ "organization_id": lab.organization("acme")["organization_id"], "email_address": email });
        let browser = Browser::new(&lab);
        let answer = browser
            .post("/b2b/organizations/members/search", body)
            .await;
        answer.data()["member"].clone()
    };
    assert_eq!(
        search(ADA).await,
        json!({ "status": "active", "name": "Ada Lovelace", "member_password_id": "" })
    );
    assert_eq!(search(BOB).await, Value::Null);
}

/// It finds the connections of the address's organizations, or else those through which the person can join.
#[tokio::test]
async fn sso_connections_are_found_by_address() {
    let lab = Lab::start().await;
    let find = async |email: &str| {
        let path = format!("/b2b/sso/discovery/connections?email_address={email}");
        let answer = Browser::new(&lab).get(&path).await.data();
        let found = answer["connections"].as_array().expect("a list").iter();
        found
            .map(|it| text(&it["connection_id"]))
            .collect::<Vec<_>>()
    };
    assert_eq!(find("BOB@globex.example").await, [SAML, OIDC]);
    assert!(find("new@globex.example").await.is_empty());
    let domains = json!({ "email_jit_provisioning": "RESTRICTED", "email_allowed_domains": ["globex.example"] });
    lab.world.patch_organization("globex", domains);
    assert_eq!(find("new@globex.example").await, [SAML, OIDC]);
    assert!(find("new@acme.example").await.is_empty());
    let restricted = json!({ "sso_jit_provisioning": "RESTRICTED", "sso_jit_provisioning_allowed_connections": [OIDC] });
    lab.world.patch_organization("globex", restricted);
    assert_eq!(find("new@globex.example").await, [OIDC]);
    lab.world
        .patch_organization("globex", json!({ "sso_jit_provisioning": "NOT_ALLOWED" }));
    assert!(find("new@globex.example").await.is_empty());
    assert_eq!(find(BOB).await, [SAML, OIDC]);
    let bob = lab.member_id("globex", BOB);
    lab.delete(&format!("/v1/b2b/organizations/globex/members/{bob}"))
        .await
        .ok();
    assert!(find(BOB).await.is_empty());
    Browser::new(&lab)
        .get("/b2b/sso/discovery/connections")
        .await
        .is_error(400, "bad_request");
}
