//! Reads the configuration, starts the sandbox if there is no account, serves, stops. No logic.

use std::{
    collections::HashMap,
    fmt::Display,
    io::{IsTerminal, stderr, stdout},
    net::SocketAddr,
    path::Path,
    process::ExitCode,
};

use stytch_b2b_axum::{
    app,
    command_line::{self, Task},
    config::{Account, Config, environment, log_filter},
    doctor::{self, Report},
    startup,
    state::{AppState, Settings},
    stytch::Credentials,
    web::server::{self, Timeouts},
};
use tokio::runtime::Runtime;
use url::Url;

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
    log(&values);
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
    let ended = runtime.block_on(run(&mut config));
    // Not dropped: that would wait for the threads that look names up, half a minute each while no name server answers.
    runtime.shutdown_background();
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => wrong(format_args!("error: {error}")),
    }
}

/// Prints the report of the doctor. The log stays empty, because the report says it all.
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

/// Looks at the configured account, or at the sandbox, which is started if none runs.
async fn examine(config: &Config) -> Result<Report, Failure> {
    let running = match &config.stytch {
        Account::Sandbox { bind, .. } => running_sandbox(*bind).await,
        Account::Real { .. } => None,
    };
    let (credentials, base_url, public_url) = match running {
        Some(project) => project,
        None => account(config).await?,
    };
    let project = doctor::Project {
        credentials: credentials.clone(),
        base_url: base_url.clone(),
        public_url: public_url.clone(),
    };
    let settings = Settings::from_config(config, credentials, base_url, public_url)?;
    Ok(doctor::examine(config, &project, &settings.store).await?)
}

fn wrong(error: impl Display) -> ExitCode {
    command_line::print(stderr(), &format!("{error}\n"));
    ExitCode::from(2)
}

fn log(values: &HashMap<String, String>) {
    // No color codes in files, and none where a person has turned them off (https://no-color.org).
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    tracing_subscriber::fmt()
        .with_env_filter(log_filter(values.get("RUST_LOG").map(String::as_str)))
        .with_ansi(stdout().is_terminal() && !no_color)
        // After `| head` there is no output, and a line about each lost line is of no use.
        .log_internal_errors(false)
        .init();
}

type Failure = Box<dyn std::error::Error>;

async fn run(config: &mut Config) -> Result<(), Failure> {
    let stop = server::stop_signal()?;
    let listener = startup::listen_for_browsers(config).await?;
    let (credentials, base_url, public_url) = account(config).await?;
    let settings = Settings::from_config(config, credentials, base_url, public_url.clone())?;
    let state = AppState::new(settings);
    startup::probe(&state.context().store).await;
    for warning in startup::warnings(config, &public_url).await {
        tracing::warn!("{warning}");
    }
    startup::tell_client_limits(config);
    let announcement = startup::announcement(config, &public_url);
    command_line::print(stdout(), &announcement);
    let tasks = state.context().tasks.clone();
    let router = app::router(state);
    server::serve(listener, router, tasks, Timeouts::default(), stop).await?;
    Ok(())
}

/// Credentials, the URL that this server calls, and the one for browsers.
type Project = (Credentials, Url, Url);

/// The configured account, or the sandbox's, started.
async fn account(config: &Config) -> Result<Project, Failure> {
    match &config.stytch {
        Account::Real {
            credentials,
            base_url,
            public_url,
        } => Ok((credentials.clone(), base_url.clone(), public_url.clone())),
        Account::Sandbox {
            bind,
            public_url,
            seed,
        } => start_sandbox(config, *bind, public_url.clone(), seed.as_deref()).await,
    }
}

#[cfg(feature = "sandbox")]
async fn start_sandbox(
    config: &Config,
    bind: SocketAddr,
    public_url: Option<Url>,
    seed: Option<&Path>,
) -> Result<Project, Failure> {
    use stytch_sandbox::{Listeners, Options, Sandbox, Seed};
    let seed = seed
        .map(Seed::from_file)
        .transpose()
        .map_err(|mistakes| format!("SANDBOX_SEED: {mistakes}"))?;
    let listener = startup::listen("SANDBOX_BIND", bind, "").await?;
    let base_url = startup::url_of(listener.local_addr()?);
    let listeners = Listeners::beside(listener).await; // for a browser that opens localhost
    let sandbox = Sandbox::with(Options {
        app_url: config.app_url.to_string(),
        seed: seed.unwrap_or_default(),
        public_url: public_url.clone(),
        is_reference_app: true,
        ..Options::default()
    });
    let pinned = sandbox.world().credentials().clone();
    // To the end of the process: sign-ins that are under way when the app stops need it.
    tokio::spawn(async move { sandbox.serve(listeners, std::future::pending()).await });
    let account = Credentials::new(pinned.project_id, pinned.secret, pinned.public_token);
    let public_url = public_url.unwrap_or_else(|| base_url.clone());
    Ok((account, base_url, public_url))
}

/// The sandbox that runs on this address already, such as the one of the app in another terminal.
#[cfg(feature = "sandbox")]
async fn running_sandbox(bind: SocketAddr) -> Option<Project> {
    let url = startup::url_of(bind);
    doctor::sandbox_responds(&url).await.then(|| {
        let pinned = stytch_sandbox::Sandbox::new("")
            .world()
            .credentials()
            .clone();
        let account = Credentials::new(pinned.project_id, pinned.secret, pinned.public_token);
        (account, url.clone(), url)
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
) -> Result<Project, Failure> {
    Err("this build has no sandbox".into())
}
