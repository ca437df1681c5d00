//! When a member may get another second factor (descriptions of `totps.create` and `otps.sms.send`).

use crate::model::{ApiError, Login, Member, Proof};

/// Refuses to add the second factor `method`, or to prove one that was not used before, for a member whose other one is
/// active and is not among these logins: a stolen first factor must not bring its own second one.
///
/// `method` is `sms_otp` or `totp`. A member without an active second factor may always get one.
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

/// Whether the member's phone number is a second factor already. Where MFA is due for the member, a number that an
/// administrator gave counts before its first code.
fn has_phone(member: &Member) -> bool {
    !member.text("mfa_phone_number").is_empty()
        && (member.is("mfa_phone_number_verified") || member.is("mfa_enrolled"))
}

/// Whether the member has an authenticator app from which a code came back.
pub fn has_totp(member: &Member) -> bool {
    !member.text("totp_registration_id").is_empty()
}

/// A code that went to the number that the member has today.
fn is_phone(member: &Member, login: &Login) -> bool {
    login.proof == Proof::SmsOtp && login.subject == member.text("mfa_phone_number")
}

/// A code of the authenticator app that the member has today, or a recovery code, which stands for it.
fn is_totp(member: &Member, login: &Login) -> bool {
    match login.proof {
        Proof::Totp => login.subject == member.text("totp_registration_id"),
        Proof::RecoveryCode => true,
        _ => false,
    }
}
