//! The world's time.

use std::time::Duration;

use serde_json::{Value, json};
use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

use crate::{
    control::{
        error::{ControlError, Reply},
        request::ControlRequest,
    },
    model::{State, clock::wire},
};

/// A hundred years in seconds.
const CENTURY: u64 = 3_155_760_000;
/// The years that a world's clock can show.
const YEARS: std::ops::Range<i32> = 1970..2200;
/// The format of times, for error messages.
pub const TIME: &str = "a time such as 2030-01-31T12:00:00Z (RFC 3339), from 1970 to 2199";

/// `POST …/clock`: takes exactly one of `advance_seconds`, `freeze_at` and `resume`, and returns `{"now", "frozen"}`.
pub fn clock(request: &ControlRequest<'_>) -> Reply {
    const FIELDS: [&str; 3] = ["advance_seconds", "freeze_at", "resume"];
    request.only(&FIELDS)?;
    let given = FIELDS.map(|field| {
        request
            .body
            .get(field)
            .is_some_and(|value| !value.is_null())
    });
    if given.iter().filter(|given| **given).count() != 1 {
        return Err(ControlError::field(
            "The body",
            "an object with exactly one of advance_seconds, freeze_at and resume",
        ));
    }
    let world = request.project()?;
    let mut state = world.lock();
    if let Some(seconds) = request.integer("advance_seconds", 0..=CENTURY, " of seconds")? {
        advance(&mut state, seconds)?;
    }
    if let Some(text) = request.text("freeze_at", TIME)? {
        let at = read_time(text).ok_or_else(|| ControlError::field("freeze_at", TIME))?;
        state.clock.freeze(at);
    }
    match request.body.get("resume") {
        None | Some(Value::Null) => {}
        Some(Value::Bool(true)) => state.clock.resume(),
        Some(_) => return Err(ControlError::field("resume", "true")),
    }
    let body = json!({ "now": wire(state.now()), "frozen": state.clock.is_frozen() });
    Ok((200, body))
}

/// Moves the clock ahead, unless it would leave the years that the vendor's timestamps can represent.
pub fn advance(state: &mut State, seconds: u64) -> Result<(), ControlError> {
    let by = Duration::from_secs(seconds);
    let within = i64::try_from(seconds)
        .ok()
        .and_then(|seconds| state.now().checked_add(time::Duration::seconds(seconds)))
        .is_some_and(|then| YEARS.contains(&then.year()));
    if !within {
        return Err(ControlError::field(
            "advance_seconds",
            "less: the world's time must stay before the year 2200",
        ));
    }
    state.clock.advance(by);
    Ok(())
}

/// Parses a time in UTC, within the years of a world's clock.
pub fn read_time(text: &str) -> Option<OffsetDateTime> {
    let at = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    Some(at.to_offset(UtcOffset::UTC)).filter(|at| YEARS.contains(&at.year()))
}
