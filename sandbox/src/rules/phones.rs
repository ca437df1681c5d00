//! The phone numbers to which a project sends text messages.

use crate::model::{ApiError, State};

/// Area codes of +1 outside of the United States and Canada, in the Caribbean and the Pacific (North American Numbering
/// Plan).
#[rustfmt::skip]
const ELSEWHERE: [&str; 27] = [
    "242", "246", "264", "268", "284", "340", "345", "441", "473", "649", "658", "664", "670", "671", "684", "721",
    "758", "767", "784", "787", "809", "829", "849", "868", "869", "876", "939",
];

/// Refuses a number to which the project does not send text messages, with the vendor's error.
pub fn check(state: &State, number: &str) -> Result<(), ApiError> {
    if sends_to(state, number) {
        Ok(())
    } else {
        Err(ApiError::of("invalid_phone_number_country_code"))
    }
}

/// Whether the number has one of the project's prefixes. `+1` stands for the United States and Canada.
pub fn sends_to(state: &State, number: &str) -> bool {
    let in_prefix = |prefix: &String| {
        number.strip_prefix(prefix).is_some_and(|rest| {
            prefix != "+1" || !ELSEWHERE.iter().any(|code| rest.starts_with(code))
        })
    };
    state.sms_prefixes.iter().any(in_prefix)
}
