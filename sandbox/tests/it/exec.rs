//! `stytch-sandbox exec -- COMMAND`.
#![cfg(unix)]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Output, Stdio},
};

use stytch_sandbox::{Credentials, Sandbox};

/// The program with these arguments, and an environment with only a path and these variables.
fn program(arguments: &[&str], variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stytch-sandbox"));
    command
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .args(arguments)
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// The published credentials.
fn own_credentials() -> Credentials {
    let sandbox = Sandbox::new("http://localhost:3000");
    sandbox.world().credentials().clone()
}

fn run(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    program(arguments, variables).output().expect("it starts")
}

fn told(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        output.status.code(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

/// Waits for the end and returns the exit status.
fn ended(mut child: Child) -> Option<i32> {
    child.wait().expect("it ends").code()
}

#[test]
fn a_command_gets_the_variables_of_a_running_sandbox() {
    let script = "env | grep ^STYTCH_ | sort; echo; read line; exit 7";
    let mut child = program(
        &["exec", "--", "sh", "-c", script],
        &[("APP_URL", "http://localhost:4000")],
    )
    .stdin(Stdio::piped())
    .spawn()
    .expect("it starts");
    let lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let lines: Vec<String> = lines
        .map_while(Result::ok)
        .take_while(|line| !line.is_empty())
        .collect();
    let own = own_credentials();
    let url = lines[0]
        .strip_prefix("STYTCH_BASE_URL=")
        .expect("a URL")
        .to_owned();
    let wanted = [
        format!("STYTCH_BASE_URL={url}"),
        format!("STYTCH_PROJECT_ID={}", own.project_id),
        format!("STYTCH_PUBLIC_TOKEN={}", own.public_token),
        format!("STYTCH_SECRET={}", own.secret),
    ];
    assert_eq!(lines, wanted);
    let host = url
        .trim_start_matches("http://")
        .trim_end_matches('/')
        .to_owned();
    let mut stream = TcpStream::connect(&host).expect("it listens");
    write!(
        stream,
        "GET /_sandbox/health HTTP/1.0\r\nHost: {host}\r\n\r\n"
    )
    .expect("it reads");
    let mut response = String::new();
    stream.read_to_string(&mut response).expect("it responds");
    assert!(response.contains(" 200 OK\r\n"), "{response}");
    child
        .stdin
        .take()
        .expect("its input")
        .write_all(b"go on\n")
        .expect("it reads");
    assert_eq!(ended(child), Some(7));
    assert!(TcpStream::connect(&host).is_err(), "it has stopped");
}

#[test]
fn the_exit_status_is_that_of_the_command() {
    for (command, status) in [("exit 0", 0), ("exit 255", 255), ("kill -KILL $$", 137)] {
        let (code, out, err) = told(&run(&["exec", "--", "sh", "-c", command], &[]));
        assert_eq!((code, out.as_str()), (Some(status), ""), "{command}: {err}");
        assert!(
            err.starts_with("stytch-sandbox listens on http://127.0.0.1:"),
            "{err}"
        );
    }
    let (code, _, err) = told(&run(&["exec", "--", "/no/such/command"], &[]));
    assert_eq!(code, Some(127));
    assert!(
        err.contains("error: cannot run '/no/such/command': "),
        "{err}"
    );
    assert_eq!(told(&run(&["exec", "--", "/etc/passwd"], &[])).0, Some(126));
}

/// Options of the command are passed on, with and without `--`.
#[test]
fn arguments_reach_the_command() {
    let show = ["sh", "-c", "echo \"$@\"", "sh", "--json", "--", "-h", "a b"];
    for exec in [&["exec", "--"][..], &["exec"]] {
        let (code, out, err) = told(&run(&[exec, &show].concat(), &[]));
        assert_eq!(
            (code, out.as_str()),
            (Some(0), "--json -- -h a b\n"),
            "{err}"
        );
    }
}

#[test]
fn options_before_the_command_belong_to_the_sandbox() {
    let print = "echo $STYTCH_BASE_URL $STYTCH_PUBLIC_URL";
    let arguments = [
        "--public-url",
        "https://sandbox.example",
        "exec",
        "--bind",
        "127.0.0.2:0",
        "--",
        "sh",
        "-c",
        print,
    ];
    let (code, out, err) = told(&run(&arguments, &[("SANDBOX_BIND", "127.0.0.3:0")]));
    assert_eq!(code, Some(0), "{err}");
    assert!(
        out.starts_with("http://127.0.0.2:") && out.ends_with("/ https://sandbox.example\n"),
        "{out}"
    );
}

/// Arguments, variables, and the beginning of the error.
type Case<'a> = (&'a [&'a str], &'a [(&'a str, &'a str)], &'a str);

#[test]
fn errors_prevent_the_start_of_the_command() {
    let secret = ("STYTCH_SECRET", "secret-test-real");
    let cases: [Case<'_>; 5] = [
        (&["exec"], &[], "error: a command is required after 'exec'"),
        (
            &["exec", "--"],
            &[],
            "error: a command is required after 'exec'",
        ),
        (
            &["exec", "--json", "--", "echo"],
            &[],
            "error: the argument '--json' cannot be used with 'exec'",
        ),
        (
            &["exec", "--what", "--", "echo"],
            &[],
            "error: unexpected argument '--what' found",
        ),
        (
            &["exec", "--", "echo"],
            &[secret],
            "error: STYTCH_SECRET is set",
        ),
    ];
    for (arguments, variables, reason) in cases {
        let (code, out, err) = told(&run(arguments, variables));
        assert_eq!((code, out.as_str()), (Some(2), ""), "{arguments:?}: {err}");
        assert!(err.starts_with(reason), "{arguments:?}: {err}");
    }
    // The sandbox's own credentials are allowed, so `exec` within `exec` works.
    let own = own_credentials().secret;
    let (code, ..) = told(&run(&["exec", "--", "true"], &[("STYTCH_SECRET", &own)]));
    assert_eq!(code, Some(0));
}

/// When a container is stopped, the command can end by itself.
#[test]
fn sigterm_is_passed_to_the_command() {
    let script =
        "sleep 60 >/dev/null 2>&1 & trap \"kill $!; exit 9\" TERM; echo ready; wait; exit 1";
    let mut child = program(&["exec", "--", "sh", "-c", script], &[])
        .spawn()
        .expect("it starts");
    let mut line = String::new();
    let mut output = BufReader::new(child.stdout.take().expect("its output"));
    output.read_line(&mut line).expect("a line");
    assert_eq!(line, "ready\n");
    let id = child.id().to_string();
    for signal in ["-INT", "-TERM"] {
        let sent = Command::new("kill").args([signal, &id]).status();
        assert!(sent.expect("kill").success());
    }
    assert_eq!(ended(child), Some(9), "Ctrl-C alone does not end it");
}
