//! `otps.sms.send` and `.authenticate` (fact sheet §5.9).

use crate::{
    api::{
        member_fields::phone,
        mfa::{Choice, call},
        recipient::member_fields,
    },
    http::ApiRequest,
    model::{ApiError, Proof, Recipient, Reply, State},
    rules::{codes, locks},
};

/// `POST /v1/b2b/otps/sms/send`: a code to the member's phone. A member without one gets the number of the request;
/// it is proven by the first code that comes back.
pub fn send(state: &mut State, request: &ApiRequest) -> Reply {
    request.check_locale()?;
    let call = call(state, request, "sms_otp")?;
    let member = state.member(&call.member_id);
    let has_number = member.is_some_and(|it| !it.text("mfa_phone_number").is_empty());
    let organization = state.need_organization(&call.organization_id)?;
    match phone(state, organization, request, &call.member_id)? {
        Some(_) if has_number => {
            return Err(ApiError::of("duplicate_member_phone_number_for_member"));
        }
        None if !has_number => {
            return Err(ApiError::bad_request(
                "mfa_phone_number is required: the member has no phone number.",
            ));
        }
        None => {
            if !call.has_session() && member.is_some_and(|it| it.status() != "active") {
                return Err(ApiError::of("action_available_only_for_active_members"));
            }
        }
        Some(number) => {
            call.may_enroll(state)?;
            let number = number.to_owned();
            if let Some(member) = state.member_mut(&call.member_id) {
                member.set("mfa_phone_number", number);
                member.set("mfa_phone_number_verified", false);
            }
        }
    }
    codes::send_by_sms(state, &call.member_id);
    Ok(member_fields(state, &call.member_id))
}

/// `POST /v1/b2b/otps/sms/authenticate`: member, code and one session argument in, the MFA response out.
pub fn authenticate(state: &mut State, request: &ApiRequest) -> Reply {
    let choice = Choice::read(request, "sms_otp")?;
    let call = call(state, request, "sms_otp")?;
    call.need_session()?;
    let code = request.need_text("code")?;
    codes::check_form(code)?;
    let number = state
        .member(&call.member_id)
        .map(|member| member.text("mfa_phone_number").to_owned())
        .unwrap_or_default();
    let recipient = Recipient::Sms(call.member_id.clone());
    let outcome = codes::spend(state, &recipient, &number, code);
    locks::count(state, &call.member_id, outcome)?;
    if let Some(member) = state.member_mut(&call.member_id) {
        member.set("mfa_phone_number_verified", true);
    }
    call.finish(state, &choice, Proof::SmsOtp, &number)
}
