//! Codes by SMS (fact sheet §1.4, §5.9).

use time::Duration;

use super::codes::{self, Recipient};
use super::inbox::Channel;
use crate::state::State;

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
