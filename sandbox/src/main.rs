//! The sandbox alone: a local Stytch B2B for an app in any language.

mod exec;

use std::{
    ffi::OsString,
    io::{IsTerminal, Write, stderr, stdout},
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    process::ExitCode,
    str::FromStr,
};

use lexopt::Arg::{Long, Short, Value};
use serde_json::json;
use stytch_sandbox::{
    Limits, Listeners, Options, Sandbox, Seed, StateKeeper, host_name, origin, public_url,
    redirect_url,
};
use tokio::net::TcpListener;
use tracing_subscriber::{EnvFilter, filter::LevelFilter};

const HELP: &str = "\
A local Stytch B2B, for trying an app without an account and for tests without a network

Usage: stytch-sandbox [OPTIONS]
       stytch-sandbox exec [OPTIONS] -- <COMMAND>...

Commands:
  exec                        Run a command with the variables STYTCH_BASE_URL, STYTCH_PROJECT_ID,
                              STYTCH_SECRET and STYTCH_PUBLIC_TOKEN of a sandbox that stops with it, and
                              exit with its status; --bind takes a free port if it is not given

Options:
      --bind <ADDRESS>        Listen on this loopback address; port 0 takes a free port, which the first
                              line of the output names. On localhost, 127.0.0.1 and [::1] it listens on both of
                              localhost's addresses [env: SANDBOX_BIND] [default: localhost:3100]
      --seed <FILE>           Start with the organizations and people of this TOML or JSON file
                              [env: SANDBOX_SEED] [default: the built-in ones]
      --state <FILE>          Keep everything in this file, also sessions and keys, and go on with it at the next
                              start; 'off' keeps nothing [env: SANDBOX_STATE] [default: off]
      --allow-host <NAME>     Also answer requests for this host, such as a container's name, or for all of
                              *.example.test, accept webhooks there, and let --bind be any address; may be given
                              several times
      --allow-origin <ORIGIN> Let pages of this origin use Stytch's browser SDK, such as https://app.example;
                              may be given several times. Pages of this machine always may
      --public-url <URL>      Where browsers reach it, if not on that address: behind a proxy or a forwarded
                              port, or outside of a container. Requests for this host are answered, and links
                              and redirects lead there [env: SANDBOX_PUBLIC_URL]
      --redirect-url <URL>    Accept this redirect URL for login, signup, discovery, invitations and passwords, in
                              place of those of APP_URL and the seed; may be given several times, and the first
                              one is the default
      --no-rate-limits        Leave out the rate limits that Stytch documents, for tests that call faster
      --json                  Print one line of JSON: {\"url\", \"project_id\", \"secret\", \"public_token\"}
      --validate-seed <FILE>  Check a seed file and exit: 0 if it is good, 2 with a line for each mistake
      --print-seed            Print the built-in organizations and people as a seed file and exit
  -h, --help                  Print this help and exit
  -V, --version               Print the version and exit

Environment:
  APP_URL                     The app whose redirect URLs are accepted: {APP_URL}/authenticate, the default of
                              each type, and {APP_URL}/discovery for discovery [default: http://localhost:3000]
  RUST_LOG                    What is logged on stderr; at info, a line for each request and why a token did not
                              work [default: info]

Options take precedence over the environment. STYTCH_* variables and .env are not read, because the
sandbox never acts for a real project.
";

const VERSION: &str = concat!("stytch-sandbox ", env!("CARGO_PKG_VERSION"), "\n");

/// What an invalid command line is followed by.
const USAGE: &str = "Usage: stytch-sandbox [OPTIONS]\n       stytch-sandbox exec [OPTIONS] -- <COMMAND>...\n\nFor more information, try '--help'.";

enum Task {
    /// `--help`, `--version` and `--print-seed`.
    Print(&'static str),
    ValidateSeed(PathBuf),
    Serve(Arguments),
}

/// The options of serving. Those that are missing are read from the environment.
#[derive(Default)]
struct Arguments {
    bind: Option<String>,
    seed: Option<PathBuf>,
    state: Option<String>,
    allow_hosts: Vec<String>,
    allow_origins: Vec<String>,
    public_url: Option<String>,
    no_rate_limits: bool,
    redirect_urls: Vec<String>,
    json: bool,
    /// The command of `exec`, with its arguments.
    command: Option<Vec<OsString>>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = match read_arguments() {
        Ok(Task::Print(text)) => {
            print(stdout(), text);
            Ok(0)
        }
        Ok(Task::ValidateSeed(file)) => Seed::from_file(&file)
            .map(|_| print(stdout(), &format!("{} is good.\n", file.display())))
            .map(|()| 0),
        Ok(Task::Serve(arguments)) => serve(arguments).await,
        Err(mistake) => Err(format!("{mistake}\n\n{USAGE}")),
    };
    match done {
        Ok(0) => ExitCode::SUCCESS,
        Ok(status) => std::process::exit(status), // on Windows, a status is not only a byte
        Err(reason) => {
            print(stderr(), &format!("error: {reason}\n"));
            ExitCode::from(2)
        }
    }
}

/// Prints a text. Nobody may be left to read it, as after `| head`: that is no reason to fail, or to stop serving.
fn print(mut to: impl Write, text: &str) {
    let _ = to.write_all(text.as_bytes()).and_then(|()| to.flush());
}

fn read_arguments() -> Result<Task, String> {
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

/// The option's value as `check` returns it.
fn checked(
    parser: &mut lexopt::Parser,
    option: &str,
    check: impl Fn(&str) -> Result<String, String>,
) -> Result<String, String> {
    let given = value(parser, option)?;
    check(&given).map_err(|reason| format!("invalid value '{given}' for '{option}': {reason}"))
}

/// A mistake on the command line, in clap's words.
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

/// Serves until it is told to stop, or until the command of `exec` ends. Returns the exit status.
async fn serve(arguments: Arguments) -> Result<i32, String> {
    tracing_subscriber::fmt()
        .with_env_filter(log_filter()?)
        .with_writer(stderr)
        .with_ansi(stderr().is_terminal() && variable("NO_COLOR").is_none())
        .log_internal_errors(false) // for the same reason as in `print`
        .init();
    let app_url = variable("APP_URL").unwrap_or_else(|| "http://localhost:3000".to_owned());
    let seed = match (arguments.seed, variable("SANDBOX_SEED")) {
        (Some(file), _) => Seed::from_file(&file)?,
        (None, Some(file)) => {
            Seed::from_file(Path::new(&file)).map_err(|reason| format!("SANDBOX_SEED: {reason}"))?
        }
        (None, None) => Seed::Default,
    };
    let public_url = match (arguments.public_url, variable("SANDBOX_PUBLIC_URL")) {
        (Some(text), _) => Some(public_url(&text).map_err(|it| format!("--public-url: {it}"))?),
        (None, Some(text)) => {
            Some(public_url(&text).map_err(|it| format!("SANDBOX_PUBLIC_URL: {it}"))?)
        }
        (None, None) => None,
    };
    let bind = arguments.bind.or_else(|| {
        let is_free = arguments.command.is_some() && variable("SANDBOX_BIND").is_none();
        is_free.then(|| "127.0.0.1:0".to_owned())
    });
    let listeners = listen(bind, !arguments.allow_hosts.is_empty()).await?;
    let mut address = listeners.local_addr().map_err(|error| error.to_string())?;
    if address.ip().is_unspecified() {
        address.set_ip(Ipv4Addr::LOCALHOST.into()); // one that can be opened here
    }
    let public_origin = public_url
        .as_ref()
        .map(|url| url.origin().ascii_serialization());
    let options = Options {
        app_url,
        redirect_urls: arguments.redirect_urls,
        seed,
        allow_hosts: arguments.allow_hosts,
        allow_origins: arguments.allow_origins,
        public_url,
        is_reference_app: false,
        limits: Limits {
            rate_limits: !arguments.no_rate_limits,
            ..Limits::default()
        },
    };
    let (sandbox, keeper) = begin(options, arguments.state)?;
    if let Some(command) = arguments.command {
        exec::check_environment(&sandbox)?;
        print(
            stderr(),
            &format!("stytch-sandbox listens on http://{address}\n"),
        );
        let urls = exec::Urls {
            base_url: format!("http://{address}/"),
            public_url: public_origin,
        };
        let ended = exec::run(&sandbox, listeners, urls, command).await;
        drop(keeper); // it saves a last time
        return ended;
    }
    let stop = stop_signal().map_err(|error| error.to_string())?;
    sandbox.listens_on(address); // what is printed says so
    let introduction = if arguments.json {
        introduction_as_json(&sandbox, address)
    } else {
        introduction(&sandbox, address, keeper.as_ref())
    };
    print(stdout(), &introduction);
    let served = sandbox.serve(listeners, stop).await;
    drop(keeper); // it saves a last time
    served.map(|()| 0).map_err(|error| error.to_string())
}

/// The sandbox, and what keeps its state if a file is named.
fn begin(
    options: Options,
    state: Option<String>,
) -> Result<(Sandbox, Option<StateKeeper>), String> {
    let state = state.or_else(|| variable("SANDBOX_STATE"));
    let Some(path) = state.filter(|path| path != "off") else {
        return Ok((Sandbox::with(options), None));
    };
    let (sandbox, keeper) = Sandbox::with_state(options, Path::new(&path))?;
    if let Some(warning) = keeper.warning() {
        print(stderr(), &format!("warning: {warning}\n"));
    }
    Ok((sandbox, Some(keeper)))
}

/// Listens on the address of the option or the variable. Other machines may reach it only if a host name was allowed,
/// because requests for any other host are refused.
async fn listen(bind: Option<String>, anywhere: bool) -> Result<Listeners, String> {
    let (name, bind) = match bind {
        Some(bind) => ("--bind ", bind),
        None => (
            "SANDBOX_BIND=",
            variable("SANDBOX_BIND").unwrap_or_else(|| "localhost:3100".to_owned()),
        ),
    };
    let localhost = bind.strip_prefix("localhost:");
    let address = localhost.map_or_else(|| bind.clone(), |port| format!("127.0.0.1:{port}"));
    let address: SocketAddr = address.parse().map_err(|_| {
        format!(
            "{name}{bind} is not an address with a port, such as localhost:3100 or 127.0.0.1:3100."
        )
    })?;
    if !address.ip().is_loopback() && !anywhere {
        return Err(format!(
            "{name}{bind} is not a loopback address. The sandbox lets everybody in, so other machines may reach it only if \
             --allow-host names the host under which they do."
        ));
    }
    // An address alone is listened on even if another program has its port in the other family.
    let listeners = if localhost.is_some() || address.port() == 0 {
        Listeners::bind(address).await
    } else {
        match TcpListener::bind(address).await {
            Ok(listener) => Ok(Listeners::beside(listener).await),
            Err(error) => Err(error),
        }
    };
    listeners.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => format!(
            "Port {} is in use. Stop what listens there, or set SANDBOX_BIND (or --bind) to another port.",
            address.port()
        ),
        _ => format!("Cannot listen on {address}: {error}."),
    })
}

/// What an app needs. The secret is published in this program's source and opens nothing but this sandbox.
fn introduction(sandbox: &Sandbox, address: SocketAddr, keeper: Option<&StateKeeper>) -> String {
    let world = sandbox.world();
    let credentials = world.credentials();
    let urls = world.redirect_urls();
    let list = |urls: &[String]| match urls {
        [] => "none".to_owned(),
        urls => urls.join(", "),
    };
    let (login, signup, discovery, invite) = (
        list(&urls.login),
        list(&urls.signup),
        list(&urls.discovery),
        list(&urls.invite),
    );
    let (own, browsers) = (format!("http://{address}"), world.base_url());
    let public_url = if browsers == own {
        String::new()
    } else {
        format!("\n  STYTCH_PUBLIC_URL={browsers}")
    };
    let state = keeper.map_or_else(String::new, |keeper| {
        format!("State: kept in {}\n", keeper.path().display())
    });
    format!(
        "stytch-sandbox listens on http://{address}

Point your app at it:
  STYTCH_BASE_URL=http://{address}/{public_url}
  STYTCH_PROJECT_ID={}
  STYTCH_SECRET={}
  STYTCH_PUBLIC_TOKEN={}

Redirect URLs
  login      {login}
  signup     {signup}
  discovery  {discovery}
  invite     {invite}

{state}Look at it and steer it: {browsers}/_sandbox/
Official SDKs: environment=\"http://{address}/\" in Python, env: \"http://{address}/\" in Node
Browser SDK: endpoints: {{ testAPIURL: \"{browsers}\" }}
",
        credentials.project_id, credentials.secret, credentials.public_token
    )
}

/// The same for programs: one line of JSON.
fn introduction_as_json(sandbox: &Sandbox, address: SocketAddr) -> String {
    let world = sandbox.world();
    let credentials = world.credentials();
    let line = json!({
        "url": format!("http://{address}/"),
        "project_id": credentials.project_id,
        "secret": credentials.secret,
        "public_token": credentials.public_token,
    });
    format!("{line}\n")
}

/// `RUST_LOG`. A word that is not a level would be taken for a target, and silence everything else.
fn log_filter() -> Result<EnvFilter, String> {
    let asked = variable("RUST_LOG").unwrap_or_else(|| "info".to_owned());
    let is_target = |word: &str| word.contains(['=', '[', ':']) || word == "stytch_sandbox";
    let mut words = asked.split(',').map(str::trim);
    let mistake = words.find(|word| !is_target(word) && LevelFilter::from_str(word).is_err());
    match (mistake, EnvFilter::try_new(&asked)) {
        (None, Ok(filter)) => Ok(filter),
        (mistake, _) => Err(format!(
            "RUST_LOG: '{}' is neither a level nor a target: write off, error, warn, info, debug or trace, or a target with a level like stytch_sandbox=debug",
            mistake.unwrap_or(&asked)
        )),
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Resolves at Ctrl-C or SIGTERM. It listens from this call on, not from the first poll.
#[cfg(unix)]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Resolves at Ctrl-C.
#[cfg(not(unix))]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
