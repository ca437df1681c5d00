//! Lists on pages that may be very long: the part that fits a search, one page at a time.

use url::form_urlencoded::Serializer;

use crate::http::Incoming;

/// Rows on one page of a list.
pub const ROWS: usize = 50;

/// The query parameter with the words to search for.
const SEARCH: &str = "q";

/// The search of a page: every word must be in the row, upper and lower case are the same.
pub struct Search {
    path: String,
    project_id: Option<String>,
    text: String,
    words: Vec<String>,
}

impl Search {
    /// The search that the query names, on the page at this path; without one, everything fits.
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

    /// Whether these texts of a row have every word of the search.
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

    /// Where the form goes.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The project in the page's query, if it is there; the form keeps it.
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
    /// How many rows fit the search, on all pages.
    pub found: usize,
    /// The number of this page, from 1, and of the last one.
    pub number: usize,
    pub last: usize,
    /// Where the pages before and after this one are.
    pub previous: Option<String>,
    pub next: Option<String>,
}

impl<T> Listing<T> {
    /// The page that the query's parameter `name` asks for: a number from 1; the last page if there are fewer, the first one
    /// without a number. `path` is that of the page on which the list is, where an element has `name` as its id.
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

/// The same page of the sandbox with another page of this list; the rest of the query stays.
fn link(request: &Incoming, path: &str, name: &str, number: usize) -> String {
    let others = request.query.iter().filter(|(key, _)| key != name);
    let query = Serializer::new(String::new())
        .extend_pairs(others)
        .append_pair(name, &number.to_string())
        .finish();
    format!("{path}?{query}#{name}")
}
