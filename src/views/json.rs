//! JSON within HTML.

use std::io::{self, Write};

use askama::filters::{Html, escape};
use serde::Serialize;
use serde_json::ser::{CharEscape, Formatter, PrettyFormatter, Serializer};

use super::plain::is_plain;

/// Usual size of a member's JSON in bytes. A longer one costs another allocation.
const USUAL: usize = 2 * 1024;

/// Indented JSON, escaped for HTML, and whether all strings in it are plain. Empty if the value can't be JSON.
///
/// Every value has quotation marks, which HTML escapes, so writing them as HTML costs a fraction of escaping the text.
pub(super) fn escaped(value: &impl Serialize) -> (String, bool) {
    let mut html = Vec::with_capacity(USUAL);
    let mut is_plain = true;
    let formatter = ForHtml {
        indentation: PrettyFormatter::new(),
        is_plain: &mut is_plain,
    };
    let written = value.serialize(&mut Serializer::with_formatter(&mut html, formatter));
    let html = written.ok().and_then(|()| String::from_utf8(html).ok());
    (html.unwrap_or_default(), is_plain)
}

/// Indents like `serde_json`'s formatter, and escapes strings for HTML. All other parts of JSON mean nothing in HTML.
struct ForHtml<'a> {
    indentation: PrettyFormatter<'a>,
    /// Whether all strings so far are plain.
    is_plain: &'a mut bool,
}

impl Formatter for ForHtml<'_> {
    fn begin_string<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b"&#34;")
    }

    fn end_string<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b"&#34;")
    }

    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        if is_plain(fragment) {
            return writer.write_all(fragment.as_bytes());
        }
        *self.is_plain = false;
        let Ok(escaped) = escape(fragment, Html);
        write!(writer, "{escaped}")
    }

    fn write_char_escape<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        char_escape: CharEscape,
    ) -> io::Result<()> {
        match char_escape {
            CharEscape::Quote => writer.write_all(b"\\&#34;"),
            other => self.indentation.write_char_escape(writer, other),
        }
    }

    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.indentation.begin_array(writer)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.indentation.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.indentation.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.indentation.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.indentation.begin_object(writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.indentation.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.indentation.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.indentation.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.indentation.end_object_value(writer)
    }
}
