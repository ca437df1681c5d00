//! The fields of a JSON object.

use serde_json::{Map, Value};

/// The fields of an object. The values are moved, unlike in `json!`, which copies each value.
pub fn object<const N: usize>(fields: [(&str, Value); N]) -> Map<String, Value> {
    fields
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// The fields of an object, written with `json!`.
///
/// # Panics
/// If the value is not an object.
pub fn fields(object: Value) -> Map<String, Value> {
    match object {
        Value::Object(fields) => fields,
        other => panic!("expected a JSON object, got {other}"),
    }
}
