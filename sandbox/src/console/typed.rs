//! What was typed into a form of the console.

use crate::http::Incoming;

/// The name under which a form says which checkboxes it shows, because unchecked ones are not sent.
pub const SHOWN: &str = "shown";

/// The fields of a form that was sent, in their order. A name may be there several times.
pub struct Typed(Vec<(String, String)>);

impl Typed {
    /// Those of this request's body.
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

    /// The first value of the field without spaces around it, `""` if there is none.
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
