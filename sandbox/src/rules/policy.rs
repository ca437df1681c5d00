//! Reads a policy from a seed or a test, in the format of the response of `rbac.policy`.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::{
    model::{Policy, State, sso_connection::Assignment},
    rules::rbac::{default_policy, has_role},
};

/// An error in a policy: the field, and what was expected.
#[derive(Debug)]
pub struct PolicyMistake {
    /// `roles[2].role_id`; `""` for the policy itself.
    pub field: String,
    pub expected: String,
}

/// Maximum length of an id or a description in bytes, and of a list in entries.
const MOST: usize = 1024;

/// Reads and checks a policy. The vendor's resources and roles are added if they are missing; the vendor's resources
/// can't be changed.
pub fn read(given: &Value) -> Result<Arc<Policy>, PolicyMistake> {
    let given = table(given, "", &["roles", "resources", "scopes"])?;
    let default = default_policy();
    let mut policy = Policy {
        roles: Vec::new(),
        resources: default.resources.clone(),
        scopes: Vec::new(),
    };
    for (path, resource) in list(given, "", "resources")? {
        if !policy.resources.contains(resource) {
            let resource = read_resource(&policy, &path, resource)?;
            policy.resources.push(resource);
        }
    }
    for (path, role) in list(given, "", "roles")? {
        let role = read_holder(&policy, &path, role, "role_id", &policy.roles)?;
        policy.roles.push(role);
    }
    for (path, scope) in list(given, "", "scopes")? {
        let scope = read_holder(&policy, &path, scope, "scope", &policy.scopes)?;
        policy.scopes.push(scope);
    }
    let is_missing = |role: &&Value| {
        let id = role["role_id"].as_str().unwrap_or_default();
        policy.role(id).is_none()
    };
    let mut roles: Vec<Value> = default.roles.iter().filter(is_missing).cloned().collect();
    roles.append(&mut policy.roles);
    policy.roles = roles;
    Ok(Arc::new(policy))
}

/// Replaces the project's policy. Refused if it lacks a role that a member has.
pub fn set(state: &mut State, policy: Arc<Policy>) -> Result<(), PolicyMistake> {
    if let Some(role) = lost_role(state, &policy) {
        return Err(mistake(
            "roles",
            format!("with the role {role}, which a member has or is to have"),
        ));
    }
    state.policy = policy;
    Ok(())
}

/// A role in use that the new policy lacks.
fn lost_role(state: &State, policy: &Policy) -> Option<String> {
    for organization in state.organizations.iter() {
        let of_members = state
            .members
            .iter()
            .filter(|member| member.organization_id() == organization.id())
            .flat_map(|member| member.roles().into_iter().map(str::to_owned));
        let by_domain = organization.value("rbac_email_implicit_role_assignments");
        let by_domain = by_domain.as_array().into_iter().flatten();
        let by_domain = by_domain.filter_map(|it| it["role_id"].as_str().map(str::to_owned));
        let by_sso = state
            .factors
            .connections
            .iter()
            .filter(|it| it.organization_id() == organization.id())
            .flat_map(|it| {
                it.assignments()
                    .into_iter()
                    .map(|Assignment { role, .. }| role)
            });
        let mut all = of_members.chain(by_domain).chain(by_sso);
        let was = |role: &str| has_role(&state.policy, organization, role);
        let lost = all.find(|role| was(role) && !has_role(policy, organization, role));
        if lost.is_some() {
            return lost;
        }
    }
    None
}

fn read_resource(policy: &Policy, path: &str, given: &Value) -> Result<Value, PolicyMistake> {
    let fields = table(given, path, &["resource_id", "description", "actions"])?;
    let id = text(fields, path, "resource_id")?;
    if id.starts_with("stytch") {
        let expected = "one that does not begin with stytch, or a default one unchanged";
        return Err(mistake(&format!("{path}.resource_id"), expected));
    }
    if policy.resources.iter().any(|it| it["resource_id"] == id) {
        return Err(mistake(&format!("{path}.resource_id"), "given only once"));
    }
    let actions = texts(fields, path, "actions")?;
    if actions.contains(&"*") {
        let expected = "without *, which stands for all actions in a permission";
        return Err(mistake(&format!("{path}.actions"), expected));
    }
    let description = description(fields, path)?;
    Ok(json!({ "resource_id": id, "description": description, "actions": actions }))
}

/// Reads a role or a scope, whose id is under `key`, with its permissions.
fn read_holder(
    policy: &Policy,
    path: &str,
    given: &Value,
    key: &str,
    before: &[Value],
) -> Result<Value, PolicyMistake> {
    let fields = table(given, path, &[key, "description", "permissions"])?;
    let id = text(fields, path, key)?;
    if before.iter().any(|it| it[key] == id) {
        return Err(mistake(&format!("{path}.{key}"), "given only once"));
    }
    let mut permissions = Vec::new();
    for (path, permission) in list(fields, path, "permissions")? {
        let fields = table(permission, &path, &["resource_id", "actions"])?;
        let resource = text(fields, &path, "resource_id")?;
        if !policy.has_action(resource, "*") {
            let expected = "a resource of this policy";
            return Err(mistake(&format!("{path}.resource_id"), expected));
        }
        let actions = texts(fields, &path, "actions")?;
        if !actions.iter().all(|it| policy.has_action(resource, it)) {
            let expected = "a list of actions of the resource, or of *";
            return Err(mistake(&format!("{path}.actions"), expected));
        }
        permissions.push(json!({ "resource_id": resource, "actions": actions }));
    }
    let description = description(fields, path)?;
    Ok(json!({ key: id, "description": description, "permissions": permissions }))
}

fn table<'a>(
    given: &'a Value,
    path: &str,
    known: &[&str],
) -> Result<&'a Map<String, Value>, PolicyMistake> {
    let fields = given.as_object().ok_or_else(|| mistake(path, "a table"))?;
    match fields.keys().find(|key| !known.contains(&key.as_str())) {
        None => Ok(fields),
        Some(key) => {
            let known = known.join(", ");
            let expected = format!("one of the known fields: {known}");
            Err(mistake(&join(path, key), expected))
        }
    }
}

/// The entries of a list with their paths; empty if the list is missing.
fn list<'a>(
    fields: &'a Map<String, Value>,
    path: &str,
    name: &str,
) -> Result<Vec<(String, &'a Value)>, PolicyMistake> {
    let path = join(path, name);
    match fields.get(name) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(entries)) if entries.len() <= MOST => {
            let numbered = entries.iter().enumerate();
            Ok(numbered
                .map(|(index, entry)| (format!("{path}[{index}]"), entry))
                .collect())
        }
        Some(_) => Err(mistake(&path, format!("a list of up to {MOST} tables"))),
    }
}

fn text<'a>(
    fields: &'a Map<String, Value>,
    path: &str,
    name: &str,
) -> Result<&'a str, PolicyMistake> {
    let text = fields.get(name).and_then(Value::as_str);
    text.filter(|text| (1..=MOST).contains(&text.len()))
        .ok_or_else(|| mistake(&join(path, name), format!("a string of 1 to {MOST} bytes")))
}

/// A list of at least one text, without duplicates.
fn texts<'a>(
    fields: &'a Map<String, Value>,
    path: &str,
    name: &str,
) -> Result<Vec<&'a str>, PolicyMistake> {
    let wrong = || {
        mistake(
            &join(path, name),
            "a list of at least one string, without duplicates",
        )
    };
    let entries = fields.get(name).and_then(Value::as_array);
    let entries = entries.ok_or_else(wrong)?;
    let mut texts: Vec<&str> = Vec::new();
    for entry in entries {
        let text = entry.as_str().filter(|text| !text.is_empty());
        let text = text.ok_or_else(wrong)?;
        if texts.contains(&text) || texts.len() >= MOST {
            return Err(wrong());
        }
        texts.push(text);
    }
    if texts.is_empty() {
        return Err(wrong());
    }
    Ok(texts)
}

fn description(fields: &Map<String, Value>, path: &str) -> Result<String, PolicyMistake> {
    match fields.get("description") {
        None | Some(Value::Null) => Ok(String::new()),
        Some(Value::String(text)) if text.len() <= MOST => Ok(text.clone()),
        Some(_) => {
            let expected = format!("a string of up to {MOST} bytes");
            Err(mistake(&join(path, "description"), expected))
        }
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

fn mistake(field: &str, expected: impl Into<String>) -> PolicyMistake {
    PolicyMistake {
        field: field.to_owned(),
        expected: expected.into(),
    }
}
