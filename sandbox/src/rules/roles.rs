//! Roles of members by email domain, by SSO, and assigned directly. See `docs/stytch.md#organizations` and
//! `docs/stytch.md#members`.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::{
    model::{Member, Organization, State, people::domain},
    rules::rbac::EVERYONES_ROLE,
};

/// Assigns the roles in `rbac_email_implicit_role_assignments` to every member of the organization with an address in
/// the domain, and removes those that it no longer names. The address need not be verified.
pub fn assign_by_email(state: &mut State, organization_id: &str) {
    let Some(organization) = state.organization(organization_id).cloned() else {
        return;
    };
    state.change_members_of(organization_id, |member| assign(&organization, member));
}

/// Assigns roles by email domain to the members of a seed.
pub fn assign_to_all(organizations: &[Organization], members: &mut [Member]) {
    let with_assignments: HashMap<&str, &Organization> = organizations
        .iter()
        .filter(|organization| {
            let assignments = organization.value("rbac_email_implicit_role_assignments");
            assignments.as_array().is_some_and(|it| !it.is_empty())
        })
        .map(|organization| (organization.id(), organization))
        .collect();
    for member in members {
        if let Some(organization) = with_assignments.get(member.organization_id()) {
            assign(organization, member);
        }
    }
}

/// Adds a member with the roles of the email domain, and returns the id.
pub fn add_member(state: &mut State, mut member: Member) -> String {
    if let Some(organization) = state.organization(member.organization_id()) {
        assign(organization, &mut member);
    }
    state.add_member(member)
}

/// Like [`assign_by_email`], for one member.
pub fn assign(organization: &Organization, member: &mut Member) {
    let mut entries = entries(member);
    for entry in &mut entries {
        retain_sources(entry, |source| source["type"] != "email_assignment");
    }
    let assignments = organization.value("rbac_email_implicit_role_assignments");
    for assignment in assignments.as_array().into_iter().flatten() {
        let theirs = assignment["domain"].as_str().unwrap_or_default();
        if !domain(member.email()).eq_ignore_ascii_case(theirs) {
            continue;
        }
        let source = json!({ "type": "email_assignment", "details": { "email_domain": theirs } });
        add_source(&mut entries, &assignment["role_id"], source);
    }
    write(member, entries);
}

fn entries(member: &Member) -> Vec<Value> {
    let roles = member.value("roles").as_array();
    roles.cloned().unwrap_or_default()
}

/// Replaces the directly assigned roles. Roles by email domain or SSO stay.
pub fn assign_directly(member: &mut Member, roles: &[impl AsRef<str>]) {
    let mut entries = entries(member);
    for entry in &mut entries {
        let everybodys = entry["role_id"] == EVERYONES_ROLE;
        retain_sources(entry, |source| {
            everybodys || source["type"] != "direct_assignment"
        });
    }
    for role in roles {
        let source = json!({ "type": "direct_assignment", "details": {} });
        add_source(&mut entries, &json!(role.as_ref()), source);
    }
    write(member, entries);
}

/// Replaces the member's roles by SSO, each given with its source.
pub fn assign_by_sso(member: &mut Member, sources: Vec<(String, Value)>) {
    let mut entries = entries(member);
    for entry in &mut entries {
        retain_sources(entry, |source| {
            !matches!(
                source["type"].as_str(),
                Some("sso_connection" | "sso_connection_group")
            )
        });
    }
    for (role, source) in sources {
        add_source(&mut entries, &json!(role), source);
    }
    write(member, entries);
}

/// Writes the roles that still have a source, and updates `is_admin`.
fn write(member: &mut Member, mut entries: Vec<Value>) {
    entries.retain(|entry| {
        entry["sources"]
            .as_array()
            .is_some_and(|sources| !sources.is_empty())
    });
    let admin = entries.iter().any(|it| it["role_id"] == "stytch_admin");
    member.set("roles", entries);
    member.set("is_admin", admin);
}

fn retain_sources(entry: &mut Value, keep: impl Fn(&Value) -> bool) {
    if let Some(sources) = entry["sources"].as_array_mut() {
        sources.retain(keep);
    }
}

fn add_source(entries: &mut Vec<Value>, role: &Value, source: Value) {
    match entries.iter_mut().find(|entry| entry["role_id"] == *role) {
        Some(entry) => {
            let sources = entry["sources"].as_array_mut();
            if let Some(sources) = sources.filter(|sources| !sources.contains(&source)) {
                sources.push(source);
            }
        }
        None => entries.push(json!({ "role_id": role, "sources": [source] })),
    }
}
