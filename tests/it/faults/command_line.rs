//! The arguments of the program, and what it prints.

use std::{
    io::{PipeWriter, Read, Write},
    net::{TcpListener, TcpStream},
};

use super::process::{APP, command, directory, signal};

/// The program behaves like programs that use clap.
#[test]
fn arguments_are_read() {
    let empty = directory("arguments", "STYTCH_SECRET=half\n");
    let version = concat!("stytch-b2b-axum ", env!("CARGO_PKG_VERSION"), "\n");
    for (arguments, printed) in [
        (&["--version"][..], version),
        (&["-V"], version),
        (&["--help"], "Usage: stytch-b2b-axum [OPTIONS]\n"),
        (&["doctor", "--help"], "Usage: stytch-b2b-axum [OPTIONS]\n"),
        (
            &["-h", "--frobnicate"],
            "-V, --version  Print the version and exit\n",
        ),
    ] {
        let output = command(APP, &empty, &[]).args(arguments).output().unwrap();
        let out = String::from_utf8(output.stdout).unwrap();
        assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0));
        assert!(out.contains(printed) && out.ends_with('\n'), "{out}");
    }
    for (arguments, named) in [
        (&["--frobnicate"][..], "--frobnicate"),
        (&["--frobnicate=1", "--help"], "--frobnicate"),
        (&["-x"], "-x"),
        (&["serve"], "serve"),
        (&["doctor", "doctor"], "doctor"),
        (&["doctor", "--frobnicate"], "--frobnicate"),
        (&["--json"], "--json"),
        (&["--", "--help"], "--help"),
        (&[""], ""),
    ] {
        let output = command(APP, &empty, &[]).args(arguments).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
        let expected = format!(
            "error: unexpected argument '{named}' found\n\nUsage: stytch-b2b-axum [OPTIONS]\n       stytch-b2b-axum doctor [--json]\n\nFor more information, try '--help'.\n"
        );
        assert_eq!(error, expected);
    }
}

/// A pipe whose reader is gone, as after `| head`.
fn closed_pipe() -> PipeWriter {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer
}

/// Output without a reader is lost, and nothing else happens: no panic, no other exit code, and a server still serves.
#[test]
fn a_closed_pipe_is_not_a_failure() {
    let folder = directory("pipe", "");
    for (argument, code) in [("--help", 0), ("--version", 0), ("--frobnicate", 2)] {
        let mut app = command(APP, &folder, &[]);
        app.arg(argument).stdout(closed_pipe());
        if code == 2 {
            app.stderr(closed_pipe());
        }
        let output = app.output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{argument}");
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "", "{argument}");
    }
    let bind = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let bind = bind.to_string();
    let env = [
        ("BIND", bind.as_str()),
        ("SANDBOX_BIND", "127.0.0.1:0"),
        ("STYTCH_TOKEN", ""),
    ];
    let mut app = command(APP, &folder, &env);
    let mut child = app.stdout(closed_pipe()).spawn().unwrap();
    let mut response = String::new();
    while response.is_empty() {
        assert_eq!(child.try_wait().unwrap(), None, "it ended");
        if let Ok(mut stream) = TcpStream::connect(&bind) {
            let host = bind.replace("127.0.0.1", "localhost");
            let request = format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
            stream.write_all(request.as_bytes()).unwrap();
            stream.read_to_string(&mut response).unwrap();
        }
    }
    assert!(response.starts_with("HTTP/1.1 200 OK"), "{response}");
    signal(&child, "-INT");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}
