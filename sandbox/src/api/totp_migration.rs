//! `totps.migrate`: imports an authenticator app from another system.

use serde_json::json;

use crate::{
    api::{mfa::member, recipient::member_fields},
    http::ApiRequest,
    model::{ApiError, Reply, State, Totp},
    rules::{due::may_use_second, second_factors::has_totp},
};

/// `POST /v1/b2b/totp/migrate`: takes a secret and optionally recovery codes, and returns the registration, which is
/// active immediately.
pub fn migrate(state: &mut State, request: &ApiRequest) -> Reply {
    let (organization_id, id) = member(
        state,
        request.need_text("organization_id")?,
        request.need_text("member_id")?,
    )?;
    let codes = request.texts("recovery_codes")?.unwrap_or_default();
    if codes.iter().any(|code| code.is_empty()) {
        return Err(ApiError::bad_request(
            "recovery_codes must be an array of strings that are not empty.",
        ));
    }
    let totp = Totp::migrated(request.need_text("secret")?, &codes)
        .ok_or_else(|| ApiError::bad_request("secret must be base32 of 10 to 64 bytes."))?;
    let row = state.need_member(&id)?;
    if !may_use_second(state.need_organization(&organization_id)?, row, "totp") {
        return Err(ApiError::of(
            "operation_restricted_by_organization_mfa_methods",
        ));
    }
    if has_totp(row) {
        return Err(ApiError::of("active_totp_exists"));
    }
    let registration_id = totp.registration_id.clone();
    let codes = json!(totp.codes());
    state.minted.push(totp.secret());
    state
        .minted
        .extend(totp.codes().into_iter().map(str::to_owned));
    state.factors.totps.insert(id.clone(), totp);
    if let Some(member) = state.member_mut(&id) {
        member.set("totp_registration_id", registration_id.clone());
    }
    let mut answer = member_fields(state, &id);
    answer.insert("totp_registration_id".into(), json!(registration_id));
    answer.insert("recovery_codes".into(), codes);
    Ok(answer)
}
