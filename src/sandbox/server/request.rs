//! A request of the server API, with readers that refuse what has the wrong type.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::sandbox::claims;
use crate::sandbox::error::ApiError;
use crate::sandbox::rules::entry::Wish;

/// What a handler of the server API gets to see. Ids of the path that SDKs repeat in the query or the body are
/// there too and are not looked at (fact sheet §0, fact 8).
#[derive(Default)]
pub struct ApiRequest {
    pub path: HashMap<&'static str, String>,
    pub body: Map<String, Value>,
}

impl ApiRequest {
    /// A part of the path by its name in the route.
    pub fn part(&self, name: &str) -> &str {
        self.path.get(name).map_or("", String::as_str)
    }

    /// A text; absent, null and `""` are all "not given".
    pub fn text(&self, field: &str) -> Result<Option<&str>, ApiError> {
        match self.body.get(field) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str()).filter(|text| !text.is_empty())),
            Some(_) => Err(wrong(field, "a string")),
        }
    }

    /// A text that must be given.
    pub fn need_text(&self, field: &str) -> Result<&str, ApiError> {
        self.text(field)?
            .ok_or_else(|| ApiError::bad_request(format!("{field} is required.")))
    }

    /// Whether a text is given.
    pub fn body_has(&self, field: &str) -> Result<bool, ApiError> {
        self.text(field).map(|text| text.is_some())
    }

    /// A whole number.
    pub fn integer(&self, field: &str) -> Result<Option<i64>, ApiError> {
        match self.body.get(field) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => value
                .as_i64()
                .map(Some)
                .ok_or_else(|| wrong(field, "an integer")),
        }
    }

    /// A list of texts.
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

    /// An object.
    pub fn object(&self, field: &str) -> Result<Option<&Map<String, Value>>, ApiError> {
        match self.body.get(field) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Object(object)) => Ok(Some(object)),
            Some(_) => Err(wrong(field, "an object")),
        }
    }

    /// The duration and claims that the request wants for its session (fact sheet §5).
    pub fn wish(&self) -> Result<Wish, ApiError> {
        let minutes = self.integer("session_duration_minutes")?;
        if minutes.is_some_and(|minutes| !(5..=527_040).contains(&minutes)) {
            return Err(ApiError::of("invalid_session_duration_minutes"));
        }
        let claims = self
            .object("session_custom_claims")?
            .cloned()
            .unwrap_or_default();
        claims::merged(&Map::new(), &claims)?;
        Ok(Wish { minutes, claims })
    }

    /// Refuses a `locale` that the vendor does not have.
    pub fn check_locale(&self) -> Result<(), ApiError> {
        const LOCALES: [&str; 16] = [
            "en", "es", "pt-br", "fr", "it", "de-DE", "zh-Hans", "ca-ES", "ja", "ru", "nl", "pl",
            "tr", "fa", "vi", "cs",
        ];
        match self.text("locale")? {
            Some(locale) if !LOCALES.contains(&locale) => Err(ApiError::of("invalid_locale")),
            _ => Ok(()),
        }
    }
}

fn wrong(field: &str, expected: &str) -> ApiError {
    ApiError::bad_request(format!("{field} must be {expected}."))
}
