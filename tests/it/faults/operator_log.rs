//! The log as an operator gets it: from the process, in a file.

use std::{
    fs::File,
    path::Path,
    process::{Command, Stdio},
};

use super::process::signal;
use crate::support::redis::free_port;

/// Runs the app with this `RUST_LOG`, sends requests, and returns what is in the file.
async fn log_of(name: &str, rust_log: Option<&str>) -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("log");
    let (port, sandbox) = (free_port(), free_port());
    let url = format!("http://localhost:{port}");
    let mut command = Command::new(env!("CARGO_BIN_EXE_stytch-b2b-axum"));
    command.current_dir(&folder).env_clear();
    command.env("BIND", format!("127.0.0.1:{port}"));
    command.env("SANDBOX_BIND", format!("127.0.0.1:{sandbox}"));
    command.env("APP_URL", &url);
    if let Some(rust_log) = rust_log {
        command.env("RUST_LOG", rust_log);
    }
    command.stdout(File::create(&file).unwrap());
    let mut child = command.stderr(Stdio::inherit()).spawn().unwrap();
    let http = reqwest::Client::new();
    while http.get(format!("{url}/health/live")).send().await.is_err() {
        assert!(child.try_wait().unwrap().is_none(), "it ended");
    }
    // A cookie from before a restart, and a malformed one.
    for cookie in ["AAAAAAAAAAAAAAAAAAAAAA", "x"] {
        let cookie = format!("stytch_b2b_axum_{port}={cookie}");
        let request = http.get(&url).header("cookie", cookie);
        assert_eq!(request.send().await.unwrap().status(), 200);
    }
    let made_up = reqwest::Method::from_bytes("A".repeat(20_000).as_bytes()).unwrap();
    let request = http.request(made_up, format!("{url}/member"));
    assert_eq!(request.send().await.unwrap().status(), 405);
    // A SIGINT, as Ctrl-C sends it. The log is written outside the path of a request, and ending the process loses no
    // line of it.
    signal(&child, "-INT");
    assert!(child.wait().unwrap().success());
    std::fs::read_to_string(file).unwrap()
}

/// P12: a file contains no color codes, no warning for each old cookie, and no method that a client made up.
#[tokio::test]
async fn a_log_in_a_file_is_plain() {
    let log = log_of("log-plain", None).await;
    assert!(
        log.contains("method=GET") && log.contains("status=200"),
        "{log}"
    );
    assert!(!log.contains('\u{1b}'), "{log}");
    assert!(!log.contains("suspicious activity"), "{log}");
    assert!(log.contains("method=other"), "{log}");
    assert!(log.lines().all(|line| line.len() < 1000), "a long line");
}

/// P12: operators can turn on the warnings of tower-sessions.
#[tokio::test]
async fn warnings_of_tower_sessions_can_be_turned_on() {
    let log = log_of("log-loud", Some("info,tower_sessions_core=warn")).await;
    assert!(
        log.contains("suspicious activity: record not found"),
        "{log}"
    );
}
