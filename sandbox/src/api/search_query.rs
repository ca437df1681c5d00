//! The query of a search: filters, all of which must match. See `docs/stytch.md#organizations` and
//! `docs/stytch.md#members`.

use std::collections::HashSet;

use serde_json::{Map, Value};

use crate::model::ApiError;

/// A search's `query`.
pub struct Query<F> {
    pub filters: Vec<F>,
}

impl<F> Query<F> {
    /// Reads the operator, and each operand as a filter. A missing query matches everything. The operator `OR` is
    /// refused, because the vendor no longer supports it.
    pub fn read(
        query: &Map<String, Value>,
        filter: impl Fn(&Value) -> Result<F, ApiError>,
    ) -> Result<Self, ApiError> {
        let operands = match query.get("operands") {
            None | Some(Value::Null) => &[][..],
            Some(Value::Array(operands)) => operands,
            Some(_) => return Err(ApiError::bad_request("query.operands must be an array.")),
        };
        match query.get("operator").and_then(Value::as_str) {
            Some("AND") => {}
            None if operands.is_empty() => {}
            _ => return Err(ApiError::of("user_search_invalid_operator")),
        }
        let filters = operands.iter().map(filter).collect::<Result<_, _>>()?;
        Ok(Self { filters })
    }

    /// Whether an object matches, given which of the filters match it.
    pub fn fits(&self, fits: impl FnMut(&F) -> bool) -> bool {
        self.filters.iter().all(fits)
    }
}

/// An operand's `filter_value`, with readers that refuse other types with the vendor's errors.
pub struct Operand<'a> {
    /// What is searched: `organization` or `member`.
    pub what: &'static str,
    pub name: &'a str,
    /// The end of the error type if the value is missing.
    pub missing: &'a str,
    pub missing_message: String,
    pub value: &'a Value,
}

impl Operand<'_> {
    pub fn texts(&self) -> Result<HashSet<String>, ApiError> {
        self.check_given()?;
        let texts = self.value.as_array().and_then(|list| {
            list.iter()
                .map(|it| it.as_str().map(str::to_owned))
                .collect()
        });
        texts.ok_or_else(|| self.wrong("array_of_strings", "an array of strings"))
    }

    /// Addresses or domains, in lowercase.
    pub fn names(&self) -> Result<HashSet<String>, ApiError> {
        let texts = self.texts()?;
        Ok(texts.iter().map(|text| text.to_ascii_lowercase()).collect())
    }

    pub fn text(&self) -> Result<&str, ApiError> {
        self.check_given()?;
        self.value
            .as_str()
            .ok_or_else(|| self.wrong("string", "a string"))
    }

    pub fn flag(&self) -> Result<bool, ApiError> {
        self.check_given()?;
        self.value
            .as_bool()
            .ok_or_else(|| self.wrong("boolean", "a boolean"))
    }

    /// A text of at least three characters.
    pub fn fuzzy(&self) -> Result<String, ApiError> {
        let text = self.text()?;
        if text.chars().count() < 3 {
            let error_type = format!("{}_search_{}_too_short", self.what, self.name);
            let message = format!("{} needs at least 3 characters.", self.name);
            return Err(ApiError::new(400, error_type, message));
        }
        Ok(text.to_owned())
    }

    fn check_given(&self) -> Result<(), ApiError> {
        if self.value.is_null() {
            let error_type = format!("{}_search_missing_{}", self.what, self.missing);
            return Err(ApiError::new(400, error_type, self.missing_message.clone()));
        }
        Ok(())
    }

    fn wrong(&self, end: &str, expected: &str) -> ApiError {
        let what = self.what;
        let message = format!("The filter_value of this {what} search operand must be {expected}.");
        ApiError::new(400, format!("{what}_search_expected_{end}"), message)
    }
}

/// Whether the text contains the part, ignoring case.
pub fn contains(text: &str, part: &str) -> bool {
    // A scan calls this for every member. Nearly all texts are ASCII, for which nothing is copied.
    if text.is_ascii() && part.is_ascii() {
        let (text, part) = (text.as_bytes(), part.as_bytes());
        let mut places = text.windows(part.len().max(1));
        return part.is_empty() || places.any(|it| it.eq_ignore_ascii_case(part));
    }
    text.to_lowercase().contains(&part.to_lowercase())
}
