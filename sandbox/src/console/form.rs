//! Forms of the console. The input becomes the body of a call, and an error of the call is shown next to its field.

use serde_json::{Map, Value};

use crate::{
    console::{
        field::{Field, Input},
        typed::Typed,
    },
    control::error::ControlError,
    model::ApiError,
};

/// A form with its fields, in groups.
pub struct Form {
    /// Path to which the form is sent.
    pub action: String,
    pub groups: Vec<Group>,
    pub button: &'static str,
    /// Whether sending the form is the main task of its page.
    pub is_main: bool,
    /// The error of the last call, if it was refused.
    pub refusal: Option<Refusal>,
}

/// A group of related fields.
pub struct Group {
    /// `""` if the form has one group only.
    pub legend: &'static str,
    pub fields: Vec<Field>,
}

/// Why a form was refused.
pub struct Refusal {
    pub status: u16,
    pub message: String,
    /// Name of the field that is wrong, if the error is about one.
    pub field: Option<String>,
}

/// Pairs of an error type and the field that it is about, for errors whose text does not name a field.
pub type FieldsOfErrors = &'static [(&'static str, &'static str)];

impl Refusal {
    /// Converts an error of the API. `fields` has the fields of errors whose text does not name one.
    pub fn of_api(error: &ApiError, fields: FieldsOfErrors) -> Self {
        let field = fields.iter().find(|(name, _)| *name == error.error_type);
        Self {
            status: error.status,
            message: error.message.clone().into_owned(),
            field: field.map(|(_, field)| (*field).to_owned()),
        }
    }

    /// Converts an error of the control API.
    pub fn of_control(error: &ControlError) -> Self {
        Self {
            status: error.status,
            message: error.message.clone(),
            field: error.field.clone(),
        }
    }

    /// An error in the input of this field.
    pub fn of_field(name: &str, message: String) -> Self {
        Self {
            status: 400,
            message,
            field: Some(name.to_owned()),
        }
    }
}

impl Form {
    pub fn new(action: String, button: &'static str, groups: Vec<Group>) -> Self {
        Self {
            action,
            groups,
            button,
            is_main: true,
            refusal: None,
        }
    }

    /// A form with one group.
    pub fn of_fields(action: String, button: &'static str, fields: Vec<Field>) -> Self {
        Self::new(action, button, vec![Group { legend: "", fields }])
    }

    /// The same form, which is beside the main task of its page.
    pub fn aside(self) -> Self {
        Self {
            is_main: false,
            ..self
        }
    }

    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.groups.iter().flat_map(|group| &group.fields)
    }

    /// The body of a call that creates something. Empty fields are omitted.
    pub fn given(&self, typed: &Typed) -> Result<Map<String, Value>, Refusal> {
        self.read(|field| field.given(typed))
    }

    /// The body of a call that changes something: the fields whose input differs from the current value.
    pub fn changes(&self, typed: &Typed) -> Result<Map<String, Value>, Refusal> {
        self.read(|field| field.change(typed))
    }

    fn read(
        &self,
        value: impl Fn(&Field) -> Result<Option<Value>, String>,
    ) -> Result<Map<String, Value>, Refusal> {
        let mut body = Map::new();
        for field in self.fields() {
            match value(field) {
                Ok(Some(value)) => {
                    body.insert(field.name.to_owned(), value);
                }
                Ok(None) => {}
                Err(message) => return Err(Refusal::of_field(field.name, message)),
            }
        }
        Ok(body)
    }

    /// The same form with the input and the error.
    pub fn refused(mut self, typed: &Typed, refusal: Refusal) -> Self {
        let blamed = refusal.field.as_deref().map(field_name);
        let names: Vec<&str> = self.fields().map(|field| field.name).collect();
        let name = blamed
            .filter(|name| names.contains(name))
            .or_else(|| named_in(&refusal.message, &names))
            .map(str::to_owned);
        for field in self.groups.iter_mut().flat_map(|group| &mut group.fields) {
            field.keep(typed);
            if Some(field.name) == name.as_deref() {
                field.error = Some(refusal.message.clone());
            }
        }
        self.refusal = Some(Refusal {
            field: name,
            ..refusal
        });
        self
    }

    /// HTTP status of the page with this form.
    pub fn status(&self) -> u16 {
        self.refusal.as_ref().map_or(200, |refusal| refusal.status)
    }
}

/// The name without an index: `login` for `login[0]`.
fn field_name(path: &str) -> &str {
    path.split(['[', '.']).next().unwrap_or(path)
}

/// The first of these names that occurs in the message as a whole word.
fn named_in<'a>(message: &str, names: &[&'a str]) -> Option<&'a str> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let words = message.split(|c| !is_part(c));
    let mut found = words.filter_map(|word| names.iter().find(|name| **name == word));
    found.next().copied()
}

impl Input {
    /// Whether the input consists of checkboxes. Browsers don't send unchecked ones, so the form names them separately.
    pub fn has_boxes(&self) -> bool {
        matches!(self, Self::Many(_) | Self::Check(_))
    }
}
