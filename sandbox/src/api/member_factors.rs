//! Endpoints that remove something from a member: MFA phone number, TOTP, external id, a retired address. See
//! `docs/stytch.md#members`.

use serde_json::{Value, json};

use crate::{
    api::members::{change, target},
    http::ApiRequest,
    model::{ApiError, Member, Recipient, Reply, State},
    rules::Rights,
};

/// `DELETE …/members/mfa_phone_numbers/{member_id}`. Sessions stay, and so does the MFA requirement: the member enrolls
/// again at the next sign-in.
pub fn delete_phone(state: &mut State, request: &ApiRequest) -> Reply {
    let (_, id) = target(state, request, "update.info.delete.mfa-phone")?;
    need(
        state,
        &id,
        "mfa_phone_number",
        "member_phone_number_not_found",
    )?;
    state.factors.codes.remove(&Recipient::Sms(id.clone()));
    change(state, &id, |member| {
        member.set("mfa_phone_number", "");
        member.set("mfa_phone_number_verified", false);
        forget_default(member, "sms_otp");
    })
}

/// `DELETE …/members/{member_id}/totp`. Sessions stay, as for the phone number.
pub fn delete_totp(state: &mut State, request: &ApiRequest) -> Reply {
    let (_, id) = target(state, request, "update.info.delete.mfa-totp")?;
    need(state, &id, "totp_registration_id", "totp_not_found")?;
    state.factors.totps.remove(&id);
    change(state, &id, |member| {
        member.set("totp_registration_id", "");
        forget_default(member, "totp");
    })
}

/// `DELETE …/members/{member_id}/external_id`. No action is documented for it, so a member's session is refused.
pub fn delete_external_id(state: &mut State, request: &ApiRequest) -> Reply {
    Rights::of(state, &request.acting)?.project_only()?;
    let (_, id) = target(state, request, "")?;
    change(state, &id, |member| member.set("external_id", Value::Null))
}

/// `POST …/members/{member_id}/unlink_retired_email`: takes `email_id`, `email_address` or both of the same retired
/// address. Other members can use the address afterwards.
pub fn unlink_retired_email(state: &mut State, request: &ApiRequest) -> Reply {
    let (organization_id, id) = target(state, request, "update.info.unlink.retired-email")?;
    let (email_id, email) = (request.text("email_id")?, request.text("email_address")?);
    if email_id.is_none() && email.is_none() {
        return Err(ApiError::of("retired_email_missing_email_identifiers"));
    }
    let same = |given: Option<&str>, of: &Value| {
        given.is_none_or(|given| of.as_str().is_some_and(|it| it.eq_ignore_ascii_case(given)))
    };
    let mut retired: Vec<Value> = state
        .member(&id)
        .and_then(|member| member.value("retired_email_addresses").as_array())
        .cloned()
        .unwrap_or_default();
    let index = retired
        .iter()
        .position(|it| same(email_id, &it["email_id"]) && same(email, &it["email_address"]))
        .ok_or_else(|| ApiError::of("email_not_found"))?;
    retired.remove(index);
    let mut answer = change(state, &id, |member| {
        member.set("retired_email_addresses", retired);
    })?;
    answer.insert("organization_id".to_owned(), json!(organization_id));
    Ok(answer)
}

fn need(state: &State, id: &str, field: &str, error: &'static str) -> Result<(), ApiError> {
    let has = state
        .member(id)
        .is_some_and(|member| !member.text(field).is_empty());
    if has {
        Ok(())
    } else {
        Err(ApiError::of(error))
    }
}

/// A removed method can't stay the member's default. What Stytch does in this case is not documented.
fn forget_default(member: &mut Member, method: &str) {
    if member.text("default_mfa_method") == method {
        member.set("default_mfa_method", "");
    }
}
