//! The command line: no option changes what the app does, which the environment configures.

use std::{ffi::OsString, io::Write};

use lexopt::{
    Arg::{Long, Short, Value},
    Error, Parser,
};

const HELP: &str = "\
Stytch B2B login for axum, with a local Stytch to run it against

Usage: stytch-b2b-axum [OPTIONS]
       stytch-b2b-axum doctor [--json]

Commands:
  doctor         Check the configuration, the Stytch project and the session store, and say what is
                 wrong and where to mend it. It only reads. Exits with 0, or with 1 if something is wrong

Options:
      --json     Print the checks of doctor as JSON: {\"checks\": [{\"name\", \"result\", \"message\"}]}
  -h, --help     Print this help and exit
  -V, --version  Print the version and exit

Environment:
  Without configuration, a sandbox Stytch starts too, and no account is needed. To use your
  account, copy .env.example to .env and fill in three values. That file explains every variable.
";

const VERSION: &str = concat!("stytch-b2b-axum ", env!("CARGO_PKG_VERSION"), "\n");

/// What an invalid command line is followed by.
const USAGE: &str = "Usage: stytch-b2b-axum [OPTIONS]\n       stytch-b2b-axum doctor [--json]\n\nFor more information, try '--help'.";

/// What the program was told to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Serve the app.
    Serve,
    /// Print this text, and nothing else.
    Print(&'static str),
    /// Check the configuration and the project.
    Doctor {
        /// Whether the result is JSON.
        json: bool,
    },
}

/// Reads the arguments, without the program's name.
///
/// # Errors
/// An argument that does not exist. The text names it, in clap's words, and ends with the usage.
pub fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Task, String> {
    let mut parser = Parser::from_args(arguments);
    let mut task = Task::Serve;
    let unexpected = loop {
        match parser.next() {
            Ok(None) => return Ok(task),
            Ok(Some(Short('h') | Long("help"))) => return Ok(Task::Print(HELP)),
            Ok(Some(Short('V') | Long("version"))) => return Ok(Task::Print(VERSION)),
            Ok(Some(Value(word))) if word == "doctor" && task == Task::Serve => {
                task = Task::Doctor { json: false };
            }
            Ok(Some(Long("json"))) if matches!(task, Task::Doctor { .. }) => {
                task = Task::Doctor { json: true };
            }
            Ok(Some(other)) => break other.unexpected(),
            Err(error) => break error,
        }
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
