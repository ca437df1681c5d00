//! Values in words, for templates.

use time::OffsetDateTime;

use crate::stytch::Provider;

/// `14:05 UTC`
pub fn clock_time(at: &OffsetDateTime) -> String {
    format!("{:02}:{:02} UTC", at.hour(), at.minute())
}

/// `2026-11-21 14:05 UTC`
pub fn day_and_time(at: &OffsetDateTime) -> String {
    format!("{} {}", at.date(), clock_time(at))
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
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "askama passes references"
)]
pub fn wait(seconds: &i64) -> String {
    self::seconds(seconds.unsigned_abs())
}

/// Seconds as `59 minutes`, or `less than a minute`.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "askama passes references"
)]
pub fn minutes(seconds: &i64) -> String {
    match seconds / 60 {
        ..=0 => "less than a minute".to_owned(),
        1 => "1 minute".to_owned(),
        minutes => format!("{minutes} minutes"),
    }
}

/// The vendor's names for ways to sign in, in words; one that is newer than this code stays nameless.
pub fn method_words(method: &str) -> &'static str {
    match method {
        "google_oauth" => "Google",
        "microsoft_oauth" => "Microsoft",
        "github_oauth" => "GitHub",
        "slack_oauth" => "Slack",
        "hubspot_oauth" => "HubSpot",
        "magic_link" => "a link sent by e-mail",
        "email_otp" => "a code sent by e-mail",
        "password" => "a password",
        "sso" => "single sign-on (SSO)",
        _ => "something newer",
    }
}

/// `oauth_google` → "Google"; unknown ones as the vendor writes them.
pub fn factor_words(delivery_method: &str) -> String {
    let provider = delivery_method.strip_prefix("oauth_");
    match provider.and_then(|name| name.parse::<Provider>().ok()) {
        Some(provider) => provider.to_string(),
        None => delivery_method.replace('_', " "),
    }
}
