//! The fields of a JSON object.

use serde_json::{Map, Value};

/// The fields of an object, written with `json!`.
///
/// # Panics
/// When it is not an object.
pub fn fields(object: Value) -> Map<String, Value> {
    match object {
        Value::Object(fields) => fields,
        other => panic!("expected a JSON object, got {other}"),
    }
}
