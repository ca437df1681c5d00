//! The sandbox alone: a local Stytch B2B for an app in any language.

mod command_line;
mod exec;
mod introduction;

use std::{
    io::{IsTerminal, Write, stderr, stdout},
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    process::ExitCode,
    str::FromStr,
};

use crate::command_line::{Arguments, Task, USAGE};
use stytch_sandbox::{Limits, Listeners, Options, Sandbox, Seed, StateKeeper, public_url};
use tokio::net::TcpListener;
use tracing_subscriber::{EnvFilter, filter::LevelFilter};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

// One thread serves all connections, because waking a second one costs more than most calls. Password hashes, searches,
// and calls that find their world in use run on threads for blocking work.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let done = match command_line::read() {
        Ok(Task::Print(text)) => {
            print(stdout(), text);
            Ok(0)
        }
        Ok(Task::ValidateSeed(file)) => Seed::from_file(&file)
            .map(|_| print(stdout(), &format!("{} is valid.\n", file.display())))
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

/// Prints a text and ignores errors, because a closed pipe, as after `| head`, must not stop the sandbox.
fn print(mut to: impl Write, text: &str) {
    let _ = to.write_all(text.as_bytes()).and_then(|()| to.flush());
}

/// Serves until a signal, or until the command of `exec` ends. Returns the exit status.
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
        address.set_ip(Ipv4Addr::LOCALHOST.into()); // 0.0.0.0 can't be opened in a browser
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
        drop(keeper); // saves the state for the last time
        return ended;
    }
    let stop = stop_signal().map_err(|error| error.to_string())?;
    sandbox.listens_on(address); // the introduction prints it
    let introduction = if arguments.json {
        introduction::json(&sandbox, address)
    } else {
        introduction::text(&sandbox, address, keeper.as_ref())
    };
    print(stdout(), &introduction);
    let served = sandbox.serve(listeners, stop).await;
    drop(keeper); // saves the state for the last time
    served.map(|()| 0).map_err(|error| error.to_string())
}

/// Creates the sandbox, and the keeper of its state if a state file is given.
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

/// Listens on the address of the option or the variable. An address that is not loopback requires an allowed host name,
/// because requests for other hosts are refused.
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
            "{name}{bind} is not a loopback address. The sandbox lets everyone in, so it listens on other addresses only with \
             --allow-host and the name of its host."
        ));
    }
    // A single address is enough, even if another program has the port in the other address family.
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
            "Port {} is in use. Stop the program that listens there, or choose another port with --bind or SANDBOX_BIND.",
            address.port()
        ),
        _ => format!("Cannot listen on {address}: {error}."),
    })
}

/// The filter in `RUST_LOG`. A misspelled level would count as a target and silence everything else, so it is an error.
fn log_filter() -> Result<EnvFilter, String> {
    let asked = variable("RUST_LOG").unwrap_or_else(|| "info".to_owned());
    let is_target = |word: &str| word.contains(['=', '[', ':']) || word == "stytch_sandbox";
    let mut words = asked.split(',').map(str::trim);
    let mistake = words.find(|word| !is_target(word) && LevelFilter::from_str(word).is_err());
    match (mistake, EnvFilter::try_new(&asked)) {
        (None, Ok(filter)) => Ok(filter),
        (mistake, _) => Err(format!(
            "RUST_LOG: '{}' is neither a level nor a target: write off, error, warn, info, debug or trace, or a \
             target with a level like stytch_sandbox=debug",
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
