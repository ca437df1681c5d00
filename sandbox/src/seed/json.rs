//! JSON with the line of each value, which `serde_json` does not keep. It says first whether the text is JSON; what
//! follows only has to find its way in a text that is.

use serde_json::Value;

use crate::seed::{
    mistakes::{Mistake, SeedMistakes},
    node::{Kind, Node},
};

/// A JSON document, or where it is none.
pub fn read(text: &str) -> Result<Node, SeedMistakes> {
    match serde_json::from_str::<Value>(text) {
        Ok(_) => Ok(Reader {
            text,
            at: 0,
            line: 1,
        }
        .node()),
        Err(error) => Err(SeedMistakes::one(Mistake {
            line: Some(error.line()),
            field: "the file".to_owned(),
            expected: format!("JSON ({error})"),
        })),
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    line: usize,
}

impl Reader<'_> {
    fn node(&mut self) -> Node {
        let first = self.next_sign();
        let line = Some(self.line);
        let kind = match first {
            b'{' => self.table(),
            b'[' => self.list(),
            _ => Kind::Plain(self.plain()),
        };
        Node { line, kind }
    }

    fn table(&mut self) -> Kind {
        let mut entries = Vec::new();
        self.at += 1;
        loop {
            match self.next_sign() {
                b'}' => break self.at += 1,
                b',' => self.at += 1,
                _ => {
                    let key = self.plain().as_str().unwrap_or_default().to_owned();
                    self.next_sign();
                    self.at += 1; // the colon
                    entries.push((key, self.node()));
                }
            }
        }
        Kind::Table(entries)
    }

    fn list(&mut self) -> Kind {
        let mut items = Vec::new();
        self.at += 1;
        loop {
            match self.next_sign() {
                b']' => break self.at += 1,
                b',' => self.at += 1,
                _ => items.push(self.node()),
            }
        }
        Kind::List(items)
    }

    /// A text, a number, `true`, `false` or `null`.
    fn plain(&mut self) -> Value {
        let rest = &self.text.as_bytes()[self.at..];
        let length = if rest[0] == b'"' {
            let mut end = 1;
            while rest[end] != b'"' {
                end += if rest[end] == b'\\' { 2 } else { 1 };
            }
            end + 1
        } else {
            let ends = |byte: &u8| byte.is_ascii_whitespace() || b",:]}".contains(byte);
            rest.iter().position(ends).unwrap_or(rest.len())
        };
        let token = &self.text[self.at..self.at + length];
        self.at += length;
        serde_json::from_str(token).unwrap_or_default()
    }

    /// Skips what is blank and answers the sign there.
    fn next_sign(&mut self) -> u8 {
        loop {
            let byte = self.text.as_bytes()[self.at];
            if !byte.is_ascii_whitespace() {
                return byte;
            }
            self.line += usize::from(byte == b'\n');
            self.at += 1;
        }
    }
}
