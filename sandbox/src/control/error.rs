//! Errors of the control API.

use std::fmt::Display;

use serde_json::{Value, json};

use crate::http::{Answer, answer};

/// The result of a call of the control API: status and JSON, or an error.
pub type Reply = Result<(u16, Value), ControlError>;

/// An error that names the field and what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlError {
    pub status: u16,
    pub error_type: &'static str,
    pub message: String,
    /// `times`, `redirect_urls.login[0]`, …; `None` if the error is not about a field.
    pub field: Option<String>,
    pub expected: Option<String>,
}

impl ControlError {
    /// 400: the field has an invalid value.
    pub fn field(field: &str, expected: impl Display) -> Self {
        Self {
            status: 400,
            error_type: "sandbox_bad_request",
            message: format!("{field} must be {expected}."),
            field: Some(field.to_owned()),
            expected: Some(expected.to_string()),
        }
    }

    /// 404: the field names something that does not exist.
    pub fn unknown(field: &str, expected: impl Display) -> Self {
        Self {
            status: 404,
            error_type: "sandbox_not_found",
            ..Self::field(field, expected)
        }
    }

    /// 409: the field names something in the wrong state for this call.
    pub fn conflict(field: &str, expected: impl Display) -> Self {
        Self {
            status: 409,
            error_type: "sandbox_conflict",
            ..Self::field(field, expected)
        }
    }

    /// An error that is not about a field.
    pub fn plain(status: u16, error_type: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            error_type,
            message: message.into(),
            field: None,
            expected: None,
        }
    }

    /// The HTTP response.
    pub fn answer(&self, request_id: &str) -> Answer {
        let mut answer = answer::json(self.status, &self.body(request_id));
        let error_type = self.error_type.to_owned();
        answer::note(&mut answer, |it| it.error_type = Some(error_type));
        answer
    }

    /// The body: the fields of the vendor's errors plus `field` and `expected`, without `error_url`, which would lead
    /// nowhere.
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
