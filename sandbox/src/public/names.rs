//! Names and addresses on pages. A seed or a person chose them, so they must not change the text around them: a name
//! with U+202E reverses the rest of its sentence.

use std::fmt::{self, Display};

use askama::filters::{Html, HtmlSafe, escape};

pub use crate::model::people::is_disruptive;

/// A name for `<title>` and `aria-label`, which hold no elements: between U+2068 and U+2069.
pub fn isolated(name: impl Display) -> String {
    format!("\u{2068}{}\u{2069}", harmless(name))
}

/// A name within HTML: escaped, in a `<bdi>` element.
pub fn bdi(name: impl Display) -> Bdi {
    Bdi(harmless(name))
}

/// The same for several lines, within `<pre>`.
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

/// The text is escaped above.
impl HtmlSafe for Bdi {}

/// U+2069 in a name would end the isolation early, also that of `<bdi>`.
fn harmless(name: impl Display) -> String {
    let name = name.to_string();
    name.chars().filter(|c| !is_disruptive(*c)).collect()
}
