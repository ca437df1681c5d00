//! A field of a form: its current value, the input, and the conversion of input to JSON.

use serde_json::{Map, Value};

use crate::console::typed::Typed;

/// A form field with its label. Its name is the name of the field in the API.
pub struct Field {
    pub name: &'static str,
    pub label: &'static str,
    /// A sentence below the label; `""` for none.
    pub hint: &'static str,
    pub input: Input,
    /// The error in the input.
    pub error: Option<String>,
}

/// The kind of a field, with its current value.
pub enum Input {
    Text(String),
    /// A whole number.
    Number(String),
    /// A list of strings, one on each line.
    Lines(String),
    /// A JSON object.
    Json(String),
    /// One of a few values, as radio buttons.
    One(Vec<Choice>),
    /// One of many values, as a menu.
    Menu(Vec<Choice>),
    /// Several values, as checkboxes.
    Many(Vec<Choice>),
    /// A boolean, as one checkbox.
    Check(bool),
}

/// A value that a field can have.
pub struct Choice {
    pub value: String,
    pub label: String,
    pub is_chosen: bool,
}

impl Choice {
    /// A value that is its own label.
    pub fn plain(value: &str, is_chosen: bool) -> Self {
        Self {
            value: value.to_owned(),
            label: value.to_owned(),
            is_chosen,
        }
    }

    /// A value with another label.
    pub fn labeled(value: &str, label: impl Into<String>, is_chosen: bool) -> Self {
        Self {
            value: value.to_owned(),
            label: label.into(),
            is_chosen,
        }
    }
}

impl Field {
    pub fn new(name: &'static str, label: &'static str, input: Input) -> Self {
        Self {
            name,
            label,
            hint: "",
            input,
            error: None,
        }
    }

    /// A line of text whose current value is `now`.
    pub fn text(name: &'static str, label: &'static str, now: &str) -> Self {
        Self::new(name, label, Input::Text(one_line(now)))
    }

    /// Lines of text whose current values are `now`.
    pub fn lines(name: &'static str, label: &'static str, now: &[&str]) -> Self {
        Self::new(name, label, Input::Lines(now.join("\n")))
    }

    /// A JSON object whose current value is `now`.
    pub fn json(name: &'static str, label: &'static str, now: &Value) -> Self {
        let text = match now {
            Value::Object(fields) if !fields.is_empty() => {
                serde_json::to_string_pretty(now).unwrap_or_default()
            }
            _ => String::new(),
        };
        Self::new(name, label, Input::Json(text))
    }

    /// Checkboxes of these values, of which some are chosen now.
    pub fn many(name: &'static str, label: &'static str, all: &[&str], now: &[&str]) -> Self {
        let choice = |value: &&str| Choice::plain(value, now.contains(value));
        Self::new(name, label, Input::Many(all.iter().map(choice).collect()))
    }

    /// The same field with a sentence below the label.
    pub fn hint(self, hint: &'static str) -> Self {
        Self { hint, ..self }
    }

    /// Whether there is a hint or an error.
    pub fn is_described(&self) -> bool {
        !self.hint.is_empty() || self.error.is_some()
    }

    /// The ids of the elements that describe the input.
    pub fn described_by(&self) -> String {
        let hint = (!self.hint.is_empty()).then(|| format!("{}-hint", self.name));
        let error = self.error.as_ref().map(|_| format!("{}-error", self.name));
        let ids: Vec<String> = hint.into_iter().chain(error).collect();
        ids.join(" ")
    }

    /// The input as JSON; `None` if the field is empty.
    pub fn given(&self, typed: &Typed) -> Result<Option<Value>, String> {
        Ok(match &self.input {
            Input::Text(_) | Input::One(_) | Input::Menu(_) => {
                some_text(typed, self.name).map(Value::from)
            }
            Input::Number(_) => some_text(typed, self.name).map(|text| {
                text.parse::<u64>()
                    .map_or_else(|_| text.into(), Value::from)
            }),
            Input::Lines(_) => some_text(typed, self.name).map(|text| lines(text).into()),
            Input::Json(_) => match some_text(typed, self.name) {
                None => None,
                Some(text) => Some(Value::Object(object(text)?)),
            },
            Input::Many(_) => typed
                .shows(self.name)
                .then(|| typed.all(self.name).collect()),
            Input::Check(_) => (typed.get(self.name).is_some()).then_some(Value::Bool(true)),
        })
    }

    /// The input as JSON if it differs from the current value. Keys that were removed from a JSON object are null.
    pub fn change(&self, typed: &Typed) -> Result<Option<Value>, String> {
        let text = typed.get(self.name).map(str::trim);
        Ok(match &self.input {
            Input::Text(now) | Input::Number(now) => {
                text.filter(|text| *text != now.trim()).map(Value::from)
            }
            Input::One(choices) | Input::Menu(choices) => {
                let now = choices.iter().find(|it| it.is_chosen);
                text.filter(|text| now.is_none_or(|now| now.value != *text))
                    .filter(|text| !(now.is_none() && text.is_empty()))
                    .map(Value::from)
            }
            Input::Lines(now) => text
                .map(lines)
                .filter(|typed| *typed != lines(now))
                .map(Value::from),
            Input::Json(now) => match text {
                None => None,
                Some(text) => difference(&object(now).unwrap_or_default(), &object(text)?),
            },
            Input::Many(choices) => {
                let now = choices.iter().filter(|it| it.is_chosen);
                let now: Vec<&str> = now.map(|it| it.value.as_str()).collect();
                let chosen: Vec<&str> = typed.all(self.name).collect();
                (typed.shows(self.name) && chosen != now).then(|| chosen.into())
            }
            Input::Check(now) => {
                let is_checked = typed.get(self.name).is_some();
                (typed.shows(self.name) && is_checked != *now).then(|| is_checked.into())
            }
        })
    }

    /// Replaces the current value with the input.
    pub fn keep(&mut self, typed: &Typed) {
        let name = self.name;
        match &mut self.input {
            Input::Text(now) | Input::Number(now) | Input::Lines(now) | Input::Json(now) => {
                if let Some(text) = typed.get(name) {
                    text.clone_into(now);
                }
            }
            Input::One(choices) | Input::Menu(choices) => {
                if let Some(text) = typed.get(name) {
                    for choice in choices {
                        choice.is_chosen = choice.value == text;
                    }
                }
            }
            Input::Many(choices) if typed.shows(name) => {
                for choice in choices {
                    choice.is_chosen = typed.all(name).any(|value| value == choice.value);
                }
            }
            Input::Check(now) if typed.shows(name) => *now = typed.get(name).is_some(),
            Input::Many(_) | Input::Check(_) => {}
        }
    }
}

fn some_text<'a>(typed: &'a Typed, name: &str) -> Option<&'a str> {
    let text = typed.get(name).map(str::trim);
    text.filter(|text| !text.is_empty())
}

/// Removes line breaks, as browsers do in a one-line input.
fn one_line(text: &str) -> String {
    text.replace(['\r', '\n'], "")
}

/// The lines that are not empty.
pub fn lines(text: &str) -> Vec<String> {
    let lines = text.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty());
    lines.map(str::to_owned).collect()
}

fn object(text: &str) -> Result<Map<String, Value>, String> {
    if text.trim().is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_str(text) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err("This must be a JSON object, such as {\"plan\": \"pro\"}.".to_owned()),
        Err(error) => Err(format!("This is not valid JSON: {error}.")),
    }
}

/// The keys whose values differ, with null for keys that were removed. `None` if the objects are equal.
fn difference(before: &Map<String, Value>, after: &Map<String, Value>) -> Option<Value> {
    let gone = before.keys().filter(|key| !after.contains_key(*key));
    let changed = after
        .iter()
        .filter(|(key, value)| before.get(*key) != Some(value));
    let changed = changed.map(|(key, value)| (key.clone(), value.clone()));
    let fields: Map<String, Value> = gone
        .map(|key| (key.clone(), Value::Null))
        .chain(changed)
        .collect();
    (!fields.is_empty()).then_some(Value::Object(fields))
}
