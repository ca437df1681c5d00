//! Refusals of the control API.

use std::fmt::Display;

use serde_json::{Value, json};

use crate::http::{Answer, answer};

/// What a call of the control API returns: status and JSON, or a refusal.
pub type Reply = Result<(u16, Value), ControlError>;

/// A refusal: which field, and what was expected there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlError {
    pub status: u16,
    pub error_type: &'static str,
    pub message: String,
    /// `times`, `redirect_urls.login[0]`, …; `None` where no field is to blame.
    pub field: Option<String>,
    pub expected: Option<String>,
}

impl ControlError {
    /// 400: this field must be something else.
    pub fn field(field: &str, expected: impl Display) -> Self {
        Self {
            status: 400,
            error_type: "sandbox_bad_request",
            message: format!("{field} must be {expected}."),
            field: Some(field.to_owned()),
            expected: Some(expected.to_string()),
        }
    }

    /// 404: what this field names is not there.
    pub fn unknown(field: &str, expected: impl Display) -> Self {
        Self {
            status: 404,
            error_type: "sandbox_not_found",
            ..Self::field(field, expected)
        }
    }

    /// 409: this field names something with which that can't be done now.
    pub fn conflict(field: &str, expected: impl Display) -> Self {
        Self {
            status: 409,
            error_type: "sandbox_conflict",
            ..Self::field(field, expected)
        }
    }

    /// Another refusal, that no field is to blame for.
    pub fn plain(status: u16, error_type: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            error_type,
            message: message.into(),
            field: None,
            expected: None,
        }
    }

    /// The answer.
    pub fn answer(&self, request_id: &str) -> Answer {
        let mut answer = answer::json(self.status, &self.body(request_id));
        let error_type = self.error_type.to_owned();
        answer::note(&mut answer, |it| it.error_type = Some(error_type));
        answer
    }

    /// The body: that of the vendor's errors, with `field` and `expected`, and without a URL that would lead nowhere.
    pub fn body(&self, request_id: &str) -> Value {
        json!({
            "status_code": self.status,
            "request_id": request_id,
            "error_type": self.error_type,
            "error_message": self.message,
            "field": self.field,
            "expected": self.expected,
        })
    }
}
