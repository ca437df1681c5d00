//! Locks members after consecutive wrong codes. The number of codes and the duration are settings of the project
//! ([`Locks`](crate::model::Locks)). See `docs/stytch.md#locked-members`.

use serde_json::Value;
use time::Duration;

use crate::model::{ApiError, State, clock::wire};

/// Errors that count as a wrong guess.
const WRONG: [&str; 4] = [
    "otp_code_not_found",
    "unable_to_authenticate_totp",
    "unable_to_authenticate_recovery_code",
    "unauthorized_credentials",
];

/// Refuses a locked member.
pub fn check(state: &State, member_id: &str) -> Result<(), ApiError> {
    match state.member(member_id) {
        Some(member) if member.is("is_locked") => Err(ApiError::of("user_lock_limit_reached")),
        _ => Ok(()),
    }
}

/// Counts the outcome of a code, and returns it. A wrong code is counted, and a correct one resets the count. A used or
/// expired code changes nothing.
pub fn count<T>(
    state: &mut State,
    member_id: &str,
    outcome: Result<T, ApiError>,
) -> Result<T, ApiError> {
    match &outcome {
        Ok(_) => {
            state.factors.wrong_codes.remove(member_id);
            return outcome;
        }
        Err(error) if WRONG.contains(&&*error.error_type) => {}
        Err(_) => return outcome,
    }
    let wrong = state
        .factors
        .wrong_codes
        .entry(member_id.to_owned())
        .or_default();
    *wrong += 1;
    if *wrong >= state.locks.attempts {
        *wrong = 0;
        let now = state.now();
        let until = now + Duration::minutes(state.locks.minutes.into());
        state.factors.locks.insert(member_id.to_owned(), until);
        if let Some(member) = state.member_mut(member_id) {
            member.set("is_locked", true);
            member.set("lock_created_at", wire(now));
            member.set("lock_expires_at", wire(until));
        }
    }
    outcome
}

/// Removes expired locks.
pub fn lift(state: &mut State) {
    if state.factors.locks.is_empty() {
        return;
    }
    let now = state.now();
    let mut over = Vec::new();
    state.factors.locks.retain(|member_id, until| {
        let lasts = now < *until;
        if !lasts {
            over.push(member_id.clone());
        }
        lasts
    });
    for id in over {
        if let Some(member) = state.member_mut(&id) {
            member.set("is_locked", false);
            member.set("lock_created_at", Value::Null);
            member.set("lock_expires_at", Value::Null);
        }
    }
}
