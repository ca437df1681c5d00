//! How `cargo run --example both_flows` starts, and when it refuses to.

use std::{
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use stytch_sandbox::World;
use url::Url;

use crate::support::{Browser, app::start_sandbox};

/// The example as cargo has built it, next to this test.
fn program() -> Command {
    let test = std::env::current_exe().unwrap();
    let built = test.parent().unwrap().parent().unwrap();
    let path = built.join("examples/both_flows");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/both_flows.rs");
    let time = |path: &Path| std::fs::metadata(path).and_then(|it| it.modified()).ok();
    assert!(
        time(&path) >= time(&source),
        "{} is missing or older than its source. `cargo test` builds it, and so does `cargo build --example both_flows`",
        path.display()
    );
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("both_flows");
    std::fs::create_dir_all(&folder).unwrap();
    let mut program = Command::new(path);
    program
        .current_dir(folder)
        .env_clear()
        .env("BIND", "127.0.0.1:0")
        .env("SANDBOX_BIND", "127.0.0.1:0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    program
}

/// A started example, which ends with its test.
struct Process {
    child: Child,
    output: String,
}

impl Process {
    /// Returns when it listens.
    fn start(program: &mut Command) -> Self {
        let process = Self::spawn(program);
        assert!(process.listens(), "it ended: {}", process.output);
        process
    }

    /// Returns when it listens or has ended.
    fn spawn(program: &mut Command) -> Self {
        let mut child = program.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut process = Self {
            child,
            output: String::new(),
        };
        while !process.listens() && lines.read_line(&mut process.output).unwrap() > 0 {}
        process
    }

    fn listens(&self) -> bool {
        self.output.contains("Open ")
    }

    fn url(&self) -> String {
        let (_, rest) = self.output.split_once("Open ").unwrap();
        rest.split_whitespace().next().unwrap().to_owned()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn sign_in(url: &str) {
    let mut ada = Browser::for_another_app(url);
    ada.get("/org/acme").await;
    ada.go("Continue with Google").await;
    let page = ada.go("ada@acme.example").await;
    assert!(
        page.text().contains("You are signed in to Acme Corp"),
        "{}",
        page.text()
    );
}

#[tokio::test]
async fn the_example_runs_without_an_account() {
    let running = Process::start(&mut program());
    assert!(
        running.url().starts_with("http://localhost:"),
        "{}",
        running.output
    );
    assert!(
        running.output.contains("Stytch  http://127.0.0.1:"),
        "{}",
        running.output
    );
    sign_in(&running.url()).await;
}

/// Credentials of an account, and the URLs of the environment.
fn account(program: &mut Command, world: &World, base_url: &Url) {
    let credentials = world.credentials();
    program
        .env("STYTCH_PROJECT_ID", &credentials.project_id)
        .env("STYTCH_SECRET", &credentials.secret)
        .env("STYTCH_PUBLIC_TOKEN", &credentials.public_token)
        .env("STYTCH_BASE_URL", base_url.as_str());
}

/// With an account it starts no sandbox, so it may listen on a public address.
#[tokio::test]
async fn the_example_runs_with_an_account() {
    let port = crate::support::redis::free_port();
    let url = format!("http://localhost:{port}");
    let (world, base_url) = start_sandbox(&url).await;
    let mut program = program();
    account(&mut program, &world, &base_url);
    program
        .env("BIND", format!("0.0.0.0:{port}"))
        .env("SANDBOX_BIND", "nothing");
    let running = Process::start(&mut program);
    assert_eq!(running.url(), url);
    assert!(
        running.output.contains(base_url.as_str()),
        "{}",
        running.output
    );
    sign_in(&url).await;
    assert!(!world.calls().is_empty());
}

/// The error with which the example refuses to start because of this variable.
fn refuse(variable: &str, value: &str) -> String {
    refused(program().env(variable, value))
}

fn refused(program: &mut Command) -> String {
    let mut process = Process::spawn(program);
    assert_eq!(process.output, "", "nothing was started");
    assert_eq!(process.child.wait().unwrap().code(), Some(2));
    let mut error = String::new();
    let mut stderr = process.child.stderr.take().unwrap();
    stderr.read_to_string(&mut error).unwrap();
    error
}

/// A sandbox lets everyone in, so it never replaces an account, and never starts where strangers reach it.
#[test]
fn a_public_sandbox_is_refused() {
    let error = refuse("BIND", "0.0.0.0:0");
    assert!(error.contains("BIND must be a loopback address"), "{error}");
    let error = refuse("SANDBOX_BIND", "0.0.0.0:0");
    assert!(
        error.contains("SANDBOX_BIND must be a loopback address"),
        "{error}"
    );
    let error = refuse("APP_URL", "https://login.example");
    assert!(error.contains("APP_URL must be on localhost"), "{error}");
    for variable in ["STYTCH_PROJECT_ID", "STYTCH_SECRET", "STYTCH_PUBLIC_TOKEN"] {
        let error = refuse(variable, "secret-words");
        assert!(error.contains("is set, so no sandbox starts"), "{error}");
        assert!(!error.contains("secret-words"), "{error}");
    }
}

/// Errors name the variable, and print no line of `.env`.
#[test]
fn errors_name_the_variable() {
    let error = refuse("BIND", "localhost");
    assert!(error.starts_with("error: BIND: "), "{error}");
    assert!(error.contains("Write it like 127.0.0.1:3000"), "{error}");
    let error = refuse("APP_URL", "localhost:3000/");
    assert!(error.contains("APP_URL"), "{error}");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let error = refuse("BIND", &address);
    assert!(
        error.starts_with(&format!("error: BIND: can't listen on {address}: ")),
        "{error}"
    );
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("both_flows_dotenv");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(
        folder.join(".env"),
        "STYTCH_SECRET=secret-words with blanks\n",
    )
    .unwrap();
    let error = refused(program().current_dir(&folder));
    assert!(
        error.contains(".env contains a line that can't be read"),
        "{error}"
    );
    assert!(!error.contains("secret-words"), "{error}");
}

/// Values in `.env` count, unless they are empty.
#[test]
fn dotenv_is_read() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("both_flows_empty");
    std::fs::create_dir_all(&folder).unwrap();
    let values = "STYTCH_PROJECT_ID=\nSTYTCH_SECRET=\nSTYTCH_BASE_URL=\nAPP_URL=http://login.localhost:1234\nBIND=ignored\n";
    std::fs::write(folder.join(".env"), values).unwrap();
    let running = Process::start(program().current_dir(&folder));
    assert_eq!(running.url(), "http://login.localhost:1234");
}
