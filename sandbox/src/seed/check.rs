//! Readers for a seed's values. They record mistakes and continue, so that all mistakes are reported together.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};
use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

use crate::{
    model::{clock::wire, ids},
    seed::{
        mistakes::Mistake,
        node::{Kind, Node},
    },
};

/// The mistakes so far.
#[derive(Default)]
pub struct Checker {
    pub mistakes: Vec<Mistake>,
}

/// A table in the seed, and its path.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    pub node: &'a Node,
    pub path: &'a str,
}

impl Place<'_> {
    fn field(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        }
    }
}

impl Checker {
    pub fn wrong(&mut self, node: &Node, field: &str, expected: impl Into<String>) {
        self.mistakes.push(Mistake {
            line: node.line,
            field: field.to_owned(),
            expected: expected.into(),
        });
    }

    /// Records unknown keys as mistakes.
    pub fn only(&mut self, at: Place<'_>, known: &[&str]) {
        let Some(entries) = at.node.entries() else {
            return self.wrong(at.node, at.path, "a table");
        };
        for (key, node) in entries
            .iter()
            .filter(|(key, _)| !known.contains(&key.as_str()))
        {
            let expected = format!("one of the known fields: {}", known.join(", "));
            self.wrong(node, &at.field(key), expected);
        }
    }

    /// A text that passes the test; `None` if it is missing.
    pub fn text<'a>(
        &mut self,
        at: Place<'a>,
        name: &str,
        expected: &str,
        good: impl Fn(&str) -> bool,
    ) -> Option<&'a str> {
        let node = at.node.get(name)?;
        let text = node.text().filter(|text| good(text));
        if text.is_none() {
            self.wrong(node, &at.field(name), expected);
        }
        text
    }

    /// A required text that passes the test.
    pub fn need_text<'a>(
        &mut self,
        at: Place<'a>,
        name: &str,
        expected: &str,
        good: impl Fn(&str) -> bool,
    ) -> Option<&'a str> {
        if at.node.get(name).is_none() {
            self.wrong(at.node, &at.field(name), format!("given: {expected}"));
        }
        self.text(at, name, expected, good)
    }

    /// A whole number in this range; `None` if it is missing.
    pub fn integer(
        &mut self,
        at: Place<'_>,
        name: &str,
        range: RangeInclusive<u32>,
    ) -> Option<u32> {
        let node = at.node.get(name)?;
        let number = node
            .value()
            .as_u64()
            .and_then(|number| u32::try_from(number).ok());
        let number = number.filter(|number| range.contains(number));
        if number.is_none() {
            let (from, to) = (range.start(), range.end());
            self.wrong(
                node,
                &at.field(name),
                format!("a whole number from {from} to {to}"),
            );
        }
        number
    }

    /// A boolean; `None` if it is missing.
    pub fn flag(&mut self, at: Place<'_>, name: &str) -> Option<bool> {
        let node = at.node.get(name)?;
        let flag = node.value().as_bool();
        if flag.is_none() {
            self.wrong(node, &at.field(name), "true or false");
        }
        flag
    }

    /// The items of a list of tables, each with its path.
    pub fn tables<'a>(&mut self, at: Place<'a>, name: &str) -> Vec<(String, &'a Node)> {
        let Some(node) = at.node.get(name) else {
            return Vec::new();
        };
        let Some(items) = node.items() else {
            self.wrong(node, &at.field(name), "a list of tables");
            return Vec::new();
        };
        let path = |index: usize| format!("{}[{index}]", at.field(name));
        for (index, item) in items.iter().enumerate() {
            if item.entries().is_none() {
                self.wrong(item, &path(index), "a table");
            }
        }
        let numbered = items.iter().enumerate();
        numbered
            .filter(|(_, item)| item.entries().is_some())
            .map(|(index, item)| (path(index), item))
            .collect()
    }

    /// A list of texts that pass the test; `None` if it is missing.
    pub fn texts(
        &mut self,
        at: Place<'_>,
        name: &str,
        expected: &str,
        good: impl Fn(&str) -> bool,
    ) -> Option<Vec<String>> {
        let node = at.node.get(name)?;
        let Some(items) = node.items() else {
            self.wrong(node, &at.field(name), "a list of strings");
            return None;
        };
        let mut texts = Vec::new();
        for (index, item) in items.iter().enumerate() {
            match item.text().filter(|text| good(text)) {
                Some(text) => texts.push(text.to_owned()),
                None => self.wrong(item, &format!("{}[{index}]", at.field(name)), expected),
            }
        }
        Some(texts)
    }

    /// The id of this kind in the seed, or else the given one. Ids of the live environment are refused like other
    /// invalid texts.
    pub fn id(&mut self, at: Place<'_>, kind: &str, otherwise: String) -> String {
        let expected = format!("{kind}-test- followed by a lowercase UUID");
        self.text(at, "id", &expected, |id| ids::is_id(kind, id))
            .map_or(otherwise, str::to_owned)
    }

    /// `created_at` and `updated_at`, if they are given.
    pub fn times(&mut self, at: Place<'_>) -> Map<String, Value> {
        let mut times = Map::new();
        for name in ["created_at", "updated_at"] {
            if let Some(time) = self.time(at, name) {
                times.insert(name.to_owned(), wire(time));
            }
        }
        times
    }

    /// A time; `None` if it is missing.
    pub fn time(&mut self, at: Place<'_>, name: &str) -> Option<OffsetDateTime> {
        let read = |text: &str| OffsetDateTime::parse(text, &Rfc3339).ok();
        let expected = "a time such as 2026-01-01T00:00:00Z";
        let text = self.text(at, name, expected, |text| read(text).is_some())?;
        Some(read(text)?.to_offset(UtcOffset::UTC))
    }

    /// The vendor's fields, whose values must have the same types as in `model`. Enum values and lists of them are
    /// checked against `words`.
    pub fn vendor_fields(
        &mut self,
        at: Place<'_>,
        ours: &[&str],
        model: &Value,
        words: &[(&str, &[&str])],
    ) -> Map<String, Value> {
        let mut fields = Map::new();
        for (key, node) in at.node.entries().unwrap_or_default() {
            if ours.contains(&key.as_str()) || matches!(node.kind, Kind::Plain(Value::Null)) {
                continue;
            }
            let field = at.field(key);
            let Some(like) = model.get(key) else {
                let known: Vec<&str> = ours
                    .iter()
                    .copied()
                    .chain(
                        model
                            .as_object()
                            .into_iter()
                            .flat_map(Map::keys)
                            .map(String::as_str),
                    )
                    .collect();
                self.wrong(
                    node,
                    &field,
                    format!("one of the known fields: {}", known.join(", ")),
                );
                continue;
            };
            let value = node.value();
            if let Some(expected) = mismatch(like, &value) {
                self.wrong(node, &field, expected);
            } else if let Some((_, known)) = words.iter().find(|(name, _)| name == key) {
                self.words(node, &field, known);
            }
            // Metadata belongs to the app and can contain anything.
            if !key.ends_with("_metadata") && has_live_id(&value) {
                self.wrong(node, &field, "without ids of the live environment");
            }
            fields.insert(key.clone(), value);
        }
        fields
    }

    /// Checks that the value is one of these words, or a list of them.
    fn words(&mut self, node: &Node, field: &str, known: &[&str]) {
        let is_known = |node: &Node| node.text().is_some_and(|text| known.contains(&text));
        let expected = format!("one of {}", known.join(", "));
        match node.items() {
            None if !is_known(node) => self.wrong(node, field, expected),
            None => {}
            Some(items) => {
                for (index, item) in items.iter().enumerate().filter(|(_, item)| !is_known(item)) {
                    self.wrong(item, &format!("{field}[{index}]"), expected.clone());
                }
            }
        }
    }
}

/// What was expected, if the value does not have the model's type. Null in the model stands for a text.
fn mismatch(like: &Value, value: &Value) -> Option<&'static str> {
    let (good, expected) = match like {
        Value::Null | Value::String(_) => (value.is_string(), "a text"),
        Value::Bool(_) => (value.is_boolean(), "true or false"),
        Value::Number(_) => (value.is_number(), "a number"),
        Value::Array(_) => (value.is_array(), "a list"),
        Value::Object(_) => (value.is_object(), "a table"),
    };
    (!good).then_some(expected)
}

/// Whether the value contains an id or a secret of the live environment anywhere, such as `member-live-…`.
fn has_live_id(value: &Value) -> bool {
    const KINDS: [&str; 7] = [
        "organization",
        "member",
        "project",
        "secret",
        "public-token",
        "connection",
        "registration",
    ];
    match value {
        Value::String(text) => text
            .match_indices("-live-")
            .any(|(at, _)| KINDS.iter().any(|kind| text[..at].ends_with(kind))),
        Value::Array(items) => items.iter().any(has_live_id),
        Value::Object(fields) => fields.values().any(has_live_id),
        _ => false,
    }
}

/// Removes keys from a model.
pub fn forget(model: &mut Value, keys: &[&str]) {
    if let Some(model) = model.as_object_mut() {
        model.retain(|key, _| !keys.contains(&key.as_str()));
    }
}
