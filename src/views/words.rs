//! Formats values and errors as text, for templates.

use askama::filters::Safe;
use time::{Duration, OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

use crate::{
    error::vendor::{self, Field},
    limits::code_limits::NoAttempt,
    stytch::{
        Error, Provider,
        objects::{AuthenticationFactor, SsoConnection},
    },
};

/// An error at a form field. The default is no error.
#[derive(Default)]
pub struct FieldError {
    /// The `id` of the input element.
    pub field: &'static str,
    /// What the visitor must change; empty without an error.
    pub text: &'static str,
}

impl FieldError {
    /// Whether there is an error.
    pub fn is_some(&self) -> bool {
        !self.text.is_empty()
    }
}

/// The error to show at `field`, if Stytch refused a code, an address or a phone number that the visitor can correct.
pub fn field_error(field: &'static str, error: &Error) -> Option<FieldError> {
    match vendor::correction(error)? {
        (Field::Code | Field::EmailAddress | Field::PhoneNumber, text) => {
            Some(FieldError { field, text })
        }
        _ => None,
    }
}

/// A time for the `datetime` attribute of a `<time>` element, such as `2026-11-21T14:05:00Z`.
pub fn datetime(at: &OffsetDateTime) -> Safe<String> {
    let at = at.to_offset(UtcOffset::UTC).truncate_to_second();
    Safe(at.format(&Rfc3339).unwrap_or_default())
}

/// The page is rendered a moment after Stytch's response, but should still say 10 minutes.
const TOLERANCE: Duration = Duration::seconds(5);

/// The time left until `at`, such as `10 minutes` or `40 seconds`. A duration needs no time zone.
pub fn time_left(at: &OffsetDateTime, now: &OffsetDateTime) -> String {
    match *at - *now + TOLERANCE {
        left if left < Duration::MINUTE => {
            seconds((*at - *now).whole_seconds().max(0).unsigned_abs())
        }
        left => span(left),
    }
}

/// The time since `at`, such as `3 minutes ago`.
pub fn time_ago(at: &OffsetDateTime, now: &OffsetDateTime) -> String {
    match *now - *at {
        ago if ago < Duration::MINUTE => "less than a minute ago".to_owned(),
        ago => format!("{} ago", span(ago)),
    }
}

/// Whether `at` is now or in the past.
pub fn is_past(at: &OffsetDateTime, now: &OffsetDateTime) -> bool {
    at <= now
}

/// A duration of a minute or more, rounded down: `1 minute`, `90 minutes`, `11 hours`.
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

/// A time to wait, given in seconds and rounded up: `7 seconds`, `10 minutes`.
pub fn a_while(seconds: u64) -> String {
    match seconds {
        ..=120 => self::seconds(seconds),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    }
}

/// A time to wait, given in seconds, as [`a_while`] prints it.
pub fn wait(seconds: &i64) -> String {
    a_while(seconds.unsigned_abs())
}

/// Why the visitor may not enter a code, and what to do.
pub fn no_attempt(refusal: &NoAttempt) -> String {
    match refusal {
        NoAttempt::NeedsNewCode(_) => {
            "You entered four wrong codes. Request a new code.".to_owned()
        }
        NoAttempt::Wait(_) => {
            let wait = a_while(refusal.seconds().unwrap_or_default());
            format!("There were too many wrong codes. Try again in {wait}.")
        }
        NoAttempt::UseAnotherWay => {
            "There have been too many wrong codes since your last sign-in. Sign in another way first."
                .to_owned()
        }
    }
}

/// Why the visitor may not enter the code of a Discovery email. `wait` is the number of seconds until they may, if
/// attempts at codes that others requested for the same address are the cause. `None` if the visitor's own are.
pub fn no_email_attempt(wait: Option<i64>) -> String {
    let Some(seconds) = wait else {
        return "You entered four wrong codes. Request a new code.".to_owned();
    };
    let wait = a_while(seconds.unsigned_abs());
    format!(
        "There were too many wrong codes for this email address. Try again in {wait}, or sign in another way."
    )
}

/// Why no other email of the same kind is sent to this address yet. `wait` is the number of seconds until one can be.
pub fn sent_recently(wait: i64) -> String {
    format!(
        "You requested an email to this address less than 30 seconds ago. You can request another one in {}.",
        self::wait(&wait)
    )
}

/// A number of seconds, rounded down: `59 minutes`, or `less than a minute`. It is as tolerant as [`time_left`].
pub fn minutes(seconds: &i64) -> String {
    match seconds.saturating_add(TOLERANCE.whole_seconds()) / 60 {
        ..=0 => "less than a minute".to_owned(),
        1 => "1 minute".to_owned(),
        minutes => format!("{minutes} minutes"),
    }
}

/// Whether a button needs more than the connection's name, because the name is empty or is also the name of another
/// connection or of a provider.
pub fn is_ambiguous(connection: &SsoConnection, all: &[SsoConnection]) -> bool {
    let name = connection.display_name.trim().to_lowercase();
    let is_same = |other: &str| other.trim().to_lowercase() == name;
    name.is_empty()
        || all
            .iter()
            .any(|other| other != connection && is_same(&other.display_name))
        || Provider::ALL.iter().any(|it| is_same(&it.to_string()))
}

/// Label of a role. A custom role of the project is shown by its id.
pub fn role(role: &str) -> &str {
    match role {
        "stytch_admin" => "Administrator",
        "stytch_member" => "Member",
        other => other,
    }
}

/// Label of a factor: `oauth_google` is shown as "Google". An unknown delivery method, or the type of a factor without
/// one, is shown as Stytch spells it.
pub fn factor_words(factor: &AuthenticationFactor) -> String {
    let delivery_method = match (&*factor.delivery_method, &*factor.kind) {
        ("", "") => "unknown",
        ("", kind) => kind,
        (delivery_method, _) => delivery_method,
    };
    let label = match (delivery_method, &*factor.kind) {
        ("authenticator_app", _) => "Authenticator app",
        ("email", "magic_link") => "Email link",
        ("email", "email_otp" | "otp") => "Email code",
        ("knowledge", _) => "Password",
        ("recovery_code" | "recovery_codes", _) => "Recovery code",
        ("sms", _) => "SMS code",
        ("sso_oidc", _) => "SSO (OIDC)",
        ("sso_saml", _) => "SSO (SAML)",
        _ => "",
    };
    let provider = delivery_method.strip_prefix("oauth_");
    match provider.and_then(|name| name.parse::<Provider>().ok()) {
        Some(provider) => provider.to_string(),
        None if label.is_empty() => delivery_method.replace('_', " "),
        None => label.to_owned(),
    }
}
