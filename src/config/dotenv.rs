//! Reads the file `.env`.

use std::{collections::HashMap, io, path::Path};

use super::{Mistakes, VARIABLES};

/// Reads every variable in the file. A missing file has no variables.
///
/// # Errors
/// If the file can't be read, is not in UTF-8, has an invalid line, or sets one of our variables twice.
pub(super) fn read(path: &Path) -> Result<HashMap<String, String>, Mistakes> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(HashMap::new()),
        Err(error) => {
            let mistake = format!(".env exists but can't be read: {error}");
            return Err(Mistakes(vec![mistake]));
        }
    };
    let text = decode(&bytes).map_err(|mistake| Mistakes(vec![mistake]))?;
    let mut values = HashMap::new();
    let mut mistakes = Vec::new();
    for line in dotenvy::from_read_iter(text.as_bytes()) {
        let Ok((name, value)) = line else {
            // The error itself quotes the line, which may contain a secret.
            let after = values.len();
            mistakes.push(format!(
                ".env has an invalid line after the first {after} variables: write NAME=value, and put a value with spaces in quotes"
            ));
            continue;
        };
        let ours = VARIABLES.contains(&name.as_str());
        let twice = format!("{name} is set twice in .env: remove one of the lines");
        if values.insert(name, value).is_some() && ours {
            mistakes.push(twice);
        }
    }
    if mistakes.is_empty() {
        return Ok(values);
    }
    Err(Mistakes(mistakes))
}

/// Decodes the file, without the byte order mark that Windows editors write. The error names the actual encoding,
/// because `>` in Windows PowerShell writes UTF-16.
fn decode(bytes: &[u8]) -> Result<&str, String> {
    let is_utf_32 = bytes.starts_with(b"\xff\xfe\0\0") || bytes.starts_with(b"\0\0\xfe\xff");
    let is_utf_16 = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
    let is = if is_utf_32 {
        "is in UTF-32"
    } else if is_utf_16 {
        "is in UTF-16"
    } else if bytes.contains(&0) {
        "seems to be in UTF-16, because it contains NUL bytes"
    } else {
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        return std::str::from_utf8(text).map_err(|error| {
            let before = &text[..error.valid_up_to()];
            let line = before.split(|byte| *byte == b'\n').count();
            format!(".env is not in UTF-8: line {line} seems to be in Latin-1 or Windows-1252; save the file in UTF-8")
        });
    };
    Err(format!(
        ".env {is}: save it in UTF-8 (in PowerShell: Out-File -Encoding utf8)"
    ))
}
