//! Decides whether a member can add another second factor (as the API descriptions of `totps.create` and
//! `otps.sms.send` say).

use crate::model::{ApiError, Login, Member, Proof};

/// Refuses to add the second factor `method`, or to verify one that was not used before, if the member's other one is
/// active and not among these logins. With a stolen first factor, an attacker must not be able to add a second one.
///
/// `method` is `sms_otp` or `totp`. A member without an active second factor can always add one.
pub fn check_enrollment(member: &Member, logins: &[Login], method: &str) -> Result<(), ApiError> {
    let (has_other, is_other): (bool, fn(&Member, &Login) -> bool) = match method {
        "sms_otp" => (has_totp(member), is_totp),
        _ => (has_phone(member), is_phone),
    };
    let used = logins
        .iter()
        .any(|login| login.counts_in(member.organization_id()) && is_other(member, login));
    if has_other && !used {
        Err(ApiError::of("insufficient_factors"))
    } else {
        Ok(())
    }
}

/// Whether the member's phone number is an active second factor. If the member must use MFA, a number that an
/// administrator has set counts before its first code.
fn has_phone(member: &Member) -> bool {
    !member.text("mfa_phone_number").is_empty()
        && (member.is("mfa_phone_number_verified") || member.is("mfa_enrolled"))
}

/// Whether the member has an authenticator app that was used at least once.
pub fn has_totp(member: &Member) -> bool {
    !member.text("totp_registration_id").is_empty()
}

/// Whether the login is a code to the member's current number.
fn is_phone(member: &Member, login: &Login) -> bool {
    login.proof == Proof::SmsOtp && login.subject == member.text("mfa_phone_number")
}

/// Whether the login is a code of the member's current authenticator app, or a recovery code, which counts as one.
fn is_totp(member: &Member, login: &Login) -> bool {
    match login.proof {
        Proof::Totp => login.subject == member.text("totp_registration_id"),
        Proof::RecoveryCode => true,
        _ => false,
    }
}
