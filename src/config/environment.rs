//! Reads variables from the process environment, and from `.env` those that are not set there.

use std::{
    collections::{BTreeSet, HashMap},
    ffi::{OsStr, OsString},
    path::Path,
};

use super::{
    Mistakes, VARIABLES, dotenv,
    look_alikes::{self, Place},
};

/// The variables of the process environment and of `.env`.
#[derive(Debug)]
pub struct Environment {
    /// Value of each variable. Those of the process override those of `.env`.
    pub values: HashMap<String, String>,
    /// Probable mistakes that don't prevent a start, one line each. They contain names and no values.
    pub warnings: Vec<String>,
}

/// Merges the file and the variables of the process. The file may be missing.
///
/// # Errors
/// If the file can't be read, is not in UTF-8, has an invalid line, or sets one of our variables twice. The messages
/// contain names and line numbers, and no values.
pub fn read(
    file: &Path,
    process: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<Environment, Mistakes> {
    let mut values = dotenv::read(file)?;
    let process: HashMap<String, String> = process
        .into_iter()
        .map(|(name, value)| (lossy(&name), lossy(&value)))
        .collect();
    let mut warnings = Vec::new();
    for name in VARIABLES {
        let Some(value) = process.get(name) else {
            continue;
        };
        let overridden = values.insert(name.to_owned(), value.clone());
        let overridden = overridden.is_some_and(|value| !value.trim().is_empty());
        if overridden && value.trim().is_empty() {
            warnings.push(format!(
                "{name} is empty in the process environment, which overrides its value in .env: unset it to use that value"
            ));
        }
    }
    let in_file: BTreeSet<&String> = values.keys().collect();
    let in_process: BTreeSet<&String> = process.keys().collect();
    let of_process = in_process.difference(&in_file);
    warnings.extend(
        in_file
            .iter()
            .filter_map(|name| look_alikes::warning(name, Place::File)),
    );
    warnings.extend(of_process.filter_map(|name| look_alikes::warning(name, Place::Process)));
    Ok(Environment { values, warnings })
}

fn lossy(text: &OsStr) -> String {
    text.to_string_lossy().into_owned()
}
