//! Custom claims of a session. See `docs/stytch.md#the-outcome-of-a-login`.

use serde_json::{Map, Value};

use crate::model::ApiError;

/// A session's claims, merged with the `session_custom_claims` in a request. Objects are merged at every depth, null
/// deletes a key, and the JWT's own names are ignored. The result may have up to 4 KB.
pub fn merged(
    before: &Map<String, Value>,
    sent: &Map<String, Value>,
) -> Result<Map<String, Value>, ApiError> {
    if sent
        .keys()
        .any(|name| name.starts_with("https://stytch.com/"))
    {
        return Err(ApiError::of("stytch_claims_in_custom_claims"));
    }
    let mut after = before.clone();
    let reserved = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];
    let own = sent
        .iter()
        .filter(|(name, _)| !reserved.contains(&name.as_str()));
    merge(&mut after, own);
    if Value::Object(after.clone()).to_string().len() > 4096 {
        return Err(ApiError::of("custom_claims_too_large"));
    }
    Ok(after)
}

/// Merges the sent claims into an object.
fn merge<'a>(into: &mut Map<String, Value>, sent: impl Iterator<Item = (&'a String, &'a Value)>) {
    for (name, value) in sent {
        match value {
            Value::Null => {
                into.remove(name);
            }
            Value::Object(sent) => {
                let nested = into.entry(name.as_str()).or_insert(Value::Null);
                if !nested.is_object() {
                    *nested = Value::Object(Map::new());
                }
                if let Value::Object(nested) = nested {
                    merge(nested, sent.iter());
                }
            }
            _ => {
                into.insert(name.clone(), value.clone());
            }
        }
    }
}
