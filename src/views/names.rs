//! Prints names and addresses on pages. Other people chose them, so they must not change the text around them. A name
//! with U+202E, for example, reverses the rest of its sentence.

use std::fmt::{self, Display, Write};

use askama::filters::{Html, HtmlSafe, escape};

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
pub fn isolated(name: impl Display) -> String {
    let name = name.to_string();
    let name: String = name.chars().filter(|c| !is_disruptive(*c)).collect();
    format!("{ISOLATE}{name}{END_OF_ISOLATE}")
}

/// Isolates a name within HTML: escapes it, and puts it in a `<bdi>` element.
pub fn bdi<Name: Display>(name: Name) -> Bdi<Name> {
    Bdi(name)
}

/// The result of [`bdi`].
pub struct Bdi<Name>(Name);

impl<Name: Display> Display for Bdi<Name> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<bdi>")?;
        write!(Harmless(f), "{}", self.0)?;
        f.write_str("</bdi>")
    }
}

/// Escapes what is written to it, and drops disruptive characters.
struct Harmless<'a, 'b>(&'a mut fmt::Formatter<'b>);

impl Write for Harmless<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        // A look at the bytes of a usual name is cheaper than one at each of its characters.
        if is_printable_ascii(text) {
            return self.escaped(text);
        }
        text.split(is_disruptive)
            .try_for_each(|part| self.escaped(part))
    }
}

impl Harmless<'_, '_> {
    fn escaped(&mut self, text: &str) -> fmt::Result {
        let has_meaning = |byte| matches!(byte, b'"' | b'&' | b'\'' | b'<' | b'>');
        if !text.bytes().any(has_meaning) {
            return self.0.write_str(text);
        }
        let Ok(escaped) = escape(text, Html);
        write!(self.0, "{escaped}")
    }
}

/// Whether each character is visible, or a space, and is written from left to right or has no direction.
fn is_printable_ascii(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

impl<Name: Display> HtmlSafe for Bdi<Name> {}

/// Isolates each line of a text within HTML, as [`bdi`] does.
pub fn bdi_lines<Lines: AsRef<str>>(text: Lines) -> BdiLines<Lines> {
    BdiLines(text)
}

/// The result of [`bdi_lines`].
pub struct BdiLines<Lines>(Lines);

impl<Lines: AsRef<str>> Display for BdiLines<Lines> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, line) in self.0.as_ref().lines().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            if is_printable_ascii(line) {
                Harmless(f).escaped(line)?; // nothing in it can change the direction
            } else {
                bdi(line).fmt(f)?;
            }
        }
        Ok(())
    }
}

impl<Lines: AsRef<str>> HtmlSafe for BdiLines<Lines> {}

/// Prints the text of an error page within HTML: escapes it, and puts each [`isolated`] name in a `<bdi>` element.
pub fn text(text: &str) -> Text<'_> {
    Text(text)
}

/// The result of [`text`].
pub struct Text<'a>(&'a str);

impl Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(escaped) = escape(self.0, Html);
        let html = escaped.to_string().replace(ISOLATE, "<bdi>");
        f.write_str(&html.replace(END_OF_ISOLATE, "</bdi>"))
    }
}

/// The implementation of [`Display`] above escapes everything but its own `<bdi>` elements.
impl HtmlSafe for Text<'_> {}

/// Prints a heading within HTML: escapes it, and keeps each word with a hyphen, such as "sign-in", on one line.
pub fn heading(text: &str) -> Heading<'_> {
    Heading(text)
}

/// The result of [`heading`].
pub struct Heading<'a>(&'a str);

impl Display for Heading<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, word) in self.0.split(' ').enumerate() {
            let space = if at > 0 { " " } else { "" };
            let Ok(word) = escape(word, Html);
            let word = word.to_string();
            if word.contains('-') {
                write!(f, "{space}<span class=\"keep\">{word}</span>")?;
            } else {
                write!(f, "{space}{word}")?;
            }
        }
        Ok(())
    }
}

/// The implementation of [`Display`] above escapes everything but its own `<span>` elements.
impl HtmlSafe for Heading<'_> {}
