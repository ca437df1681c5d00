//! The input of a form of the console.

use crate::http::Incoming;

/// Name of the hidden field that lists the checkboxes of a form, because browsers do not send unchecked ones.
pub const SHOWN: &str = "shown";

/// The fields of a submitted form, in order. A name can occur several times.
pub struct Typed(Vec<(String, String)>);

impl Typed {
    /// Parses the request's body.
    pub fn of(request: &Incoming) -> Self {
        Self(
            url::form_urlencoded::parse(&request.body)
                .into_owned()
                .collect(),
        )
    }

    /// The first value of the field.
    pub fn get(&self, name: &str) -> Option<&str> {
        let mut fields = self.0.iter();
        let found = fields.find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The first value of the field without surrounding spaces; `""` if the field is missing.
    pub fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default().trim()
    }

    /// All values of the field.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let values = self.0.iter().filter(move |(key, _)| key == name);
        values.map(|(_, value)| value.as_str())
    }

    /// Whether the form had these checkboxes.
    pub fn shows(&self, name: &str) -> bool {
        self.all(SHOWN).any(|shown| shown == name)
    }
}
