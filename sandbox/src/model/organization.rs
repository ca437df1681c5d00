//! An organization, kept as the vendor's object, with readers for the rules. See `docs/stytch.md#organizations`.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use crate::model::{Login, Provider, clock::wire, fields::fields};

/// An organization. It is kept as the vendor's object, so that responses show exactly what is stored, and tests can add
/// fields that this version does not know. Copies share the object until one of them changes.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Organization(Arc<Map<String, Value>>);

impl Organization {
    /// A new organization with the vendor's defaults.
    pub fn new(id: &str, name: &str, slug: &str, at: OffsetDateTime) -> Self {
        let object = json!({
            "organization_id": id,
            "organization_name": name,
            "organization_slug": slug,
            "organization_logo_url": "",
            "organization_external_id": null,
            "trusted_metadata": {},
            "sso_default_connection_id": null,
            "sso_active_connections": [],
            "sso_jit_provisioning": "ALL_ALLOWED",
            "sso_jit_provisioning_allowed_connections": [],
            "email_allowed_domains": [],
            "email_jit_provisioning": "NOT_ALLOWED",
            "email_invites": "ALL_ALLOWED",
            "oauth_tenant_jit_provisioning": "NOT_ALLOWED",
            "allowed_oauth_tenants": {},
            "claimed_email_domains": [],
            "auth_methods": "ALL_ALLOWED",
            "allowed_auth_methods": [],
            "mfa_policy": "OPTIONAL",
            "mfa_methods": "ALL_ALLOWED",
            "allowed_mfa_methods": [],
            "rbac_email_implicit_role_assignments": [],
            "first_party_connected_apps_allowed_type": "ALL_ALLOWED",
            "allowed_first_party_connected_apps": [],
            "third_party_connected_apps_allowed_type": "ALL_ALLOWED",
            "allowed_third_party_connected_apps": [],
            "custom_roles": [],
            "scim_active_connection": null,
            "scim_active_connections": [],
            "created_at": wire(at),
            "updated_at": wire(at),
        });
        Self(Arc::new(fields(object)))
    }

    pub fn object(&self) -> Value {
        Value::Object((*self.0).clone())
    }

    /// Whether both have the same object.
    pub fn shows_the_same_as(&self, other: &Self) -> bool {
        self.0 == other.0
    }

    /// Replaces the values of the given keys, without checks.
    pub fn merge(&mut self, keys: Map<String, Value>) {
        Arc::make_mut(&mut self.0).extend(keys);
    }

    pub fn id(&self) -> &str {
        self.text("organization_id")
    }

    pub fn slug(&self) -> &str {
        self.text("organization_slug")
    }

    pub fn name(&self) -> &str {
        self.text("organization_name")
    }

    /// Whether this is the organization's id, slug or external id.
    pub fn answers_to(&self, reference: &str) -> bool {
        [
            "organization_id",
            "organization_slug",
            "organization_external_id",
        ]
        .iter()
        .any(|key| !reference.is_empty() && self.text(key) == reference)
    }

    /// A text field; `""` if it is missing or null.
    pub fn text(&self, key: &str) -> &str {
        self.0.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    pub fn list(&self, key: &str) -> Vec<&str> {
        self.0
            .get(key)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect()
    }

    pub fn value(&self, key: &str) -> &Value {
        self.0.get(key).unwrap_or(&Value::Null)
    }

    /// Whether the list under this key contains the domain, ignoring case.
    pub fn lists_domain(&self, key: &str, domain: &str) -> bool {
        self.list(key)
            .iter()
            .any(|listed| listed.eq_ignore_ascii_case(domain))
    }

    /// Whether this is one of its active SSO connections.
    pub fn has_connection(&self, id: &str) -> bool {
        self.value("sso_active_connections")
            .as_array()
            .is_some_and(|connections| connections.iter().any(|it| it["connection_id"] == id))
    }

    /// Whether members may sign in with this method.
    pub fn allows(&self, method: &str) -> bool {
        self.text("auth_methods") != "RESTRICTED"
            || self.list("allowed_auth_methods").contains(&method)
    }

    /// The login's first tenant whose people can join, with its provider.
    pub fn open_tenant<'a>(&self, login: &'a Login) -> Option<(Provider, &'a str)> {
        let provider = login.proof.provider()?;
        if self.text("oauth_tenant_jit_provisioning") != "RESTRICTED" {
            return None;
        }
        let allowed = self
            .value("allowed_oauth_tenants")
            .get(provider.word())
            .and_then(Value::as_array)?;
        login
            .tenants
            .iter()
            .map(String::as_str)
            .find(|tenant| allowed.iter().any(|open| open.as_str() == Some(tenant)))
            .map(|tenant| (provider, tenant))
    }
}
