//! Custom claims of a session (fact sheet §5, common request fields).

use serde_json::{Map, Value};

use crate::model::ApiError;

/// The claims of a session after a request's `session_custom_claims`: null deletes a key, the JWT's own names are
/// ignored. All of them together may have 4 KB.
pub fn merged(
    before: &Map<String, Value>,
    sent: &Map<String, Value>,
) -> Result<Map<String, Value>, ApiError> {
    let mut after = before.clone();
    for (name, value) in sent {
        if name.starts_with("https://stytch.com/") {
            return Err(ApiError::of("stytch_claims_in_custom_claims"));
        }
        if matches!(
            name.as_str(),
            "iss" | "sub" | "aud" | "exp" | "nbf" | "iat" | "jti"
        ) {
            continue;
        }
        if value.is_null() {
            after.remove(name);
        } else {
            after.insert(name.clone(), value.clone());
        }
    }
    if Value::Object(after.clone()).to_string().len() > 4096 {
        return Err(ApiError::of("custom_claims_too_large"));
    }
    Ok(after)
}
