//! Where the values come from: the process environment, and `.env` for what is not set there.

use std::{collections::HashMap, path::Path};

use super::{Mistakes, VARIABLES};

/// Reads both. `.env` may be missing.
///
/// # Errors
/// A line of `.env` that can't be read, or a variable that stands there twice. Names and line numbers only, no values.
pub fn read(dotenv: &Path) -> Result<HashMap<String, String>, Mistakes> {
    let mut values = from_file(dotenv)?;
    for name in VARIABLES {
        if let Some(value) = std::env::var_os(name) {
            values.insert(name.to_owned(), value.to_string_lossy().into_owned());
        }
    }
    Ok(values)
}

fn from_file(path: &Path) -> Result<HashMap<String, String>, Mistakes> {
    let mut values = HashMap::new();
    let mut mistakes = Vec::new();
    let lines = match dotenvy::from_path_iter(path) {
        Ok(lines) => lines,
        Err(error) if error.not_found() => return Ok(values),
        Err(_) => return Err(Mistakes(vec![".env is there but can't be read".to_owned()])),
    };
    for line in lines {
        let Ok((name, value)) = line else {
            // The error's own words quote the line, which may hold a secret.
            let after = values.len();
            mistakes.push(format!(
                ".env has a line that can't be read, after the first {after} variables: write NAME=value, with quotes around a value that has blanks"
            ));
            continue;
        };
        let ours = VARIABLES.contains(&name.as_str());
        let twice = format!("{name} stands in .env twice: remove one of the lines");
        if values.insert(name, value).is_some() && ours {
            mistakes.push(twice);
        }
    }
    if mistakes.is_empty() {
        return Ok(values);
    }
    Err(Mistakes(mistakes))
}
