//! The command line: no option changes what the app does, which the environment configures.

use std::{ffi::OsString, io::Write};

use lexopt::{
    Arg::{Long, Short},
    Error, Parser,
};

const HELP: &str = "\
Stytch B2B login for axum, with a local Stytch to run it against

Usage: stytch-b2b-axum [OPTIONS]

Options:
  -h, --help     Print this help and exit
  -V, --version  Print the version and exit

Environment:
  Without configuration, a sandbox Stytch starts too, and no account is needed. To use your
  account, copy .env.example to .env and fill in three values. That file explains every variable.
";

const VERSION: &str = concat!("stytch-b2b-axum ", env!("CARGO_PKG_VERSION"), "\n");

/// What an invalid command line is followed by.
const USAGE: &str = "Usage: stytch-b2b-axum [OPTIONS]\n\nFor more information, try '--help'.";

/// Reads the arguments, without the program's name. The result is the text to print instead of starting, if any.
///
/// # Errors
/// An argument that does not exist. The text names it, in clap's words, and ends with the usage.
pub fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Option<&'static str>, String> {
    let mut parser = Parser::from_args(arguments);
    let unexpected = match parser.next() {
        Ok(None) => return Ok(None),
        Ok(Some(Short('h') | Long("help"))) => return Ok(Some(HELP)),
        Ok(Some(Short('V') | Long("version"))) => return Ok(Some(VERSION)),
        Ok(Some(other)) => other.unexpected(),
        Err(error) => error,
    };
    let mistake = match unexpected {
        Error::UnexpectedOption(option) => format!("unexpected argument '{option}' found"),
        Error::UnexpectedArgument(argument) => {
            format!("unexpected argument '{}' found", argument.to_string_lossy())
        }
        other => other.to_string(),
    };
    Err(format!("error: {mistake}\n\n{USAGE}"))
}

/// Prints a text. The reader may have left, as after `| head`; that does not make the program fail.
pub fn print(mut to: impl Write, text: &str) {
    let _ = to.write_all(text.as_bytes()).and_then(|()| to.flush());
}
