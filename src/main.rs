//! The program: reads the configuration, starts the sandbox if no account is configured, and serves the app.

use std::{
    any::Any,
    collections::HashMap,
    fmt::Display,
    io::{BufWriter, IsTerminal, stderr, stdout},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
};

use stytch_b2b_axum::{
    app,
    command_line::{self, Task},
    config::{Account, Config, LogTime, environment, log_filter},
    doctor::{self, Report},
    startup,
    state::{AppState, Settings},
    stytch::Credentials,
    web::server::{self, Timeouts},
};
use tokio::runtime::Runtime;
use tracing_appender::non_blocking::{NonBlocking, NonBlockingBuilder, WorkerGuard};
use url::Url;

/// For the large futures of a request, this allocator is far cheaper than the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let task = match command_line::read(std::env::args_os().skip(1)) {
        Ok(task) => task,
        Err(mistake) => return wrong(mistake),
    };
    if let Task::Print(text) = task {
        command_line::print(stdout(), text);
        return ExitCode::SUCCESS;
    }
    let environment = match environment::read(Path::new(".env"), std::env::vars_os()) {
        Ok(environment) => environment,
        Err(mistakes) => return wrong(format_args!("error: {mistakes}")),
    };
    let values = environment.values;
    if let Task::Doctor { json } = task {
        return doctor(&values, json);
    }
    let log = log(&values);
    for warning in environment.warnings {
        tracing::warn!("{warning}");
    }
    let mut config = match Config::from_values(&values) {
        Ok(config) => config,
        Err(mistakes) => return wrong(format_args!("error: {mistakes}")),
    };
    let runtime = match Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return wrong(format_args!("error: {error}")),
    };
    let ended = runtime.block_on(run(&mut config, &log));
    // Dropping the runtime would wait for threads that resolve host names, for half a minute each if no name server
    // responds.
    runtime.shutdown_background();
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => wrong(format_args!("error: {error}")),
    }
}

/// Runs the checks of the doctor and prints the report. Logging is off, because the report contains everything.
fn doctor(values: &HashMap<String, String>, json: bool) -> ExitCode {
    let report = match Config::from_values(values) {
        Err(mistakes) => Ok(Report::from(&mistakes)),
        Ok(config) => Runtime::new().map_err(Failure::from).and_then(|runtime| {
            let report = runtime.block_on(examine(&config));
            runtime.shutdown_background(); // as in `main`
            report
        }),
    };
    let report = match report {
        Ok(report) => report,
        Err(error) => return wrong(format_args!("error: {error}")),
    };
    let text = if json {
        format!("{}\n", report.json())
    } else {
        report.text()
    };
    command_line::print(stdout(), &text);
    ExitCode::from(u8::from(report.is_wrong()))
}

/// Checks the configured account, or else the sandbox. If no sandbox is running, starts one that does not save its
/// state.
async fn examine(config: &Config) -> Result<Report, Failure> {
    let running = match &config.stytch {
        Account::Sandbox { bind, .. } => running_sandbox(*bind).await,
        Account::Real { .. } => None,
    };
    let project = match running {
        Some(project) => project,
        None => account(config, false).await?,
    };
    let looked_at = doctor::Project {
        credentials: project.credentials.clone(),
        base_url: project.base_url.clone(),
        public_url: project.public_url.clone(),
    };
    let settings = Settings::from_config(
        config,
        project.credentials,
        project.base_url,
        project.public_url,
    )?;
    Ok(doctor::examine(config, &looked_at, &settings.store).await?)
}

fn wrong(error: impl Display) -> ExitCode {
    command_line::print(stderr(), &format!("{error}\n"));
    ExitCode::from(2)
}

/// Capacity of the log's queue, in lines. If the reader of the output is too slow, requests wait, so no line is lost.
const WAITING_LINES: usize = 8 * 1024;

/// The log of the process. Dropping it writes the lines that are still in the queue.
struct Log {
    writer: NonBlocking,
    _worker: WorkerGuard,
}

fn log(values: &HashMap<String, String>) -> Log {
    // The worker writes whole blocks, and flushes as soon as the queue is empty.
    let (writer, worker) = NonBlockingBuilder::default()
        .lossy(false)
        .buffered_lines_limit(WAITING_LINES)
        .finish(BufWriter::with_capacity(64 * 1024, stdout()));
    // No color codes in files, or if the user has turned them off (https://no-color.org).
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    tracing_subscriber::fmt()
        .with_env_filter(log_filter(values.get("RUST_LOG").map(String::as_str)))
        .with_ansi(stdout().is_terminal() && !no_color)
        .with_timer(LogTime::default())
        // After `| head`, the output is closed, and an error about each lost line would be useless.
        .log_internal_errors(false)
        .with_writer(writer.clone())
        .init();
    Log {
        writer,
        _worker: worker,
    }
}

type Failure = Box<dyn std::error::Error>;

async fn run(config: &mut Config, log: &Log) -> Result<(), Failure> {
    let stop = server::stop_signal()?;
    let listener = startup::listen_for_browsers(config).await?;
    let Project {
        credentials,
        base_url,
        public_url,
        state: saved_state,
    } = account(config, true).await?;
    let settings = Settings::from_config(config, credentials, base_url, public_url.clone())?;
    let state = AppState::new(settings);
    startup::probe(&state.context().store).await;
    for warning in startup::warnings(config, &public_url).await {
        tracing::warn!("{warning}");
    }
    startup::tell_client_limits(config);
    let state_file = saved_state.as_ref().map(|saved| saved.path.as_path());
    let announcement = startup::announcement(config, &public_url, state_file);
    command_line::print(log.writer.clone(), &announcement);
    let tasks = state.context().tasks.clone();
    let router = app::router(state);
    server::serve(listener, router, tasks, Timeouts::default(), stop).await?;
    drop(saved_state); // saves the state for the last time, with the changes of the last requests
    Ok(())
}

/// The Stytch project that the app uses.
struct Project {
    credentials: Credentials,
    /// The URL that this server calls.
    base_url: Url,
    /// The URL for browsers.
    public_url: Url,
    state: Option<SavedState>,
}

/// Saves the embedded sandbox's state in a file until it is dropped.
struct SavedState {
    path: PathBuf,
    _keeper: Box<dyn Any>,
}

/// Returns the configured account, or starts the sandbox and returns its account.
async fn account(config: &Config, keeps_state: bool) -> Result<Project, Failure> {
    match &config.stytch {
        Account::Real {
            credentials,
            base_url,
            public_url,
        } => Ok(Project {
            credentials: credentials.clone(),
            base_url: base_url.clone(),
            public_url: public_url.clone(),
            state: None,
        }),
        Account::Sandbox {
            bind,
            public_url,
            seed,
            state,
        } => {
            let folder = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
            let state = keeps_state.then(|| state.file(folder)).flatten();
            start_sandbox(config, *bind, public_url.clone(), seed.as_deref(), state).await
        }
    }
}

#[cfg(feature = "sandbox")]
async fn start_sandbox(
    config: &Config,
    bind: SocketAddr,
    public_url: Option<Url>,
    seed: Option<&Path>,
    state: Option<(PathBuf, bool)>,
) -> Result<Project, Failure> {
    use stytch_sandbox::{Listeners, Options, Seed};
    let seed = seed
        .map(Seed::from_file)
        .transpose()
        .map_err(|mistakes| format!("SANDBOX_SEED: {mistakes}"))?;
    let listener = startup::listen_for_sandbox(config, bind).await?;
    let base_url = startup::url_of(listener.local_addr()?);
    let listeners = Listeners::beside(listener).await; // for a browser that opens localhost
    let options = Options {
        app_url: config.app_url.to_string(),
        seed: seed.unwrap_or_default(),
        public_url: public_url.clone(),
        is_reference_app: true,
        ..Options::default()
    };
    let (sandbox, state) = begin(options, state)?;
    let pinned = sandbox.world().credentials().clone();
    // The sandbox runs until the process ends, because sign-ins that are in progress when the app stops need it.
    tokio::spawn(async move { sandbox.serve(listeners, std::future::pending()).await });
    let account = Credentials::new(pinned.project_id, pinned.secret, pinned.public_token);
    let public_url = public_url.unwrap_or_else(|| base_url.clone());
    Ok(Project {
        credentials: account,
        base_url,
        public_url,
        state,
    })
}

/// Creates the sandbox. If `state` names a file, the sandbox continues with the state in it; the flag is whether the
/// file was configured. If it was not, the sandbox starts without the file if it can't use it, because another app may
/// be using it.
#[cfg(feature = "sandbox")]
fn begin(
    options: stytch_sandbox::Options,
    state: Option<(PathBuf, bool)>,
) -> Result<(stytch_sandbox::Sandbox, Option<SavedState>), Failure> {
    use stytch_sandbox::Sandbox;
    let Some((path, is_configured)) = state else {
        return Ok((Sandbox::with(options), None));
    };
    if !is_configured && let Some(folder) = path.parent() {
        let _ = std::fs::create_dir_all(folder); // Cargo may have its `target` elsewhere
    }
    match Sandbox::with_state(options.clone(), &path) {
        Ok((sandbox, keeper)) => {
            if let Some(warning) = keeper.warning() {
                tracing::warn!("{warning}");
            }
            let saved = SavedState {
                path: keeper.path().to_owned(),
                _keeper: Box::new(keeper),
            };
            Ok((sandbox, Some(saved)))
        }
        Err(error) if is_configured => Err(format!("SANDBOX_STATE: {error}").into()),
        Err(error) => {
            tracing::warn!("the sandbox does not save its state: {error}");
            Ok((Sandbox::with(options), None))
        }
    }
}

/// Returns the sandbox that is already running at this address, such as one in another terminal.
#[cfg(feature = "sandbox")]
async fn running_sandbox(bind: SocketAddr) -> Option<Project> {
    let url = startup::url_of(bind);
    doctor::sandbox_responds(&url).await.then(|| {
        let world = stytch_sandbox::Sandbox::new(url.as_str()).world();
        let pinned = world.credentials().clone();
        Project {
            credentials: Credentials::new(pinned.project_id, pinned.secret, pinned.public_token),
            base_url: url.clone(),
            public_url: url,
            state: None,
        }
    })
}

/// Never reached, as below.
#[cfg(not(feature = "sandbox"))]
#[expect(clippy::unused_async, reason = "the same signature as above")]
async fn running_sandbox(_: SocketAddr) -> Option<Project> {
    None
}

/// Never reached: the configuration refuses such a build without an account.
#[cfg(not(feature = "sandbox"))]
#[expect(clippy::unused_async, reason = "the same signature as above")]
async fn start_sandbox(
    _: &Config,
    _: SocketAddr,
    _: Option<Url>,
    _: Option<&Path>,
    _: Option<(PathBuf, bool)>,
) -> Result<Project, Failure> {
    Err("this build has no sandbox".into())
}
