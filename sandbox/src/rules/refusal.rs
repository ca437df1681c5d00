//! Refusals of sign-ins that a test makes without a page.

/// Why there is no consent: the argument that is wrong, and what was expected.
#[derive(Clone, Debug, thiserror::Error)]
#[error("approve: `{field}` must be {expected}")]
pub struct Refusal {
    pub field: &'static str,
    pub expected: String,
}

/// The refusal of this argument.
pub fn refusal(field: &'static str, expected: impl Into<String>) -> Refusal {
    Refusal {
        field,
        expected: expected.into(),
    }
}
