//! Parses JSON with the line of each value. A duplicate key is a mistake, as in TOML, because one of the two values
//! would be ignored.

use std::{collections::BTreeMap, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::{Value, value::RawValue};

use crate::seed::{
    mistakes::{Mistake, SeedMistakes},
    node::{Kind, Lines, Node},
};

/// Parses a JSON document, or returns the position of its syntax error.
pub fn read(text: &str) -> Result<Node, SeedMistakes> {
    let read = || {
        serde_json::from_str::<Value>(text)?; // refuses documents that are nested too deeply
        serde_json::from_str::<&RawValue>(text)
    };
    match read() {
        Ok(document) => {
            let place = Document {
                text,
                lines: Lines::of(text),
            };
            let mut twice = Vec::new();
            let root = node(&place, document, "", &mut twice);
            SeedMistakes::of(twice).map_or(Ok(root), Err)
        }
        Err(error) => Err(SeedMistakes::one(Mistake {
            line: Some(error.line()),
            field: "the file".to_owned(),
            expected: format!("JSON ({error})"),
        })),
    }
}

/// The text of a document, with the positions of its lines.
struct Document<'a> {
    text: &'a str,
    lines: Lines,
}

impl Document<'_> {
    /// The line of a value. The value borrows from the text, so its address gives its position.
    fn line(&self, value: &RawValue) -> usize {
        let at = value.get().as_ptr().addr() - self.text.as_ptr().addr();
        self.lines.line_of(at)
    }
}

/// Converts the value at this path. Adds duplicate keys to the mistakes.
fn node(document: &Document<'_>, value: &RawValue, path: &str, twice: &mut Vec<Mistake>) -> Node {
    let text = value.get();
    let kind = if let Ok(Entries(entries)) = serde_json::from_str(text) {
        let mut table = BTreeMap::new();
        for (key, value) in entries {
            let path = if path.is_empty() {
                key.clone()
            } else {
                format!("{path}.{key}")
            };
            let node = node(document, value, &path, twice);
            if table.insert(key, node).is_some() {
                twice.push(Mistake {
                    line: Some(document.line(value)),
                    field: path,
                    expected: "given only once".to_owned(),
                });
            }
        }
        Kind::Table(table.into_iter().collect())
    } else if let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(text) {
        let items = items.into_iter().enumerate();
        let node = |(at, value)| node(document, value, &format!("{path}[{at}]"), twice);
        Kind::List(items.map(node).collect())
    } else {
        Kind::Plain(serde_json::from_str::<Value>(text).unwrap_or_default())
    };
    Node {
        line: Some(document.line(value)),
        kind,
    }
}

/// The entries of a JSON object, including duplicate keys.
struct Entries<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Entries<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct All;
        impl<'de> Visitor<'de> for All {
            type Value = Entries<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(All)
    }
}
