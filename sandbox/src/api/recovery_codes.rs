//! `recovery_codes.recover`, `.get` and `.rotate`. See `docs/stytch.md#second-factors`.

use serde_json::json;

use crate::{
    api::{
        mfa::{Choice, call, member},
        recipient::member_fields,
    },
    http::ApiRequest,
    model::{ApiError, Proof, Reply, State},
    rules::{locks, totp::active},
};

/// `POST /v1/b2b/recovery_codes/recover`: takes member, recovery code and one session argument, and returns the MFA
/// response. Each code can be used once.
pub fn recover(state: &mut State, request: &ApiRequest) -> Reply {
    let choice = Choice::read(request, "totp")?.without_enrollment();
    let call = call(state, request, "totp")?;
    call.need_session()?;
    let code = request.need_text("recovery_code")?;
    if code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(ApiError::of("totp_code_used_as_recovery_code"));
    }
    let outcome = active(state, &call.member_id)?.recover(code);
    let id = locks::count(state, &call.member_id, outcome)?;
    let left = active(state, &call.member_id)?.recovery_codes.len();
    let mut answer = call.finish(state, &choice, Proof::RecoveryCode, &id)?;
    answer.insert("recovery_codes_remaining".into(), json!(left));
    Ok(answer)
}

/// `GET /v1/b2b/recovery_codes/{organization_id}/{member_id}`: returns the remaining codes.
pub fn get(state: &mut State, request: &ApiRequest) -> Reply {
    let (_, member_id) = member(
        state,
        request.part("organization_id"),
        request.part("member_id"),
    )?;
    codes(state, &member_id)
}

/// `POST /v1/b2b/recovery_codes/rotate`: returns ten new codes and invalidates the old ones.
pub fn rotate(state: &mut State, request: &ApiRequest) -> Reply {
    let (_, member_id) = member(
        state,
        request.need_text("organization_id")?,
        request.need_text("member_id")?,
    )?;
    active(state, &member_id)?.rotate();
    codes(state, &member_id)
}

fn codes(state: &mut State, member_id: &str) -> Reply {
    let codes: Vec<String> = active(state, member_id)?
        .codes()
        .into_iter()
        .map(str::to_owned)
        .collect();
    let mut answer = member_fields(state, member_id);
    answer.insert("recovery_codes".into(), json!(codes));
    state.minted.extend(codes);
    Ok(answer)
}
