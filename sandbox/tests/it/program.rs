//! The program `stytch-sandbox`, and the end of a sandbox.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use serde_json::json;
use stytch_sandbox::{Fault, FaultKind, HeldRequest, Sandbox};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stytch-sandbox"));
    command.env_clear().stdin(Stdio::null());
    command
}

fn ended(command: &mut Command) -> (Option<i32>, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().expect("the program runs");
    (
        status.code(),
        String::from_utf8_lossy(&stdout).into(),
        String::from_utf8_lossy(&stderr).into(),
    )
}

#[test]
fn help_is_printed() {
    let (code, out, _) = ended(program().arg("--help"));
    assert_eq!(code, Some(0));
    assert!(out.contains("SANDBOX_BIND") && out.contains("localhost:3100"));
}

#[test]
fn errors_exit_with_2_and_one_line() {
    for (bind, reason) in [
        ("0.0.0.0:0", "loopback"),
        ("0.0.0.0:0", "SANDBOX_BIND"),
        ("192.0.2.1:3100", "loopback"),
        ("localhost", "SANDBOX_BIND=localhost"),
    ] {
        let (code, out, error) = ended(program().env("SANDBOX_BIND", bind));
        assert_eq!((code, out.as_str()), (Some(2), ""), "{bind}");
        assert!(
            error.contains(reason) && error.lines().count() == 1,
            "{error}"
        );
    }
}

#[test]
fn a_port_in_use_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("an address");
    let (code, _, error) = ended(program().env("SANDBOX_BIND", address.to_string()));
    assert_eq!(code, Some(2));
    assert!(
        error.contains(&format!("Port {} is in use", address.port()))
            && error.contains("SANDBOX_BIND"),
        "{error}"
    );
}

/// It prints its address and its own credentials, ignores those in the environment, and exits with 0 on SIGTERM.
#[cfg(unix)]
#[tokio::test]
async fn it_runs_and_stops() {
    let mut child = program()
        .env("SANDBOX_BIND", "127.0.0.1:0")
        .env("STYTCH_SECRET", "secret-test-somebodys-real-secret")
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let mut lines = BufReader::new(child.stdout.take().expect("its output"))
        .lines()
        .map_while(Result::ok);
    let url = lines
        .next()
        .expect("a first line")
        .rsplit_once(' ')
        .expect("an address")
        .1
        .to_owned();
    let credentials: Vec<String> = lines
        .by_ref()
        .take_while(|line| !line.contains("Browser SDK"))
        .collect();
    let printed = credentials.join("\n");
    assert!(
        printed.contains(&format!("{url}/_sandbox/")) && !printed.contains("3100"),
        "{printed}"
    );
    assert!(
        printed.contains("STYTCH_PUBLIC_TOKEN=public-token-test-"),
        "{printed}"
    );
    assert!(!printed.contains("somebodys-real-secret"));
    let health = reqwest::get(format!("{url}/_sandbox/health"))
        .await
        .expect("an answer");
    assert_eq!(health.status(), 200);
    let kill = Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status()
        .expect("kill runs");
    assert!(kill.success());
    let ended = tokio::task::spawn_blocking(move || child.wait())
        .await
        .expect("no panic")
        .expect("it ends");
    assert_eq!(ended.code(), Some(0));
}

/// It ignores credentials in the environment and in `.env`, and prints its own. It exits with 0 on Ctrl-C.
#[cfg(unix)]
#[test]
fn credentials_of_a_real_project_are_ignored() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("real-account");
    std::fs::create_dir_all(&folder).expect("a folder");
    let real = [
        (
            "STYTCH_PROJECT_ID",
            "project-test-11111111-1111-4111-8111-111111111111",
        ),
        ("STYTCH_SECRET", "secret-test-s3cr3ts3cr3ts3cr3t"),
        (
            "STYTCH_PUBLIC_TOKEN",
            "public-token-test-22222222-2222-4222-8222-222222222222",
        ),
    ];
    let dotenv = real
        .map(|(name, value)| format!("{name}={value}"))
        .join("\n");
    std::fs::write(folder.join(".env"), dotenv).expect("a file");
    let mut child = program()
        .current_dir(&folder)
        .envs(real)
        .env("SANDBOX_BIND", "127.0.0.1:0")
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let printed: Vec<String> = lines
        .map_while(Result::ok)
        .take_while(|line| !line.contains("SDKs"))
        .collect();
    let printed = printed.join("\n");
    assert!(
        printed.contains("listens on http://127.0.0.1:"),
        "{printed}"
    );
    assert!(
        !printed.contains("11111111-1111") && !printed.contains("s3cr3t"),
        "{printed}"
    );
    let kill = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(kill.expect("kill runs").success());
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
}

/// They are dropped.
#[tokio::test]
async fn held_calls_and_idle_connections_do_not_delay_the_end() {
    let sandbox = Sandbox::new("http://localhost:3000");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = sandbox.clone();
    let task = tokio::spawn(async move {
        serving
            .serve(listener, async { stopped.await.unwrap_or_default() })
            .await
    });

    let idle = tokio::net::TcpStream::connect(address)
        .await
        .expect("a connection");
    let hold = HeldRequest::new();
    let path = "/v1/b2b/organizations/search";
    sandbox.world().fault(Fault {
        method: "POST".into(),
        path: path.into(),
        times: 1,
        kind: FaultKind::Hold(hold.clone()),
    });
    let own = sandbox.world().credentials().clone();
    let request = reqwest::Client::new()
        .post(format!("http://{address}{path}"))
        .basic_auth(own.project_id, Some(own.secret));
    let call = tokio::spawn(request.json(&json!({})).send());
    hold.reached().await;
    stop.send(()).expect("it still serves");
    tokio::time::timeout(Duration::from_secs(5), task)
        .await
        .expect("promptly")
        .expect("no panic")
        .expect("well");
    assert!(
        call.await.expect("no panic").is_err(),
        "the held call is dropped"
    );
    drop(idle);
}
