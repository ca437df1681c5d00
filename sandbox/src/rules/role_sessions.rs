//! Ends sessions because a role is removed (as the API description of `preserve_existing_sessions` says).

use serde_json::Value;

use crate::model::{Member, State};

/// Ends the sessions of a member by an SSO connection that still assigns a role which the member no longer has
/// directly. `before` and `after` are the member before and after the change.
pub fn end(state: &mut State, before: &Member, after: &Member) {
    let affected: Vec<String> = entries(before)
        .filter(|entry| has_source(entry, "direct_assignment"))
        .filter(|entry| {
            let mut now = entries(after).filter(|it| it["role_id"] == entry["role_id"]);
            !now.any(|it| has_source(it, "direct_assignment"))
        })
        .flat_map(sources)
        .filter(|source| {
            let kind = source["type"].as_str();
            matches!(kind, Some("sso_connection" | "sso_connection_group"))
        })
        .filter_map(|source| source["details"]["connection_id"].as_str())
        .map(str::to_owned)
        .collect();
    state.end_sessions(|session| {
        session.member_id == before.id() && affected.iter().any(|id| session.came_through(id))
    });
}

fn entries(member: &Member) -> impl Iterator<Item = &Value> {
    member.value("roles").as_array().into_iter().flatten()
}

fn sources(entry: &Value) -> impl Iterator<Item = &Value> {
    entry["sources"].as_array().into_iter().flatten()
}

fn has_source(entry: &Value, kind: &str) -> bool {
    sources(entry).any(|source| source["type"] == kind)
}
