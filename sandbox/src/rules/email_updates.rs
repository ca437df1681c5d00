//! Members' changes of their address, each pending for five minutes until the new address is verified.

use time::Duration;

use crate::model::{Login, State, email_update::EmailUpdate};

/// How long the new address is reserved for the member.
pub const LIVES: Duration = Duration::minutes(5);

/// Reserves the address for the member. An earlier change is canceled.
pub fn begin(state: &mut State, member_id: &str, email: &str) {
    let now = state.now();
    let updates = &mut state.factors.email_updates;
    updates.retain(|_, it| now < it.expires_at);
    let update = EmailUpdate {
        email: email.to_lowercase(),
        expires_at: now + LIVES,
    };
    updates.insert(member_id.to_owned(), update);
}

/// Whether the member has a pending change to this address.
pub fn is_for(state: &State, member_id: &str, email: &str) -> bool {
    let update = state.factors.email_updates.get(member_id);
    update.is_some_and(|it| state.now() < it.expires_at && it.email.eq_ignore_ascii_case(email))
}

/// The member of the organization with a pending change to this address.
pub fn member_to_be(state: &State, organization_id: &str, email: &str) -> Option<String> {
    let mut updates = state.factors.email_updates.keys();
    updates
        .find(|id| {
            let member = state.member(id);
            let is_here = member.is_some_and(|it| {
                it.organization_id() == organization_id && it.status() != "deleted"
            });
            is_here && is_for(state, id, email)
        })
        .cloned()
}

/// Whether the address is reserved for another member of the organization.
pub fn is_kept_for_another(
    state: &State,
    organization_id: &str,
    email: &str,
    own_id: &str,
) -> bool {
    member_to_be(state, organization_id, email).is_some_and(|id| id != own_id)
}

/// Cancels the change, because the address was changed in another way.
pub fn cancel(state: &mut State, member_id: &str) {
    state.factors.email_updates.remove(member_id);
}

/// Removes the change if the login proved the address.
pub fn finish(state: &mut State, member_id: &str, login: &Login) {
    if is_for(state, member_id, &login.email) {
        state.factors.email_updates.remove(member_id);
    }
}
