//! `rbac.policy` and an organization's own roles. See `docs/stytch.md#roles`.

use serde_json::{Map, Value, json};

use crate::{
    http::ApiRequest,
    model::{ApiError, Policy, Reply, State, clock::wire, fields::fields},
    rules::role_removal,
};

/// `GET /v1/b2b/rbac/policy`: returns the project's roles, resources and scopes.
#[expect(clippy::unnecessary_wraps, reason = "the signature of every handler")]
pub fn policy(state: &mut State, _: &ApiRequest) -> Reply {
    Ok(fields(json!({ "policy": state.policy.object() })))
}

/// `GET /v1/b2b/rbac/organizations/{organization_id}`: returns the organization's own roles.
pub fn organization_policy(state: &mut State, request: &ApiRequest) -> Reply {
    let organization = state.need_organization(request.part("organization_id"))?;
    Ok(answer(organization.value("custom_roles")))
}

/// `PUT /v1/b2b/rbac/organizations/{organization_id}`: takes `org_policy`, which replaces the organization's own roles.
/// A removed role is removed from every member. Resources and actions must exist in the project's policy.
pub fn set_organization_policy(state: &mut State, request: &ApiRequest) -> Reply {
    let organization = state.need_organization(request.part("organization_id"))?;
    let id = organization.id().to_owned();
    let before = role_ids(organization.value("custom_roles"));
    let given = request
        .object("org_policy")?
        .and_then(|policy| policy.get("roles"))
        .and_then(Value::as_array)
        .ok_or_else(|| ApiError::bad_request("org_policy.roles must be an array."))?;
    let mut roles: Vec<Value> = Vec::new();
    for role in given {
        let role = checked(&state.policy, role)?;
        if roles.iter().any(|it| it["role_id"] == role["role_id"]) {
            return Err(ApiError::of("rbac_role_duplicate"));
        }
        roles.push(role);
    }
    let now = wire(state.now());
    let roles = Value::Array(roles);
    if let Some(organization) = state.organization_mut(&id) {
        organization.merge(fields(
            json!({ "custom_roles": roles.clone(), "updated_at": now }),
        ));
    }
    let after = role_ids(&roles);
    let removed: Vec<String> = before
        .into_iter()
        .filter(|id| !after.contains(id))
        .collect();
    role_removal::remove(state, &id, &removed);
    Ok(answer(&roles))
}

fn role_ids(roles: &Value) -> Vec<String> {
    let roles = roles.as_array().into_iter().flatten();
    roles
        .filter_map(|role| role["role_id"].as_str().map(str::to_owned))
        .collect()
}

/// Checks a role: its name must not be one of the project's, and each permission must have a resource and actions.
fn checked(policy: &Policy, role: &Value) -> Result<Value, ApiError> {
    let id = role["role_id"].as_str().unwrap_or_default();
    if id.is_empty() {
        return Err(ApiError::of("empty_rbac_role_id"));
    }
    if policy.role(id).is_some() {
        return Err(ApiError::of("invalid_rbac_stytch_role_edit"));
    }
    let description = role["description"].as_str().unwrap_or_default();
    let given = role["permissions"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    if given.is_empty() {
        return Err(ApiError::of("rbac_role_missing_permissions"));
    }
    let mut permissions = Vec::new();
    for permission in given {
        let resource = permission["resource_id"].as_str().unwrap_or_default();
        if resource.is_empty() {
            return Err(ApiError::of("empty_rbac_resource_id"));
        }
        let actions: Option<Vec<&str>> = permission["actions"]
            .as_array()
            .and_then(|actions| actions.iter().map(Value::as_str).collect());
        let actions = actions
            .filter(|actions| !actions.is_empty())
            .ok_or_else(|| ApiError::of("rbac_permission_missing_actions"))?;
        let is_known = |action: &&str| policy.has_action(resource, action);
        if !actions.iter().all(is_known) {
            return Err(ApiError::of("invalid_rbac_custom_role"));
        }
        permissions.push(json!({ "resource_id": resource, "actions": actions }));
    }
    Ok(json!({ "role_id": id, "description": description, "permissions": permissions }))
}

fn answer(roles: &Value) -> Map<String, Value> {
    fields(json!({ "org_policy": { "roles": roles } }))
}
