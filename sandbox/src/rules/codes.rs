//! Creates and checks six-digit codes. Of several codes that were sent to one email address, even by several
//! organizations or for discovery, only the latest is valid. Of codes by SMS, the latest of each member is valid. See
//! `docs/stytch.md#ids-tokens-and-lifetimes` and `docs/stytch.md#links-and-codes-by-email`.

use time::Duration;

use crate::{
    model::{ApiError, Channel, Code, Recipient, State, ids, newest::make_room},
    rules::{messages::send_code, phones, texts::Text},
};

/// Number of wrong guesses that invalidate a discovery code, because there is no member to lock. The vendor's number is
/// not documented.
const DISCOVERY_GUESSES: u32 = 5;

/// Creates a code, and invalidates earlier ones.
pub fn make(state: &mut State, recipient: Recipient, to: &str, lives: Duration) -> String {
    let digits = ids::six_digits();
    let code = Code {
        to: to.to_owned(),
        digits: digits.clone(),
        expires_at: state.now() + lives,
        used: false,
        wrong_guesses: 0,
    };
    let codes = &mut state.factors.codes;
    if recipient.is_by_email() {
        codes.retain(|other, code| !other.is_by_email() || code.to != to);
    }
    if !codes.contains_key(&recipient) {
        make_room(codes, state.limits.messages, |code| code.expires_at);
    }
    codes.insert(recipient, code);
    digits
}

/// Refuses text that is not six digits.
pub fn check_form(code: &str) -> Result<(), ApiError> {
    if code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(())
    } else {
        Err(ApiError::of("invalid_code"))
    }
}

/// Uses up the recipient's code. A wrong code is `otp_code_not_found`; a used or expired one is
/// `unable_to_auth_otp_code`.
pub fn spend(
    state: &mut State,
    recipient: &Recipient,
    to: &str,
    guess: &str,
) -> Result<(), ApiError> {
    let now = state.now();
    let guesses = match recipient {
        Recipient::Discovery(_) => DISCOVERY_GUESSES,
        Recipient::Email(_) | Recipient::Sms(_) => state.locks.attempts,
    };
    let code = state
        .factors
        .codes
        .get_mut(recipient)
        .filter(|code| code.to == to)
        .ok_or_else(|| ApiError::of("otp_code_not_found"))?;
    if code.digits != guess {
        code.wrong_guesses += 1;
        if code.wrong_guesses >= guesses {
            code.used = true;
        }
        return Err(ApiError::of("otp_code_not_found"));
    }
    if std::mem::replace(&mut code.used, true) || now >= code.expires_at {
        return Err(ApiError::of("unable_to_auth_otp_code"));
    }
    Ok(())
}

/// Sends a code to the member's phone number, in this language. It is valid for two minutes. Nothing is sent if the
/// project sends no text messages to that number.
pub fn send_by_sms(state: &mut State, member_id: &str, locale: &'static str) {
    let Some(member) = state.member(member_id) else {
        return;
    };
    let number = member.text("mfa_phone_number").to_owned();
    if !phones::sends_to(state, &number) {
        return;
    }
    let organization = state.organization(member.organization_id());
    let name = organization.map_or("", |organization| organization.name());
    let subject = Text::CodeFor(name).written(locale);
    let recipient = Recipient::Sms(member_id.to_owned());
    let code = make(state, recipient, &number, Duration::minutes(2));
    send_code(state, Channel::Sms, &number, "sms_otp", subject, code);
}
