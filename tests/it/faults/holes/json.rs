//! Every way to remove or empty a value of a JSON object.

use serde_json::{Value, json};

/// What happens to a value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Hole {
    Removed,
    Null,
    /// `""`, `[]` or `{}`.
    Empty,
    Blank,
}

/// The response with one value changed: the place, the change, and the result. Of a list, only the first entry is
/// changed.
pub fn holes(whole: &Value) -> Vec<(String, Hole, Value)> {
    let mut found = Vec::new();
    for pointer in pointers(whole, "") {
        let value = whole.pointer(&pointer).unwrap();
        let empty = match value {
            Value::String(_) => json!(""),
            Value::Array(_) => json!([]),
            Value::Object(_) => json!({}),
            _ => Value::Null,
        };
        let mut spoil = |hole, value| {
            let mut spoiled = whole.clone();
            *spoiled.pointer_mut(&pointer).unwrap() = value;
            found.push((pointer.clone(), hole, spoiled));
        };
        spoil(Hole::Null, Value::Null);
        spoil(Hole::Empty, empty);
        if value.is_string() {
            spoil(Hole::Blank, json!(" \t"));
        }
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        let mut spoiled = whole.clone();
        if let Some(Value::Object(object)) = spoiled.pointer_mut(parent) {
            object.remove(key);
            found.push((pointer.clone(), Hole::Removed, spoiled));
        }
    }
    found
}

/// One change for each value that a page could show: strings become blank, and other values are removed.
pub fn spoiled(whole: &Value) -> Vec<(String, Value)> {
    let shown = holes(whole).into_iter().filter(|(pointer, hole, _)| {
        let is_text = whole.pointer(pointer).unwrap().is_string();
        *hole == if is_text { Hole::Blank } else { Hole::Removed }
    });
    shown
        .map(|(pointer, hole, body)| (format!("{hole:?} {pointer}"), body))
        .collect()
}

fn pointers(value: &Value, at: &str) -> Vec<String> {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(object) => object
            .iter()
            .map(|(key, value)| (format!("{at}/{key}"), value))
            .collect(),
        Value::Array(items) => items
            .first()
            .map(|first| (format!("{at}/0"), first))
            .into_iter()
            .collect(),
        _ => Vec::new(),
    };
    inner
        .into_iter()
        .flat_map(|(path, value)| {
            let deeper = pointers(value, &path);
            std::iter::once(path).chain(deeper)
        })
        .collect()
}
