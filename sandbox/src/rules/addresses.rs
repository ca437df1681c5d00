//! Changes of a member's address, which retire the old one (as the API description of the member object says).

use serde_json::{Value, json};

use crate::{
    model::{Login, Member, State, clock::wire, ids},
    rules::roles,
};

/// Updates the address of a member who was found by a login's account to the account's current one. It is verified if
/// one of the logins proves it.
pub fn follow(state: &mut State, member_id: &str, email: &str, logins: &[Login]) {
    let now = wire(state.now());
    let Some(member) = state.member(member_id) else {
        return;
    };
    if member.email().eq_ignore_ascii_case(email) {
        return;
    }
    let organization = state.organization(member.organization_id()).cloned();
    let proven = logins
        .iter()
        .any(|login| login.proves_email && login.email.eq_ignore_ascii_case(email));
    let (Some(organization), Some(member)) = (organization, state.member_mut(member_id)) else {
        return;
    };
    move_to(member, email, false);
    member.set("email_address_verified", proven);
    member.set("updated_at", now);
    roles::assign(&organization, member);
}

/// Changes the member's address. The new one is unverified, and any password is removed. The old one is retired unless
/// it is to be unlinked. Returning to a retired address removes it from the retired ones.
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
