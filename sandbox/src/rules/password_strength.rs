//! The strength of passwords under the project's policy, and breaches.

use serde_json::{Value, json};
use zxcvbn::{
    feedback::{Feedback, Warning},
    zxcvbn,
};

use crate::model::{ApiError, PasswordSettings, StrengthPolicy};

/// The result of a strength check.
pub struct Strength {
    /// Score of zxcvbn from 1 to 4, or 0 under the policy LUDS.
    pub score: u8,
    /// Whether the policy accepts it.
    pub is_strong: bool,
    /// The vendor's `zxcvbn_feedback`; null under the other policy.
    pub zxcvbn_feedback: Value,
    /// The vendor's `luds_feedback`; null under the other policy.
    pub luds_feedback: Value,
}

/// The strength of this password. `email` is its owner's address if known, because an address is easy to guess.
pub fn strength(settings: &PasswordSettings, password: &str, email: Option<&str>) -> Strength {
    match settings.policy {
        StrengthPolicy::Zxcvbn => {
            let known: Vec<&str> = email.into_iter().collect();
            let entropy = zxcvbn(password, &known);
            let score = u8::from(entropy.score());
            Strength {
                score: score.max(1),
                is_strong: score >= 3,
                zxcvbn_feedback: feedback_object(entropy.feedback()),
                luds_feedback: Value::Null,
            }
        }
        StrengthPolicy::Luds {
            min_length,
            min_complexity,
        } => luds(password, min_length, min_complexity),
    }
}

/// Refuses a new password that is too weak, or that was breached if the project checks breaches.
pub fn check_new(settings: &PasswordSettings, password: &str, email: &str) -> Result<(), ApiError> {
    if !strength(settings, password, Some(email)).is_strong {
        return Err(ApiError::of("weak_password"));
    }
    if settings.check_breach_on_creation && is_breached(settings, password) {
        return Err(ApiError::of("breached_password"));
    }
    Ok(())
}

/// Whether the password counts as breached: it is in the project's list, or among the most common ones that zxcvbn
/// knows.
pub fn is_breached(settings: &PasswordSettings, password: &str) -> bool {
    if settings.breached_passwords.iter().any(|it| it == password) {
        return true;
    }
    let entropy = zxcvbn(password, &[]);
    let warning = entropy.feedback().and_then(Feedback::warning);
    matches!(
        warning,
        Some(
            Warning::ThisIsATop10Password
                | Warning::ThisIsATop100Password
                | Warning::ThisIsACommonPassword
        )
    )
}

fn feedback_object(feedback: Option<&Feedback>) -> Value {
    let warning = feedback.and_then(Feedback::warning);
    let suggestions = feedback.map(Feedback::suggestions).unwrap_or_default();
    json!({
        "warning": warning.map(|it| it.to_string()).unwrap_or_default(),
        "suggestions": suggestions.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

fn luds(password: &str, min_length: u32, min_complexity: u32) -> Strength {
    let has = |kind: fn(char) -> bool| password.chars().any(kind);
    let lower = has(|c| c.is_ascii_lowercase());
    let upper = has(|c| c.is_ascii_uppercase());
    let digit = has(|c| c.is_ascii_digit());
    let symbol = has(|c| !c.is_ascii_alphanumeric());
    let kinds = [lower, upper, digit, symbol].into_iter().map(u32::from);
    let missing_complexity = min_complexity.saturating_sub(kinds.sum());
    let length = u32::try_from(password.chars().count()).unwrap_or(u32::MAX);
    let missing_characters = min_length.saturating_sub(length);
    Strength {
        score: 0,
        is_strong: missing_complexity == 0 && missing_characters == 0,
        zxcvbn_feedback: Value::Null,
        luds_feedback: json!({
            "has_lower_case": lower,
            "has_upper_case": upper,
            "has_digit": digit,
            "has_symbol": symbol,
            "missing_complexity": missing_complexity,
            "missing_characters": missing_characters,
        }),
    }
}
