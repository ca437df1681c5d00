//! Prints names and addresses on pages. Other people chose them, so they must not change the text around them. A name
//! with U+202E, for example, reverses the rest of its sentence.

use std::fmt::{self, Display, Write};

use askama::{
    FastWritable, Values,
    filters::{Escaper, Html, HtmlSafe, Safe, escape},
};
use serde::Serialize;

use super::{
    json,
    plain::{all_bytes, is_plain, is_printable},
};

/// FIRST STRONG ISOLATE and POP DIRECTIONAL ISOLATE: they mark a text that has its own direction.
const ISOLATE: char = '\u{2068}';
const END_OF_ISOLATE: char = '\u{2069}';

/// Whether a character can hide or reverse the text around it: a control character, or one that overrides, embeds or
/// isolates a direction. Joiners are allowed, because emoji and Persian need them.
pub fn is_disruptive(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Isolates a name within plain text: in `<title>` and `aria-label`, which can't contain elements, and in the texts of
/// error pages.
///
/// Drops disruptive characters, because U+2069 in a name would end the isolation early, even inside `<bdi>`.
pub fn isolated(name: impl AsRef<str>) -> String {
    let name = name.as_ref();
    let mut text = String::with_capacity(name.len() + 2 * ISOLATE.len_utf8());
    text.push(ISOLATE);
    text.extend(name.split(is_disruptive));
    text.push(END_OF_ISOLATE);
    text
}

/// Isolates a name within HTML: escapes it, and puts it in a `<bdi>` element.
pub fn bdi<Name: AsRef<str>>(name: Name) -> Bdi<Name> {
    Bdi(name)
}

/// The result of [`bdi`].
pub struct Bdi<Name>(Name);

impl<Name: AsRef<str>> Bdi<Name> {
    fn write(&self, dest: &mut dyn Write) -> fmt::Result {
        let name = self.0.as_ref();
        dest.write_str("<bdi>")?;
        if is_plain(name) {
            dest.write_str(name)?;
        } else {
            for part in name.split(is_disruptive) {
                Html.write_escaped_str(&mut *dest, part)?;
            }
        }
        dest.write_str("</bdi>")
    }
}

impl<Name: AsRef<str>> Display for Bdi<Name> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f)
    }
}

/// Templates use this instead of [`Display`], because a formatter costs more than a name.
impl<Name: AsRef<str>> FastWritable for Bdi<Name> {
    fn write_into(&self, dest: &mut dyn Write, _: &dyn Values) -> askama::Result<()> {
        Ok(self.write(dest)?)
    }
}

impl<Name: AsRef<str>> HtmlSafe for Bdi<Name> {}

/// Isolates each line of a text within HTML, as [`bdi`] does. Plain ASCII needs no isolation, because nothing in it can
/// change the direction.
pub fn bdi_lines(text: impl AsRef<str>) -> BdiLines {
    let Ok(escaped) = escape(text.as_ref(), Html);
    let html = escaped.to_string();
    BdiLines {
        is_plain: are_plain(&html),
        html,
    }
}

/// Prints a value as indented JSON within HTML, and isolates each line as [`bdi_lines`] does.
pub fn bdi_json(value: impl Serialize) -> BdiLines {
    let (html, is_plain) = json::escaped(&value);
    BdiLines {
        is_plain: is_plain || are_plain(&html),
        html,
    }
}

/// The result of [`bdi_lines`] and [`bdi_json`]: lines that are escaped already.
pub struct BdiLines {
    html: String,
    /// Whether no line needs isolation.
    is_plain: bool,
}

/// Whether none of the lines needs isolation.
fn are_plain(lines: &str) -> bool {
    all_bytes(lines, |byte| is_printable(byte) || byte == b'\n')
}

impl BdiLines {
    fn write(&self, dest: &mut dyn Write) -> fmt::Result {
        let html = self.html.as_str();
        if self.is_plain {
            return dest.write_str(html.strip_suffix('\n').unwrap_or(html));
        }
        for (at, line) in html.lines().enumerate() {
            if at > 0 {
                dest.write_str("\n")?;
            }
            if all_bytes(line, is_printable) {
                dest.write_str(line)?;
                continue;
            }
            dest.write_str("<bdi>")?;
            line.split(is_disruptive)
                .try_for_each(|part| dest.write_str(part))?;
            dest.write_str("</bdi>")?;
        }
        Ok(())
    }
}

impl Display for BdiLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f)
    }
}

impl FastWritable for BdiLines {
    fn write_into(&self, dest: &mut dyn Write, _: &dyn Values) -> askama::Result<()> {
        Ok(self.write(dest)?)
    }
}

impl HtmlSafe for BdiLines {}

/// Prints the text of an error page within HTML: escapes it, and puts each [`isolated`] name in a `<bdi>` element.
pub fn text(text: &str) -> Safe<String> {
    let Ok(escaped) = escape(text, Html);
    let html = escaped.to_string().replace(ISOLATE, "<bdi>");
    Safe(html.replace(END_OF_ISOLATE, "</bdi>"))
}

/// Prints a heading within HTML: escapes it, and keeps each word with a hyphen, such as "sign-in", on one line.
pub fn heading(text: &str) -> Safe<String> {
    let word = |word| {
        let Ok(escaped) = escape(word, Html);
        let html = escaped.to_string();
        if html.contains('-') {
            format!("<span class=\"keep\">{html}</span>")
        } else {
            html
        }
    };
    let words: Vec<_> = text.split(' ').map(word).collect();
    Safe(words.join(" "))
}
