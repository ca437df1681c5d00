//! Roles and their rights: the project's policy, and an organization's own roles.
//!
//! The resources and roles are from the vendor's guides. Their actions are from the vendor's browser SDK (its admin
//! portal and its `@rbac` tags) and the field documentation of its Rust SDK. See `docs/stytch.md#roles`.

use std::sync::{Arc, LazyLock};

use serde_json::{Value, json};

use crate::model::{Organization, Policy};

/// A resource of the vendor's: its id, description and actions.
type Resource = (&'static str, &'static str, &'static [&'static str]);

#[rustfmt::skip]
const RESOURCES: &[Resource] = &[
    (
        "stytch.organization", "Builtin resource for Stytch organization objects",
        &[
            "update.info.name", "update.info.slug", "update.info.logo-url",
            "update.settings.allowed-auth-methods", "update.settings.allowed-mfa-methods",
            "update.settings.email-jit-provisioning", "update.settings.email-invites",
            "update.settings.allowed-domains", "update.settings.default-sso-connection",
            "update.settings.sso-jit-provisioning", "update.settings.mfa-policy",
            "update.settings.implicit-roles", "update.settings.oauth-tenant-jit-provisioning",
            "update.settings.allowed-oauth-tenants", "delete",
        ],
    ),
    (
        "stytch.member", "Builtin resource for Stytch member objects",
        &[
            "create", "update.info.name", "update.info.email", "update.info.untrusted-metadata",
            "update.info.mfa-phone", "update.info.delete.mfa-phone", "update.info.delete.mfa-totp",
            "update.info.delete.password", "update.info.unlink.retired-email",
            "update.settings.is-breakglass", "update.settings.mfa-enrolled",
            "update.settings.default-mfa-method", "update.settings.roles", "search", "delete",
            "revoke-sessions",
        ],
    ),
    (
        "stytch.sso", "Builtin resource for Stytch SSO Connection objects",
        &["create", "get", "update", "delete"],
    ),
    (
        "stytch.self", "Builtin resource for the logged-in Stytch member object",
        &[
            "update.info.name", "update.info.untrusted-metadata", "update.info.mfa-phone",
            "update.info.delete.mfa-phone", "update.info.delete.password",
            "update.info.delete.mfa-totp", "update.info.unlink.retired-email",
            "update.settings.mfa-enrolled", "update.settings.default-mfa-method", "delete",
            "revoke-sessions",
        ],
    ),
    (
        "stytch.scim", "Builtin resource for Stytch SCIM Connection objects",
        &["create", "get", "update", "delete"],
    ),
    (
        "stytch.custom-org-roles", "Builtin resource for the custom roles of a Stytch organization",
        &["create", "get", "update", "delete"],
    ),
];

/// The role that every member has implicitly. It can't be assigned.
pub const EVERYONES_ROLE: &str = "stytch_member";

/// A role of the vendor's: its id, description, and the resources on which it allows everything.
type Role = (&'static str, &'static str, &'static [&'static str]);

const ROLES: &[Role] = &[
    (
        EVERYONES_ROLE,
        "Granted to all Members upon creation. Cannot be deleted.",
        &["stytch.self"],
    ),
    (
        "stytch_admin",
        "Granted to Members who create an organization through the discovery flow. Cannot be deleted.",
        &[
            "stytch.organization",
            "stytch.member",
            "stytch.sso",
            "stytch.scim",
            "stytch.custom-org-roles",
        ],
    ),
];

/// The policy of a new project at the vendor: default roles and resources, without scopes.
pub fn default_policy() -> Arc<Policy> {
    static DEFAULT: LazyLock<Arc<Policy>> = LazyLock::new(|| {
        let role = |(id, description, resources): &Role| {
            let permissions: Vec<Value> = resources
                .iter()
                .map(|resource| json!({ "resource_id": resource, "actions": ["*"] }))
                .collect();
            json!({ "role_id": id, "description": description, "permissions": permissions })
        };
        let resource = |(id, description, actions): &Resource| json!({ "resource_id": id, "description": description, "actions": actions });
        Arc::new(Policy {
            roles: ROLES.iter().map(role).collect(),
            resources: RESOURCES.iter().map(resource).collect(),
            scopes: Vec::new(),
        })
    });
    Arc::clone(&DEFAULT)
}

/// Whether members of the organization can have this role, which must be in the project's policy or one of the
/// organization's own.
pub fn has_role(policy: &Policy, organization: &Organization, role: &str) -> bool {
    policy.role(role).is_some() || own_roles(organization, role).next().is_some()
}

/// The roles among these that allow the action on the resource.
pub fn granting_roles<'a>(
    policy: &Policy,
    organization: &Organization,
    roles: Vec<&'a str>,
    resource: &str,
    action: &str,
) -> Vec<&'a str> {
    let grants = |role: &&str| grants(policy, organization, role, resource, action);
    roles.into_iter().filter(grants).collect()
}

fn grants(
    policy: &Policy,
    organization: &Organization,
    role: &str,
    resource: &str,
    action: &str,
) -> bool {
    policy
        .role(role)
        .into_iter()
        .chain(own_roles(organization, role))
        .flat_map(|role| entries(&role["permissions"]))
        .filter(|permission| permission["resource_id"] == resource)
        .flat_map(|permission| entries(&permission["actions"]))
        .any(|allowed| allowed == action || allowed == "*")
}

/// The organization's own role with this id.
fn own_roles<'a>(organization: &'a Organization, role: &'a str) -> impl Iterator<Item = &'a Value> {
    entries(organization.value("custom_roles"))
        .iter()
        .filter(move |custom| custom["role_id"] == role)
}

fn entries(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
