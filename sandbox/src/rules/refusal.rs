//! Errors of sign-ins that a test makes without a page.

/// An error: the invalid argument, and what was expected.
#[derive(Clone, Debug, thiserror::Error)]
#[error("approve: `{field}` must be {expected}")]
pub struct Refusal {
    pub field: &'static str,
    pub expected: String,
}

/// The error for this argument.
pub fn refusal(field: &'static str, expected: impl Into<String>) -> Refusal {
    Refusal {
        field,
        expected: expected.into(),
    }
}
