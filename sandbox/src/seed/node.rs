//! A parsed TOML or JSON document with the line of each value.

use serde_json::{Map, Value};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::seed::mistakes::{Mistake, SeedMistakes};

/// A value, and the line on which it begins; `None` in a seed that was sent over HTTP.
#[derive(Clone, Debug)]
pub struct Node {
    pub line: Option<usize>,
    pub kind: Kind,
}

/// The type and content of a value.
#[derive(Clone, Debug)]
pub enum Kind {
    Table(Vec<(String, Node)>),
    List(Vec<Node>),
    Plain(Value),
}

impl Node {
    /// Parses a TOML document, or returns the position of its syntax error.
    pub fn from_toml(text: &str) -> Result<Self, SeedMistakes> {
        let lines = Lines::of(text);
        let table = DeTable::parse(text).map_err(|error| {
            SeedMistakes::one(Mistake {
                line: error.span().map(|span| lines.line_of(span.start)),
                field: "the file".to_owned(),
                expected: format!("TOML ({})", error.message()),
            })
        })?;
        let line = Some(1);
        Ok(Self {
            line,
            kind: table_kind(&lines, table.get_ref()),
        })
    }

    pub fn from_value(value: &Value) -> Self {
        let kind = match value {
            Value::Object(fields) => Kind::Table(
                fields
                    .iter()
                    .map(|(key, value)| (key.clone(), Self::from_value(value)))
                    .collect(),
            ),
            Value::Array(items) => Kind::List(items.iter().map(Self::from_value).collect()),
            plain => Kind::Plain(plain.clone()),
        };
        Self { line: None, kind }
    }

    pub fn value(&self) -> Value {
        match &self.kind {
            Kind::Table(entries) => Value::Object(
                entries
                    .iter()
                    .map(|(key, node)| (key.clone(), node.value()))
                    .collect::<Map<_, _>>(),
            ),
            Kind::List(items) => items.iter().map(Self::value).collect(),
            Kind::Plain(value) => value.clone(),
        }
    }

    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Plain(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    pub fn items(&self) -> Option<&[Self]> {
        match &self.kind {
            Kind::List(items) => Some(items),
            _ => None,
        }
    }

    pub fn entries(&self) -> Option<&[(String, Self)]> {
        match &self.kind {
            Kind::Table(entries) => Some(entries),
            _ => None,
        }
    }

    /// The entry with this name. Null in JSON counts as missing.
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.entries()?
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, node)| node)
            .filter(|node| !matches!(node.kind, Kind::Plain(Value::Null)))
    }
}

/// The byte positions of line ends in a text, to find lines without scanning the text again.
pub struct Lines(Vec<usize>);

impl Lines {
    pub fn of(text: &str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Self(ends.map(|(at, _)| at).collect())
    }

    /// The line of a byte position, from 1.
    pub fn line_of(&self, at: usize) -> usize {
        self.0.partition_point(|end| *end < at) + 1
    }
}

fn from_spanned(lines: &Lines, value: &Spanned<DeValue<'_>>) -> Node {
    let kind = match value.get_ref() {
        DeValue::String(string) => Kind::Plain(Value::from(string.as_ref())),
        DeValue::Integer(integer) => Kind::Plain(
            i64::from_str_radix(integer.as_str(), integer.radix()).map_or(Value::Null, Value::from),
        ),
        DeValue::Float(float) => Kind::Plain(
            float
                .as_str()
                .parse::<f64>()
                .map_or(Value::Null, Value::from),
        ),
        DeValue::Boolean(boolean) => Kind::Plain(Value::from(*boolean)),
        DeValue::Datetime(time) => Kind::Plain(Value::from(time.to_string())),
        DeValue::Array(items) => {
            Kind::List(items.iter().map(|item| from_spanned(lines, item)).collect())
        }
        DeValue::Table(table) => table_kind(lines, table),
    };
    Node {
        line: Some(lines.line_of(value.span().start)),
        kind,
    }
}

fn table_kind(lines: &Lines, table: &DeTable<'_>) -> Kind {
    let entries = table
        .iter()
        .map(|(key, value)| (key.get_ref().to_string(), from_spanned(lines, value)));
    Kind::Table(entries.collect())
}
