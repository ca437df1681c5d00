//! `totps.create` and `.authenticate`. See `docs/stytch.md#second-factors`.

use serde_json::json;
use url::form_urlencoded::byte_serialize;

use crate::{
    api::{
        mfa::{Choice, call},
        qr,
        recipient::{lifetime, member_fields},
    },
    http::ApiRequest,
    model::{ApiError, Proof, Reply, State, Totp},
    rules::{codes, locks, second_factors::has_totp, totp::usable},
};

/// `POST /v1/b2b/totp`: returns a secret, its QR code and ten recovery codes for the member's authenticator app. The
/// registration becomes active with its first correct code; until then, another one can replace it.
pub fn create(state: &mut State, request: &ApiRequest) -> Reply {
    let lives = lifetime(
        request,
        "expiration_minutes",
        60,
        5..=1440,
        "invalid_expiration",
    )?;
    let call = call(state, request, "totp")?;
    let member = state.need_member(&call.member_id)?;
    if !member.text("totp_registration_id").is_empty() {
        return Err(ApiError::of("active_totp_exists"));
    }
    call.may_enroll(state, "totp")?;
    let email = member.email().to_owned();
    let totp = Totp::new(state.now() + lives);
    let secret = totp.secret();
    let mut answer = member_fields(state, &call.member_id);
    answer.insert("totp_registration_id".into(), json!(totp.registration_id));
    answer.insert(
        "qr_code".into(),
        json!(qr::png_data_uri(&otpauth(&email, &secret))),
    );
    answer.insert("secret".into(), json!(secret));
    answer.insert("recovery_codes".into(), json!(totp.codes()));
    state.minted.push(secret);
    state
        .minted
        .extend(totp.codes().into_iter().map(str::to_owned));
    state.factors.totps.insert(call.member_id, totp);
    Ok(answer)
}

/// `POST /v1/b2b/totp/authenticate`: takes member, code and one session argument, and returns the MFA response. The
/// first correct code activates the registration.
pub fn authenticate(state: &mut State, request: &ApiRequest) -> Reply {
    let choice = Choice::read(request, "totp")?;
    let call = call(state, request, "totp")?;
    call.need_session()?;
    let code = request.need_text("code")?;
    codes::check_form(code)?;
    if !has_totp(state.need_member(&call.member_id)?) {
        call.may_enroll(state, "totp")?;
    }
    let now = state.now();
    let totp = usable(state, &call.member_id)?;
    let outcome = totp.take(code, now).map(|()| {
        totp.expires_at = None;
        totp.registration_id.clone()
    });
    let id = locks::count(state, &call.member_id, outcome)?;
    if let Some(member) = state.member_mut(&call.member_id) {
        member.set("totp_registration_id", id.clone());
    }
    call.finish(state, &choice, Proof::Totp, &id)
}

/// The URI that authenticator apps read from the QR code.
fn otpauth(email: &str, secret: &str) -> String {
    let email: String = byte_serialize(email.as_bytes()).collect();
    format!(
        "otpauth://totp/Stytch%20sandbox:{email}?secret={secret}&issuer=Stytch%20sandbox&algorithm=SHA1&digits=6&period=30"
    )
}
