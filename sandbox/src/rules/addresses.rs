//! A member's address changes, and the old one is retired (description of the member object).

use serde_json::{Value, json};

use crate::{
    model::{Member, State, clock::wire, ids},
    rules::roles,
};

/// Gives the member the address under which a provider or the organization's identity provider knows the account
/// today. `proven` says whether the login proves it.
pub fn follow(state: &mut State, member_id: &str, email: &str, proven: bool) {
    let now = wire(state.now());
    let organization = state
        .member(member_id)
        .and_then(|member| state.organization(member.organization_id()))
        .cloned();
    let (Some(organization), Some(member)) = (organization, state.member_mut(member_id)) else {
        return;
    };
    move_to(member, email, false);
    member.set("email_address_verified", proven);
    member.set("updated_at", now);
    roles::assign(&organization, member);
}

/// Gives the member the new address: unproven, and any password is gone. The old one is retired, unless it is to be
/// forgotten; going back to a retired one takes it from that list.
pub fn move_to(member: &mut Member, email: &str, unlink: bool) {
    let mut retired: Vec<Value> = member
        .value("retired_email_addresses")
        .as_array()
        .cloned()
        .unwrap_or_default();
    let again = retired
        .iter()
        .position(|it| it["email_address"] == *email)
        .map(|index| retired.remove(index));
    if !unlink {
        retired.push(json!({ "email_id": member.email_id, "email_address": member.email() }));
    }
    member.email_id = again
        .and_then(|it| it["email_id"].as_str().map(str::to_owned))
        .unwrap_or_else(|| ids::mint("email"));
    member.set("retired_email_addresses", retired);
    member.set("email_address", email);
    member.set("email_address_verified", false);
    member.set("member_password_id", "");
}
