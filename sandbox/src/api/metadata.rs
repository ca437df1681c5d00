//! `trusted_metadata` and `untrusted_metadata`. The limits are those of the vendor's reference.

use serde_json::{Map, Value};

use crate::{http::ApiRequest, model::ApiError};

/// An object's metadata, merged with the metadata in the request at the top level; null deletes a key. `None` if the
/// request has no metadata. At most 20 keys and 4 KB.
pub fn merged(
    request: &ApiRequest,
    field: &str,
    before: &Value,
) -> Result<Option<Value>, ApiError> {
    let sent = match request.body.get(field) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Object(sent)) => sent,
        Some(_) => return Err(ApiError::of("metadata_invalid_format")),
    };
    let mut after: Map<String, Value> = before.as_object().cloned().unwrap_or_default();
    for (key, value) in sent {
        if value.is_null() {
            after.remove(key);
        } else {
            after.insert(key.clone(), value.clone());
        }
    }
    if after.len() > 20 {
        return Err(ApiError::of("metadata_too_many_keys"));
    }
    let after = Value::Object(after);
    if after.to_string().len() > 4096 {
        return Err(ApiError::of("metadata_too_large"));
    }
    Ok(Some(after))
}
