//! Finds the authenticator app of a member. See `docs/stytch.md#second-factors`.

use crate::model::{ApiError, State, Totp};

/// The member's active authenticator app, whose id is in the member's object.
pub fn active<'a>(state: &'a mut State, member_id: &str) -> Result<&'a mut Totp, ApiError> {
    let none = || ApiError::of("totp_not_found");
    let registration_id = state.member(member_id).ok_or_else(none)?;
    let registration_id = registration_id.text("totp_registration_id").to_owned();
    if registration_id.is_empty() {
        return Err(none());
    }
    let totps = &mut state.factors.totps;
    let known = totps
        .get(member_id)
        .is_some_and(|totp| totp.registration_id == registration_id);
    if !known {
        totps.insert(member_id.to_owned(), Totp::pinned(&registration_id));
    }
    totps.get_mut(member_id).ok_or_else(none)
}

/// The member's active authenticator app, or the one that waits for its first use.
pub fn usable<'a>(state: &'a mut State, member_id: &str) -> Result<&'a mut Totp, ApiError> {
    let now = state.now();
    let has_active = state
        .member(member_id)
        .is_some_and(|member| !member.text("totp_registration_id").is_empty());
    if has_active {
        return active(state, member_id);
    }
    // An app that was used, but is no longer in the member's object, was deleted.
    let waiting = state.factors.totps.get_mut(member_id);
    waiting
        .filter(|totp| totp.expires_at.is_some_and(|end| now < end))
        .ok_or_else(|| ApiError::of("totp_not_found"))
}
