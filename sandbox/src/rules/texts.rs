//! Codes by SMS (fact sheet §1.4, §5.9).

use time::Duration;

use crate::{
    model::{codes::Recipient, inbox::Channel, state::State},
    rules::{codes, messages::send_code},
};

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
    send_code(state, Channel::Sms, &number, "sms_otp", subject, code);
}
