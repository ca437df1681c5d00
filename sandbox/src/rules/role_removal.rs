//! Removes roles that an organization no longer has.

use serde_json::{Value, json};

use crate::model::{State, clock::wire, fields::fields};

/// The organization's role assignments by email domain.
const BY_DOMAIN: &str = "rbac_email_implicit_role_assignments";

/// Removes the roles from every member of the organization, regardless of their source, and from the assignments by
/// email domain, SSO connection and group. Otherwise, a later role with the same name would be assigned again.
pub fn remove(state: &mut State, organization_id: &str, removed: &[String]) {
    if removed.is_empty() {
        return;
    }
    let now = wire(state.now());
    if let Some(organization) = state.organization_mut(organization_id)
        && let Some(kept) = without(organization.value(BY_DOMAIN), removed)
    {
        organization.merge(fields(json!({ BY_DOMAIN: kept })));
    }
    for connection in &mut state.factors.connections {
        if connection.organization_id() != organization_id {
            continue;
        }
        for field in connection.assignment_fields() {
            if let Some(kept) = without(connection.value(field), removed) {
                connection.set(field, kept);
            }
        }
    }
    state.change_members_of(organization_id, |member| {
        if let Some(kept) = without(member.value("roles"), removed) {
            member.set("roles", kept);
            member.set("updated_at", now.clone());
        }
    });
}

/// The entries without those of the removed roles; `None` if nothing changes.
fn without(entries: &Value, removed: &[String]) -> Option<Vec<Value>> {
    let entries = entries.as_array()?;
    let is_removed = |entry: &Value| removed.iter().any(|role| entry["role_id"] == **role);
    let kept: Vec<Value> = entries
        .iter()
        .filter(|it| !is_removed(it))
        .cloned()
        .collect();
    (kept.len() < entries.len()).then_some(kept)
}
