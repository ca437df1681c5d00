//! The app as a process of its own, which can be killed.

use std::{
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, Command, Stdio},
};

use stytch_sandbox::World;
use url::Url;

use super::{app::SESSION_KEY, redis::free_port};

/// A running app. Killed when it is dropped.
pub struct Instance {
    child: Child,
    env: Vec<(&'static str, String)>,
    /// Address on which it listens.
    pub address: String,
}

impl Instance {
    /// Starts an app for browsers at `app_url`, with sessions in `store`, and with this sandbox as a real account.
    pub fn start(
        world: &World,
        stytch_url: &Url,
        app_url: &str,
        store: &str,
        more: Vec<(&'static str, String)>,
    ) -> Self {
        let credentials = world.credentials();
        let bind = format!("127.0.0.1:{}", free_port());
        let mut env = vec![
            ("STYTCH_PROJECT_ID", credentials.project_id.clone()),
            ("STYTCH_SECRET", credentials.secret.clone()),
            ("STYTCH_PUBLIC_TOKEN", credentials.public_token.clone()),
            ("STYTCH_BASE_URL", stytch_url.origin().ascii_serialization()),
            ("APP_URL", app_url.to_owned()),
            ("SESSION_STORE", store.to_owned()),
            ("SESSION_KEY", SESSION_KEY.to_owned()),
            ("BIND", bind.clone()),
        ];
        env.extend(more);
        Self {
            child: run(&env),
            env,
            address: format!("http://{bind}"),
        }
    }

    /// `kill -9`
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts the app again on the same address.
    pub fn start_again(&mut self) {
        self.child = run(&self.env);
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Returns when it listens.
fn run(env: &[(&'static str, String)]) -> Child {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("instances");
    std::fs::create_dir_all(&folder).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_stytch-b2b-axum"))
        .current_dir(folder)
        .env_clear()
        .envs(env.iter().cloned())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut said = String::new();
    while !said.contains("/authenticate") {
        let Some(line) = lines.next() else {
            let mut error = String::new();
            let mut stderr = child.stderr.take().unwrap();
            stderr.read_to_string(&mut error).unwrap();
            panic!("it ended: {said}{error}");
        };
        said += &line.unwrap();
    }
    // A program blocks if its output is not read.
    std::thread::spawn(move || lines.for_each(drop));
    child
}

/// The app's output until it listens, with the sandbox and these variables.
pub fn said_at_the_start(env: &[(&str, &str)]) -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("start");
    std::fs::create_dir_all(&folder).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_stytch-b2b-axum"))
        .current_dir(folder)
        .env_clear()
        .env("BIND", "127.0.0.1:0")
        .env("SANDBOX_BIND", "127.0.0.1:0")
        .env("SESSION_KEY", SESSION_KEY)
        .envs(env.iter().copied())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut said = String::new();
    for line in lines {
        said += &line.unwrap();
        said += "\n";
        if said.contains("the sandbox:") {
            break;
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    said
}
