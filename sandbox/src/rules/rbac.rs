//! Roles and what they may do: the vendor's default policy, and an organization's own roles (fact sheet §5.10).
//!
//! The fact sheet names resources and roles; their actions are those of the vendor's browser SDK (its admin portal
//! and its `@rbac` tags) and of the field documentation in its Rust SDK.

use serde_json::{Value, json};

use crate::model::{Member, Organization};

/// A resource of the vendor's, what it is, and what can be done to it.
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

/// The role that every member has. No one is given it.
pub const EVERYONES_ROLE: &str = "stytch_member";

/// A role of the vendor's, what it is, and the resources of which it may do everything.
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

/// The project's policy: the vendor's `policy` object. A sandbox's project has the default roles and resources, and
/// no scopes.
pub fn policy() -> Value {
    let roles: Vec<Value> = ROLES
        .iter()
        .map(|(id, description, resources)| {
            let permissions: Vec<Value> = resources
                .iter()
                .map(|resource| json!({ "resource_id": resource, "actions": ["*"] }))
                .collect();
            json!({ "role_id": id, "description": description, "permissions": permissions })
        })
        .collect();
    let resources: Vec<Value> = RESOURCES
        .iter()
        .map(|(id, description, actions)| {
            json!({ "resource_id": id, "description": description, "actions": actions })
        })
        .collect();
    json!({ "roles": roles, "resources": resources, "scopes": [] })
}

/// Whether the role is one of the vendor's.
pub fn is_built_in(role: &str) -> bool {
    ROLES.iter().any(|(id, ..)| *id == role)
}

/// Whether members of the organization can have this role.
pub fn has_role(organization: &Organization, role: &str) -> bool {
    is_built_in(role)
        || entries(organization.value("custom_roles"))
            .iter()
            .any(|custom| custom["role_id"] == role)
}

/// Those of the member's roles that allow the action on the resource.
pub fn granting_roles<'a>(
    organization: &Organization,
    member: &'a Member,
    resource: &str,
    action: &str,
) -> Vec<&'a str> {
    member
        .roles()
        .into_iter()
        .filter(|role| grants(organization, role, resource, action))
        .collect()
}

fn grants(organization: &Organization, role: &str, resource: &str, action: &str) -> bool {
    if let Some((.., resources)) = ROLES.iter().find(|(id, ..)| *id == role) {
        return resources.contains(&resource);
    }
    entries(organization.value("custom_roles"))
        .iter()
        .filter(|custom| custom["role_id"] == role)
        .flat_map(|custom| entries(&custom["permissions"]))
        .filter(|permission| permission["resource_id"] == resource)
        .flat_map(|permission| entries(&permission["actions"]))
        .any(|allowed| allowed == action || allowed == "*")
}

fn entries(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
