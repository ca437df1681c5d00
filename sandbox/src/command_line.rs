//! The program's command line.

use std::{ffi::OsString, path::PathBuf};

use lexopt::Arg::{Long, Short, Value};
use stytch_sandbox::{Seed, host_name, origin, redirect_url};

const HELP: &str = "\
A local server that imitates Stytch B2B, for development without an account and tests without a network

Usage: stytch-sandbox [OPTIONS]
       stytch-sandbox exec [OPTIONS] -- <COMMAND>...

Commands:
  exec                        Start a sandbox, run a command with its STYTCH_BASE_URL, STYTCH_PROJECT_ID,
                              STYTCH_SECRET and STYTCH_PUBLIC_TOKEN, stop the sandbox when the command ends,
                              and exit with the command's status. Without --bind and SANDBOX_BIND, uses a free port

Options:
      --bind <ADDRESS>        Listen on this loopback address. Port 0 selects a free port, which the first
                              line of the output shows. With localhost, 127.0.0.1 or [::1], it listens on both
                              addresses of localhost [env: SANDBOX_BIND] [default: localhost:3100]
      --seed <FILE>           Start with the organizations and people of this TOML or JSON file
                              [env: SANDBOX_SEED] [default: the built-in ones]
      --state <FILE>          Keep the state in this file, including sessions and keys, and continue with it at
                              the next start. 'off' keeps nothing [env: SANDBOX_STATE] [default: off]
      --allow-host <NAME>     Also serve requests for this host, such as a container's name, or *.example.test
                              for all hosts below example.test; accept webhook URLs on it; and allow any address in
                              --bind. Can be repeated
      --allow-origin <ORIGIN> Let pages of this origin use Stytch's browser SDK, such as https://app.example.
                              Can be repeated. Pages of this machine are always allowed
      --public-url <URL>      The address at which browsers reach the sandbox, if it differs from --bind: behind a
                              proxy or a forwarded port, or outside of a container. Links and redirects use it,
                              and requests for its host are served [env: SANDBOX_PUBLIC_URL]
      --redirect-url <URL>    Accept this redirect URL for login, signup, discovery, invitations and passwords,
                              instead of those of APP_URL and the seed. Can be repeated; the first one is the
                              default
      --no-rate-limits        Turn off the rate limits that Stytch documents
      --json                  On startup, print one line of JSON instead of text: {\"url\", \"project_id\",
                              \"secret\", \"public_token\"}. Not with 'exec'
      --validate-seed <FILE>  Check a seed file and exit: 0 if it is valid, 2 with a line for each mistake
      --print-seed            Print the built-in organizations and people as a seed file and exit
  -h, --help                  Print this help and exit
  -V, --version               Print the version and exit

Environment:
  APP_URL                     The app whose redirect URLs are accepted: {APP_URL}/authenticate, the default of
                              each type, and {APP_URL}/discovery for discovery [default: http://localhost:3000]
  RUST_LOG                    Log level on stderr. At info, it logs a line for each request, and the reason why a
                              token does not work [default: info]

Options take precedence over the environment. The sandbox does not use STYTCH_* variables or .env,
because it never acts for a real project. 'exec' refuses to start if
STYTCH_PROJECT_ID, STYTCH_SECRET or STYTCH_PUBLIC_TOKEN is already set to a different value.
";

const VERSION: &str = concat!("stytch-sandbox ", env!("CARGO_PKG_VERSION"), "\n");

/// Printed after the error of an invalid command line.
pub const USAGE: &str = "Usage: stytch-sandbox [OPTIONS]\n       stytch-sandbox exec [OPTIONS] -- \
    <COMMAND>...\n\nFor more information, try '--help'.";

pub enum Task {
    /// `--help`, `--version` and `--print-seed`.
    Print(&'static str),
    ValidateSeed(PathBuf),
    Serve(Arguments),
}

/// The options for serving. Missing ones are read from the environment.
#[derive(Default)]
pub struct Arguments {
    pub bind: Option<String>,
    pub seed: Option<PathBuf>,
    pub state: Option<String>,
    pub allow_hosts: Vec<String>,
    pub allow_origins: Vec<String>,
    pub public_url: Option<String>,
    pub no_rate_limits: bool,
    pub redirect_urls: Vec<String>,
    pub json: bool,
    /// The command of `exec`, with its arguments.
    pub command: Option<Vec<OsString>>,
}

pub fn read() -> Result<Task, String> {
    let mut parser = lexopt::Parser::from_env();
    let mut arguments = Arguments::default();
    let mut validate = None;
    let mut print_seed = false;
    while let Some(argument) = parser.next().map_err(|error| mistake(&error))? {
        match argument {
            Short('h') | Long("help") => return Ok(Task::Print(HELP)),
            Short('V') | Long("version") => return Ok(Task::Print(VERSION)),
            Long("print-seed") => print_seed = true,
            Long("json") => arguments.json = true,
            Long("no-rate-limits") => arguments.no_rate_limits = true,
            Long("bind") => arguments.bind = Some(value(&mut parser, "--bind <ADDRESS>")?),
            Long("seed") => arguments.seed = Some(value(&mut parser, "--seed <FILE>")?.into()),
            Long("state") => arguments.state = Some(value(&mut parser, "--state <FILE>")?),
            Long("validate-seed") => {
                validate = Some(value(&mut parser, "--validate-seed <FILE>")?.into());
            }
            Long("public-url") => {
                arguments.public_url = Some(value(&mut parser, "--public-url <URL>")?);
            }
            Long("allow-host") => {
                let name = checked(&mut parser, "--allow-host <NAME>", host_name)?;
                arguments.allow_hosts.push(name);
            }
            Long("allow-origin") => {
                let origin = checked(&mut parser, "--allow-origin <ORIGIN>", origin)?;
                arguments.allow_origins.push(origin);
            }
            Long("redirect-url") => {
                let url = checked(&mut parser, "--redirect-url <URL>", redirect_url)?;
                arguments.redirect_urls.push(url);
            }
            Value(word) if word == "exec" && arguments.command.is_none() => {
                arguments.command = Some(Vec::new());
            }
            Value(program) if arguments.command.is_some() => {
                let rest = parser.raw_args().map_err(|error| mistake(&error))?;
                arguments.command = Some([program].into_iter().chain(rest).collect());
            }
            other => return Err(mistake(&other.unexpected())),
        }
    }
    match &arguments.command {
        Some(command) if command.is_empty() => {
            return Err(
                "a command is required after 'exec', such as: stytch-sandbox exec -- npm test"
                    .to_owned(),
            );
        }
        Some(_) if arguments.json => {
            return Err("the argument '--json' cannot be used with 'exec'".to_owned());
        }
        _ => {}
    }
    Ok(match validate {
        Some(file) => Task::ValidateSeed(file),
        None if print_seed => Task::Print(Seed::PRINTED),
        None => Task::Serve(arguments),
    })
}

/// The option's value: not empty, and not the next option.
fn value(parser: &mut lexopt::Parser, option: &str) -> Result<String, String> {
    let value = parser
        .value()
        .ok()
        .and_then(|value| value.into_string().ok());
    value
        .filter(|value| !value.is_empty() && !value.starts_with("--"))
        .ok_or_else(|| format!("a value is required for '{option}' but none was supplied"))
}

/// The option's value, converted by `check`.
fn checked(
    parser: &mut lexopt::Parser,
    option: &str,
    check: impl Fn(&str) -> Result<String, String>,
) -> Result<String, String> {
    let given = value(parser, option)?;
    check(&given).map_err(|reason| format!("invalid value '{given}' for '{option}': {reason}"))
}

/// The text of a command-line error, in clap's words.
fn mistake(error: &lexopt::Error) -> String {
    match error {
        lexopt::Error::UnexpectedOption(option) => format!("unexpected argument '{option}' found"),
        lexopt::Error::UnexpectedArgument(argument) => {
            format!("unexpected argument '{}' found", argument.to_string_lossy())
        }
        lexopt::Error::UnexpectedValue { option, value } => {
            let value = value.to_string_lossy();
            format!("unexpected value '{value}' for '{option}' found; no more were expected")
        }
        other => other.to_string(),
    }
}
