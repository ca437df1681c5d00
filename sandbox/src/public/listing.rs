//! Searchable lists that are split into pages.

use url::form_urlencoded::Serializer;

use crate::http::Incoming;

/// Rows on one page of a list.
pub const ROWS: usize = 50;

/// The query parameter with the words to search for.
const SEARCH: &str = "q";

/// The search of a page. A row matches if it contains every word, ignoring case.
pub struct Search {
    path: String,
    project_id: Option<String>,
    text: String,
    words: Vec<String>,
}

impl Search {
    /// The search in the query of the page at this path. Without a search, everything matches.
    pub fn of(request: &Incoming, path: &str) -> Self {
        let text = request.parameter(SEARCH).unwrap_or_default().trim();
        Self {
            path: path.to_owned(),
            project_id: request.parameter("project_id").map(str::to_owned),
            words: text
                .to_lowercase()
                .split_whitespace()
                .map(str::to_owned)
                .collect(),
            text: text.to_owned(),
        }
    }

    /// Whether these texts of a row contain every word of the search.
    pub fn fits(&self, texts: &[&str]) -> bool {
        self.words.is_empty() || {
            let texts: Vec<String> = texts.iter().map(|text| text.to_lowercase()).collect();
            let is_in_one = |word: &String| texts.iter().any(|text| text.contains(word));
            self.words.iter().all(is_in_one)
        }
    }

    /// What was typed; empty if there is no search.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The path to which the form is sent.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The project in the page's query, if any. The form keeps it.
    pub fn project_id(&self) -> Option<&str> {
        self.project_id.as_deref()
    }

    /// The page without the search.
    pub fn all(&self) -> String {
        match &self.project_id {
            Some(id) => {
                let query = Serializer::new(String::new())
                    .append_pair("project_id", id)
                    .finish();
                format!("{}?{query}", self.path)
            }
            None => self.path.clone(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }
}

/// One page of a list.
pub struct Listing<T> {
    pub shown: Vec<T>,
    /// Number of matching rows on all pages.
    pub found: usize,
    /// The number of this page, from 1, and of the last one.
    pub number: usize,
    pub last: usize,
    /// URL of the previous page; `next` is that of the next one.
    pub previous: Option<String>,
    pub next: Option<String>,
}

impl<T> Listing<T> {
    /// The page in the query parameter `name`, from 1. A number that is too large means the last page, and any other
    /// text the first. `path` is the path of the page, on which the list's element has the id `name`.
    pub fn of<S>(
        request: &Incoming,
        path: &str,
        name: &str,
        rows: impl Iterator<Item = S>,
        row: impl FnMut(S) -> T,
    ) -> Self {
        let rows: Vec<S> = rows.collect();
        let found = rows.len();
        let last = found.div_ceil(ROWS).max(1);
        let number = request.parameter(name).and_then(|text| text.parse().ok());
        let number = number.unwrap_or(1).clamp(1, last);
        let rows = rows.into_iter().skip((number - 1) * ROWS).take(ROWS);
        Self {
            shown: rows.map(row).collect(),
            found,
            number,
            last,
            previous: (number > 1).then(|| link(request, path, name, number - 1)),
            next: (number < last).then(|| link(request, path, name, number + 1)),
        }
    }
}

/// URL of another page of this list, with the rest of the query unchanged.
fn link(request: &Incoming, path: &str, name: &str, number: usize) -> String {
    let others = request.query.iter().filter(|(key, _)| key != name);
    let query = Serializer::new(String::new())
        .extend_pairs(others)
        .append_pair(name, &number.to_string())
        .finish();
    format!("{path}?{query}#{name}")
}
