//! The command line. It selects a task; the app itself is configured by environment variables.

use std::{ffi::OsString, io::Write};

use lexopt::{
    Arg::{Long, Short, Value},
    Error, Parser,
};

const HELP: &str = "\
Stytch B2B login for axum, with an embedded sandbox: a local server that imitates Stytch

Usage: stytch-b2b-axum [OPTIONS]
       stytch-b2b-axum doctor [--json]

Without a command, starts the web server.

Commands:
  doctor         Check the configuration, the Stytch project and the session store, and print what to
                 fix. Changes nothing. Exits with 0 if all is well, with 1 if something is wrong, and with 2 if it
                 can't run

Options:
      --json     With doctor: print the checks as JSON, {\"checks\": [{\"name\", \"result\", \"message\"}]}
  -h, --help     Print this help and exit
  -V, --version  Print the version and exit

Environment:
  Without configuration, the app starts the embedded sandbox, and requires no Stytch account.
  To use your account, copy .env.example to .env and fill in STYTCH_PROJECT_ID, STYTCH_SECRET
  and STYTCH_PUBLIC_TOKEN. The file explains every variable.
  BIND is the address and port of the app [default: 127.0.0.1:3000], and SANDBOX_BIND that of the
  sandbox [default: 127.0.0.1:3100].
";

const VERSION: &str = concat!("stytch-b2b-axum ", env!("CARGO_PKG_VERSION"), "\n");

/// Printed after the error about an invalid command line.
const USAGE: &str = "Usage: stytch-b2b-axum [OPTIONS]\n       stytch-b2b-axum doctor [--json]\n\nFor more information, try '--help'.";

/// The task that the command line selects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Serve the app.
    Serve,
    /// Print this text and exit.
    Print(&'static str),
    /// Check the configuration and the project.
    Doctor {
        /// Whether to print the result as JSON.
        json: bool,
    },
}

/// Parses the arguments. They do not include the program's name.
///
/// # Errors
/// If an argument does not exist. The message names it, in the form that clap uses, and ends with the usage.
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

/// Prints a text. Ignores write errors, which happen when the reader has closed the pipe, as `| head` does.
pub fn print(mut to: impl Write, text: &str) {
    let _ = to.write_all(text.as_bytes()).and_then(|()| to.flush());
}
