//! A request of the server API, with readers that refuse values of the wrong type.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::{
    model::{ApiError, Reply, State, claims},
    rules::{ActingHeaders, RequestedSession, texts::ENGLISH},
};

/// A handler of the server API. It runs under the world's lock, so a call has all of its effects or none.
pub type Api = fn(&mut State, &ApiRequest) -> Reply;

/// The input of a handler of the server API. Some SDKs repeat ids of the path in the query or the body, where they are
/// ignored.
#[derive(Default)]
pub struct ApiRequest {
    pub path: HashMap<&'static str, String>,
    pub query: HashMap<String, String>,
    pub body: Map<String, Value>,
    pub acting: ActingHeaders,
    /// Origin under which the caller reached the sandbox, for the issuer in tokens of the simulated providers.
    pub base_url: String,
}

impl ApiRequest {
    /// The part of the path that this name stands for in the route.
    pub fn part(&self, name: &str) -> &str {
        self.path.get(name).map_or("", String::as_str)
    }

    /// A text field. Null and `""` count as omitted.
    pub fn text(&self, field: &str) -> Result<Option<&str>, ApiError> {
        match self.body.get(field) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str()).filter(|text| !text.is_empty())),
            Some(_) => Err(wrong(field, "a string")),
        }
    }

    pub fn need_text(&self, field: &str) -> Result<&str, ApiError> {
        self.text(field)?
            .ok_or_else(|| ApiError::bad_request(format!("{field} is required.")))
    }

    pub fn body_has(&self, field: &str) -> Result<bool, ApiError> {
        self.text(field).map(|text| text.is_some())
    }

    /// A text field that may be empty: some fields are cleared by `""`, others refuse it.
    pub fn raw_text(&self, field: &str) -> Result<Option<&str>, ApiError> {
        match self.body.get(field) {
            Some(Value::String(text)) if text.is_empty() => Ok(Some("")),
            _ => self.text(field),
        }
    }

    /// Whether the field has a value other than null.
    pub fn gives(&self, field: &str) -> bool {
        self.body.get(field).is_some_and(|value| !value.is_null())
    }

    pub fn flag(&self, field: &str) -> Result<Option<bool>, ApiError> {
        match self.body.get(field) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => value
                .as_bool()
                .map(Some)
                .ok_or_else(|| wrong(field, "a boolean")),
        }
    }

    /// A query parameter; an empty one counts as missing.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let value = self.query.get(name).map(String::as_str);
        value.filter(|value| !value.is_empty())
    }

    /// A boolean query parameter, in the spelling of Python (`True`) or Node (`true`).
    pub fn parameter_flag(&self, name: &str) -> Result<bool, ApiError> {
        match self.parameter(name) {
            None | Some("false" | "False") => Ok(false),
            Some("true" | "True") => Ok(true),
            Some(_) => Err(wrong(name, "a boolean")),
        }
    }

    pub fn integer(&self, field: &str) -> Result<Option<i64>, ApiError> {
        match self.body.get(field) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => value
                .as_i64()
                .map(Some)
                .ok_or_else(|| wrong(field, "an integer")),
        }
    }

    pub fn texts(&self, field: &str) -> Result<Option<Vec<&str>>, ApiError> {
        match self.body.get(field) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => {
                let texts = value
                    .as_array()
                    .and_then(|list| list.iter().map(Value::as_str).collect());
                texts
                    .map(Some)
                    .ok_or_else(|| wrong(field, "an array of strings"))
            }
        }
    }

    pub fn object(&self, field: &str) -> Result<Option<&Map<String, Value>>, ApiError> {
        match self.body.get(field) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Object(object)) => Ok(Some(object)),
            Some(_) => Err(wrong(field, "an object")),
        }
    }

    /// The duration and claims that the request gives for its session.
    pub fn requested_session(&self) -> Result<RequestedSession, ApiError> {
        let minutes = self.integer("session_duration_minutes")?;
        if minutes.is_some_and(|minutes| !(5..=527_040).contains(&minutes)) {
            return Err(ApiError::of("invalid_session_duration_minutes"));
        }
        let claims = self
            .object("session_custom_claims")?
            .cloned()
            .unwrap_or_default();
        claims::merged(&Map::new(), &claims)?;
        Ok(RequestedSession {
            minutes,
            claims,
            locale: None,
        })
    }

    /// The `locale` in the request, which must be one of these; English if it is missing.
    pub fn locale(&self, known: &[&'static str]) -> Result<&'static str, ApiError> {
        let Some(given) = self.text("locale")? else {
            return Ok(ENGLISH);
        };
        let found = known.iter().find(|locale| **locale == given).copied();
        found.ok_or_else(|| {
            let message = format!("locale must be one of {}.", known.join(", "));
            ApiError::new(400, "invalid_locale", message)
        })
    }
}

fn wrong(field: &str, expected: &str) -> ApiError {
    ApiError::bad_request(format!("{field} must be {expected}."))
}
