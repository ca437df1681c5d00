//! Roles that an SSO connection, or a group of its IdP, assigns to members (as the API description of the member's
//! roles says).

use serde_json::{Value, json};

use crate::{
    model::{Member, State, sso_connection::Assignment},
    rules::roles,
};

/// Assigns the roles of the connections that the member has used, and removes roles that no connection assigns any
/// more.
pub fn assign(state: &mut State, member_id: &str) {
    let Some(member) = state.member(member_id) else {
        return;
    };
    if member.sso_registrations().next().is_none() {
        return;
    }
    let given = given_in(state, member.organization_id());
    if let Some(member) = state.member_mut(member_id) {
        assign_to(member, &given);
    }
}

/// Like [`assign`], for all members of the organization.
pub fn assign_to_all(state: &mut State, organization_id: &str) {
    let given = given_in(state, organization_id);
    state.change_members_of(organization_id, |member| assign_to(member, &given));
}

/// The roles that the organization's active connections assign.
fn given_in(state: &State, organization_id: &str) -> Vec<Assignment> {
    let Some(organization) = state.organization(organization_id) else {
        return Vec::new();
    };
    state
        .factors
        .connections
        .iter()
        .filter(|it| {
            it.organization_id() == organization_id && organization.has_connection(it.id())
        })
        .flat_map(crate::model::SsoConnection::assignments)
        .collect()
}

fn assign_to(member: &mut Member, given: &[Assignment]) {
    let mut sources: Vec<(String, Value)> = Vec::new();
    for registration in member.sso_registrations() {
        let groups = registration["sso_attributes"]["groups"].as_array();
        let is_in = |group: &str| groups.is_some_and(|groups| groups.iter().any(|it| it == group));
        for it in given {
            if registration["connection_id"] != it.connection_id {
                continue;
            }
            let source = match &it.group {
                None => json!({
                    "type": "sso_connection",
                    "details": { "connection_id": it.connection_id },
                }),
                Some(group) if is_in(group) => json!({
                    "type": "sso_connection_group",
                    "details": { "connection_id": it.connection_id, "group": group },
                }),
                Some(_) => continue,
            };
            sources.push((it.role.clone(), source));
        }
    }
    roles::assign_by_sso(member, sources);
}
