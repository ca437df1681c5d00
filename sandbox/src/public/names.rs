//! Names and addresses on pages. They come from seeds and people, so they must not change the text around them. For
//! example, U+202E in a name would reverse the rest of the sentence.

use std::fmt::{self, Display};

use askama::filters::{Html, HtmlSafe, escape};

pub use crate::model::people::is_disruptive;

/// A name for `<title>` and `aria-label`, which can't contain elements, between U+2068 and U+2069.
pub fn isolated(name: impl Display) -> String {
    format!("\u{2068}{}\u{2069}", harmless(name))
}

/// A name within HTML: escaped, in a `<bdi>` element.
pub fn bdi(name: impl Display) -> Bdi {
    Bdi(harmless(name))
}

/// Text of several lines within `<pre>`, also escaped and in a `<bdi>` element.
pub fn bdi_lines(text: impl Display) -> Bdi {
    let text = text.to_string();
    let lines: Vec<String> = text.lines().map(harmless).collect();
    Bdi(lines.join("\n"))
}

/// A `<bdi>` element with this text.
pub struct Bdi(String);

impl Display for Bdi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(escaped) = escape(&self.0, Html);
        write!(f, "<bdi>{escaped}</bdi>")
    }
}

/// `Bdi` is only created from escaped text.
impl HtmlSafe for Bdi {}

/// Removes U+2069, which would end the isolation early, even that of `<bdi>`.
fn harmless(name: impl Display) -> String {
    let name = name.to_string();
    name.chars().filter(|c| !is_disruptive(*c)).collect()
}
