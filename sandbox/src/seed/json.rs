//! JSON with the line of each value.

use std::collections::BTreeMap;

use serde_json::{Value, value::RawValue};

use crate::seed::{
    mistakes::{Mistake, SeedMistakes},
    node::{Kind, Lines, Node},
};

/// A JSON document, or where it is none.
pub fn read(text: &str) -> Result<Node, SeedMistakes> {
    let read = || {
        serde_json::from_str::<Value>(text)?; // refuses what is nested too deeply
        serde_json::from_str::<&RawValue>(text)
    };
    match read() {
        Ok(document) => Ok(node(text, &Lines::of(text), document)),
        Err(error) => Err(SeedMistakes::one(Mistake {
            line: Some(error.line()),
            field: "the file".to_owned(),
            expected: format!("JSON ({error})"),
        })),
    }
}

/// A value of this document. It is a part of the text, so its address says where in the text it is.
fn node(document: &str, lines: &Lines, value: &RawValue) -> Node {
    let text = value.get();
    let node = |value: &RawValue| node(document, lines, value);
    let kind = if let Ok(entries) = serde_json::from_str::<BTreeMap<String, &RawValue>>(text) {
        let entries = entries.into_iter();
        Kind::Table(entries.map(|(key, value)| (key, node(value))).collect())
    } else if let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(text) {
        Kind::List(items.into_iter().map(node).collect())
    } else {
        Kind::Plain(serde_json::from_str::<Value>(text).unwrap_or_default())
    };
    let at = text.as_ptr().addr() - document.as_ptr().addr();
    Node {
        line: Some(lines.line_of(at)),
        kind,
    }
}
