//! `stytch-sandbox exec -- COMMAND` runs a sandbox until the command ends.

use std::{ffi::OsString, io::ErrorKind, process::ExitStatus};

use stytch_sandbox::{Listeners, Sandbox};
use tokio::{
    process::{Child, Command},
    sync::oneshot,
};

/// The exit statuses that shells use for a command that can't be run, and for one that does not exist.
const CANNOT_RUN: i32 = 126;
const NOT_FOUND: i32 = 127;

/// URLs of the sandbox: for the app, with a slash at the end, and for browsers if their URL differs.
pub struct Urls {
    pub base_url: String,
    pub public_url: Option<String>,
}

/// The variables for an app that uses the sandbox.
fn variables(sandbox: &Sandbox, urls: Urls) -> Vec<(&'static str, String)> {
    let mut all = vec![("STYTCH_BASE_URL", urls.base_url)];
    all.extend(urls.public_url.map(|url| ("STYTCH_PUBLIC_URL", url)));
    all.extend(credentials(sandbox));
    all
}

fn credentials(sandbox: &Sandbox) -> [(&'static str, String); 3] {
    let world = sandbox.world();
    let own = world.credentials().clone();
    [
        ("STYTCH_PROJECT_ID", own.project_id),
        ("STYTCH_SECRET", own.secret),
        ("STYTCH_PUBLIC_TOKEN", own.public_token),
    ]
}

/// Refuses to start if credentials of another project are set, because a command that also reads a `.env` file could
/// mix the two projects.
pub fn check_environment(sandbox: &Sandbox) -> Result<(), String> {
    for (name, value) in credentials(sandbox) {
        let given = std::env::var_os(name).filter(|given| !given.is_empty());
        if given.is_some_and(|given| given != OsString::from(value)) {
            return Err(format!(
                "{name} is set, perhaps for a real project, and 'exec' would replace it. Unset it first: env -u {name} stytch-sandbox exec …"
            ));
        }
    }
    Ok(())
}

/// Serves the sandbox while the command runs, and returns the command's exit status: 128 and the signal's number if a signal
/// ended it, 127 if there is no such command, 126 if it can't be run.
///
/// The terminal sends Ctrl-C to the command too, and the sandbox waits until the command ends. SIGTERM is passed on.
pub async fn run(
    sandbox: &Sandbox,
    listeners: Listeners,
    urls: Urls,
    command: Vec<OsString>,
) -> Result<i32, String> {
    let mut words = command.into_iter();
    let program = words.next().unwrap_or_default();
    let mut signals = signals::Signals::listen().map_err(|error| error.to_string())?;
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = sandbox.clone();
    let serving = tokio::spawn(async move {
        let stopped = async { _ = stopped.await };
        serving.serve(listeners, stopped).await
    });
    let started = Command::new(&program)
        .args(words)
        .envs(variables(sandbox, urls))
        .kill_on_drop(true)
        .spawn();
    let status = match started {
        Ok(mut child) => wait(&mut child, &mut signals)
            .await
            .map(code)
            .map_err(|error| error.to_string()),
        Err(error) => {
            crate::print(
                std::io::stderr(),
                &format!("error: cannot run '{}': {error}\n", program.display()),
            );
            Ok(match error.kind() {
                ErrorKind::NotFound => NOT_FOUND,
                _ => CANNOT_RUN,
            })
        }
    };
    drop(stop);
    let served = serving.await.map_err(|error| error.to_string())?;
    served.map_err(|error| error.to_string())?;
    status
}

async fn wait(child: &mut Child, signals: &mut signals::Signals) -> std::io::Result<ExitStatus> {
    let id = child.id();
    loop {
        tokio::select! {
            status = child.wait() => return status,
            () = signals.terminated() => signals::terminate(id),
        }
    }
}

fn code(status: ExitStatus) -> i32 {
    #[cfg(unix)]
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    #[cfg(not(unix))]
    let signal = None;
    let by_signal = signal.map(|signal: i32| 128 + signal);
    status.code().or(by_signal).unwrap_or(CANNOT_RUN)
}

#[cfg(unix)]
mod signals {
    use rustix::process::{Pid, Signal, kill_process};
    use tokio::signal::unix::{self, SignalKind};

    /// Signals for the command. The terminal sends SIGINT and similar signals to the whole process group; the sandbox
    /// catches them, so that it outlives the command.
    pub struct Signals {
        terminate: unix::Signal,
        _interrupt: unix::Signal,
        _hangup: unix::Signal,
    }

    impl Signals {
        pub fn listen() -> std::io::Result<Self> {
            Ok(Self {
                terminate: unix::signal(SignalKind::terminate())?,
                _interrupt: unix::signal(SignalKind::interrupt())?,
                _hangup: unix::signal(SignalKind::hangup())?,
            })
        }

        pub async fn terminated(&mut self) {
            self.terminate.recv().await;
        }
    }

    /// Asks the process to end. It may have ended already.
    pub fn terminate(id: Option<u32>) {
        let id = id.and_then(|id| i32::try_from(id).ok());
        if let Some(pid) = id.and_then(Pid::from_raw) {
            let _ = kill_process(pid, Signal::TERM);
        }
    }
}

#[cfg(windows)]
mod signals {
    use tokio::signal::windows;

    /// The terminal sends Ctrl-C to the command too. The sandbox catches it, so that it outlives the command.
    pub struct Signals {
        _ctrl_c: windows::CtrlC,
    }

    impl Signals {
        pub fn listen() -> std::io::Result<Self> {
            Ok(Self {
                _ctrl_c: windows::ctrl_c()?,
            })
        }

        pub async fn terminated(&mut self) {
            std::future::pending().await
        }
    }

    /// Windows has no signal to ask a process to end.
    pub fn terminate(_: Option<u32>) {}
}
