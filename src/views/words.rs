//! Values and errors in words, for templates.

use time::{Duration, OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

use crate::{
    error::vendor::{self, Field},
    limits::code_limits::NoAttempt,
    stytch::{
        Error, Provider,
        objects::{AuthenticationFactor, SsoConnection},
    },
};

/// What is wrong with a field of a form. Nothing is wrong by default.
#[derive(Default)]
pub struct FieldError {
    /// The field's id.
    pub field: &'static str,
    /// What to change.
    pub text: &'static str,
}

impl FieldError {
    /// Whether anything is wrong.
    pub fn is_some(&self) -> bool {
        !self.text.is_empty()
    }
}

/// The error at this field, if Stytch refused a code, an address or a phone number that the visitor can correct.
pub fn field_error(field: &'static str, error: &Error) -> Option<FieldError> {
    match vendor::correction(error)? {
        (Field::Code | Field::EmailAddress | Field::PhoneNumber, text) => {
            Some(FieldError { field, text })
        }
        _ => None,
    }
}

/// A moment for the `datetime` of a `<time>` element: `2026-11-21T14:05:00Z`
pub fn datetime(at: &OffsetDateTime) -> String {
    let at = at.to_offset(UtcOffset::UTC).truncate_to_second();
    at.format(&Rfc3339).unwrap_or_default()
}

/// How long it is until a moment, in words that need no time zone: `10 minutes`, or `40 seconds`.
pub fn time_left(at: &OffsetDateTime, now: &OffsetDateTime) -> String {
    // A page that comes a moment after the vendor's answer still says 10 minutes.
    match *at - *now + Duration::seconds(5) {
        left if left < Duration::MINUTE => {
            seconds((*at - *now).whole_seconds().max(0).unsigned_abs())
        }
        left => span(left),
    }
}

/// How long ago a moment was: `3 minutes ago`
pub fn time_ago(at: &OffsetDateTime, now: &OffsetDateTime) -> String {
    match *now - *at {
        ago if ago < Duration::MINUTE => "less than a minute ago".to_owned(),
        ago => format!("{} ago", span(ago)),
    }
}

/// Whether a moment is over.
pub fn is_past(at: &OffsetDateTime, now: &OffsetDateTime) -> bool {
    at <= now
}

/// A minute or more, rounded down: `1 minute`, `90 minutes`, `11 hours`.
fn span(duration: Duration) -> String {
    match duration.whole_minutes() {
        1 => "1 minute".to_owned(),
        minutes @ ..120 => format!("{minutes} minutes"),
        minutes => format!("{} hours", minutes / 60),
    }
}

/// `1 second`, `7 seconds`
pub fn seconds(seconds: u64) -> String {
    let plural = if seconds == 1 { "" } else { "s" };
    format!("{seconds} second{plural}")
}

/// Seconds to wait, as `7 seconds` or `10 minutes`: never less than it takes.
pub fn a_while(seconds: u64) -> String {
    match seconds {
        ..=120 => self::seconds(seconds),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    }
}

/// The same for a time to wait.
pub fn wait(seconds: &i64) -> String {
    self::seconds(seconds.unsigned_abs())
}

/// Why no code can be typed, and what to do.
pub fn no_attempt(refusal: &NoAttempt) -> String {
    match refusal {
        NoAttempt::NeedsNewCode(_) => {
            "You need a new code. All four attempts at this one are used up.".to_owned()
        }
        NoAttempt::Wait(_) => {
            let wait = a_while(refusal.seconds().unwrap_or_default());
            format!("There were too many wrong codes. You can enter another one in {wait}.")
        }
        NoAttempt::UseAnotherWay => {
            "There were too many wrong codes since your last sign-in. You can't enter one here until you have signed in another way."
                .to_owned()
        }
    }
}

/// Why the code of a Discovery email can't be typed. The seconds are those until a code can be entered that others had sent
/// to the same address; `None` for a code of the visitor's own.
pub fn no_email_attempt(wait: Option<i64>) -> String {
    let Some(seconds) = wait else {
        return "You need a new code. All four attempts at this one are used up.".to_owned();
    };
    let wait = a_while(seconds.unsigned_abs());
    format!(
        "There were too many wrong codes for this address. You can enter one in {wait}, or sign in another way."
    )
}

/// Seconds as `59 minutes`, or `less than a minute`.
pub fn minutes(seconds: &i64) -> String {
    match seconds / 60 {
        ..=0 => "less than a minute".to_owned(),
        1 => "1 minute".to_owned(),
        minutes => format!("{minutes} minutes"),
    }
}

/// Whether a connection's name alone does not tell its button from the others on a page: it is empty, another connection
/// has it too, or a provider.
pub fn is_ambiguous(connection: &SsoConnection, all: &[SsoConnection]) -> bool {
    let name = connection.display_name.trim().to_lowercase();
    let is_same = |other: &str| other.trim().to_lowercase() == name;
    name.is_empty()
        || all
            .iter()
            .any(|other| other != connection && is_same(&other.display_name))
        || Provider::ALL.iter().any(|it| is_same(&it.to_string()))
}

/// A role in words; one that the project made, by its own name.
pub fn role(role: &str) -> &str {
    match role {
        "stytch_admin" => "Administrator",
        "stytch_member" => "Member",
        other => other,
    }
}

/// `oauth_google` → "Google"; unknown ones as the vendor writes them, by their type if they have no delivery method.
pub fn factor_words(factor: &AuthenticationFactor) -> String {
    let delivery_method = match (&*factor.delivery_method, &*factor.kind) {
        ("", "") => "unknown",
        ("", kind) => kind,
        ("sms", _) => "SMS code",
        (delivery_method, _) => delivery_method,
    };
    let provider = delivery_method.strip_prefix("oauth_");
    match provider.and_then(|name| name.parse::<Provider>().ok()) {
        Some(provider) => provider.to_string(),
        None => delivery_method.replace('_', " "),
    }
}
