//! Forms of the console. What was typed becomes the body of a call; what the call refuses is shown next to its field.

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
    /// Where it is sent.
    pub action: String,
    pub groups: Vec<Group>,
    pub button: &'static str,
    /// Why it was refused.
    pub refusal: Option<Refusal>,
}

/// Fields that belong together.
pub struct Group {
    /// `""` if the form has one group only.
    pub legend: &'static str,
    pub fields: Vec<Field>,
}

/// Why a form was refused.
pub struct Refusal {
    pub status: u16,
    pub message: String,
    /// The field that is wrong, if there is one.
    pub field: Option<String>,
}

/// The fields to which errors belong that do not name them.
pub type FieldsOfErrors = &'static [(&'static str, &'static str)];

impl Refusal {
    /// Of a call of the API. The table has the fields of errors whose text names none.
    pub fn of_api(error: &ApiError, fields: FieldsOfErrors) -> Self {
        let field = fields.iter().find(|(name, _)| *name == error.error_type);
        Self {
            status: error.status,
            message: error.message.clone().into_owned(),
            field: field.map(|(_, field)| (*field).to_owned()),
        }
    }

    /// Of a call of the control API.
    pub fn of_control(error: &ControlError) -> Self {
        Self {
            status: error.status,
            message: error.message.clone(),
            field: error.field.clone(),
        }
    }

    /// Of what was typed into this field.
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
            refusal: None,
        }
    }

    /// A form with one group.
    pub fn of_fields(action: String, button: &'static str, fields: Vec<Field>) -> Self {
        Self::new(action, button, vec![Group { legend: "", fields }])
    }

    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.groups.iter().flat_map(|group| &group.fields)
    }

    /// What was typed, for a call that creates something: a field without text is left out.
    pub fn given(&self, typed: &Typed) -> Result<Map<String, Value>, Refusal> {
        self.read(|field| field.given(typed))
    }

    /// What was typed and differs from what the form holds, for a call that changes something.
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

    /// The same form with what was typed, and with what is wrong.
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

    /// The status of the page with this form.
    pub fn status(&self) -> u16 {
        self.refusal.as_ref().map_or(200, |refusal| refusal.status)
    }
}

/// `login` of `login[0]`.
fn field_name(path: &str) -> &str {
    path.split(['[', '.']).next().unwrap_or(path)
}

/// The first of these names that the message has as a whole word.
fn named_in<'a>(message: &str, names: &[&'a str]) -> Option<&'a str> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let words = message.split(|c| !is_part(c));
    let mut found = words.filter_map(|word| names.iter().find(|name| **name == word));
    found.next().copied()
}

impl Input {
    /// Whether the form has to say that it shows these boxes.
    pub fn has_boxes(&self) -> bool {
        matches!(self, Self::Many(_) | Self::Check(_))
    }
}
