//! `otps.sms.send` and `.authenticate`. See `docs/stytch.md#second-factors`.

use crate::{
    api::{
        member_fields::phone,
        mfa::{Choice, call},
        recipient::member_fields,
    },
    http::ApiRequest,
    model::{ApiError, Proof, Recipient, Reply, State},
    rules::{codes, locks, phones, texts::EMAIL_LOCALES},
};

/// `POST /v1/b2b/otps/sms/send`: sends a code to the member's phone. A member without a number gets the one in the
/// request, which the first correct code verifies. The request may repeat the number that the member has.
pub fn send(state: &mut State, request: &ApiRequest) -> Reply {
    let locale = request.locale(&EMAIL_LOCALES)?;
    let call = call(state, request, "sms_otp")?;
    let member = state.need_member(&call.member_id)?;
    let known = member.text("mfa_phone_number");
    let organization = state.need_organization(&call.organization_id)?;
    let given = phone(state, organization, request, &call.member_id)?;
    if given.is_none() && known.is_empty() {
        return Err(ApiError::bad_request(
            "mfa_phone_number is required: the member has no phone number.",
        ));
    }
    if given.is_some_and(|given| given != known) && !known.is_empty() {
        return Err(ApiError::of("duplicate_member_phone_number_for_member"));
    }
    phones::check(state, given.unwrap_or(known))?;
    if !member.is("mfa_phone_number_verified") {
        call.may_enroll(state, "sms_otp")?;
    }
    let new = given.filter(|_| known.is_empty()).map(str::to_owned);
    if let Some(number) = new
        && let Some(member) = state.member_mut(&call.member_id)
    {
        member.set("mfa_phone_number", number);
        member.set("mfa_phone_number_verified", false);
    }
    codes::send_by_sms(state, &call.member_id, locale);
    Ok(member_fields(state, &call.member_id))
}

/// `POST /v1/b2b/otps/sms/authenticate`: takes member, code and one session argument, and returns the MFA response.
pub fn authenticate(state: &mut State, request: &ApiRequest) -> Reply {
    let choice = Choice::read(request, "sms_otp")?;
    let call = call(state, request, "sms_otp")?;
    call.need_session()?;
    let code = request.need_text("code")?;
    codes::check_form(code)?;
    let member = state.need_member(&call.member_id)?;
    if !member.is("mfa_phone_number_verified") {
        call.may_enroll(state, "sms_otp")?;
    }
    let number = member.text("mfa_phone_number").to_owned();
    let recipient = Recipient::Sms(call.member_id.clone());
    let outcome = codes::spend(state, &recipient, &number, code);
    locks::count(state, &call.member_id, outcome)?;
    if let Some(member) = state.member_mut(&call.member_id) {
        member.set("mfa_phone_number_verified", true);
    }
    call.finish(state, &choice, Proof::SmsOtp, &number)
}
