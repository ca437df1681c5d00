//! Codes by SMS (fact sheet §1.4, §5.9).

use time::Duration;

use super::codes::{self, Recipient};
use super::inbox::Channel;
use crate::sandbox::state::State;

/// Sends a code to the member's phone number, good for two minutes.
pub fn send(state: &mut State, member_id: &str) {
    let Some(member) = state.member(member_id) else {
        return;
    };
    let number = member.text("mfa_phone_number").to_owned();
    let organization = state.organization(member.organization_id());
    let name = organization.map_or("", |organization| organization.name());
    let subject = format!("Your code for {name}");
    let recipient = Recipient::Sms(member_id.to_owned());
    let code = codes::make(state, recipient, &number, Duration::minutes(2));
    state.send_code(Channel::Sms, &number, "sms_otp", subject, code);
}

/// Whether this is a phone number in E.164: a plus and 7 to 15 digits, the first not 0.
pub fn is_number(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len())
            && !digits.starts_with('0')
            && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}
