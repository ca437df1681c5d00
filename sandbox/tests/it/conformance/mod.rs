//! Runs the vendor's unchanged Python and Node SDKs, from their registries, against a running `stytch-sandbox`.
//!
//! `stories/` is the table of calls that both SDKs make; `run.py` and `run.mjs` make them, `local_jwt.*` check JWTs
//! without a call, and `webhooks.mjs` checks signatures with Svix's library. `endpoints.rs` lists the required calls.
//! `install` fetches the SDKs; `tests/run` calls it.

mod endpoints;
pub mod program;
mod stories;
mod wire;

use std::process::Command;

use endpoints::{NOT_FOR_SDKS, NOT_YET, WANTED};
use program::Program;
use stytch_sandbox::support::{self, Level};
use wire::Wire;

const PYTHON: &str = "venv/bin/python";
const NODE: &str = "node";

#[test]
#[ignore = "needs the SDKs: tests/run"]
fn the_python_sdk_calls_every_endpoint() {
    covers_everything(&said_by(PYTHON, "run.py"));
}

#[test]
#[ignore = "needs the SDKs: tests/run"]
fn the_node_sdk_calls_every_endpoint() {
    covers_everything(&said_by(NODE, "run.mjs"));
}

#[test]
#[ignore = "needs the SDKs: tests/run"]
fn the_python_sdk_verifies_jwts_locally() {
    assert!(said_by(PYTHON, "local_jwt.py").contains("JWT CHECKS DONE"));
}

#[test]
#[ignore = "needs the SDKs: tests/run"]
fn the_node_sdk_verifies_jwts_locally() {
    assert!(said_by(NODE, "local_jwt.mjs").contains("JWT CHECKS DONE"));
}

#[test]
#[ignore = "needs the SDKs: tests/run"]
fn svixs_library_verifies_webhooks() {
    assert!(said_by(NODE, "webhooks.mjs").contains("WEBHOOK CHECKS DONE"));
}

/// Endpoints on the list return 501 (404 in the control API), and others do not. The test fails if the list is
/// outdated, so it can only shrink.
#[test]
fn the_list_of_unsupported_endpoints_is_correct() {
    let program = Program::start();
    for endpoint in NOT_YET {
        assert!(WANTED.contains(endpoint), "{endpoint} is not in WANTED");
    }
    for endpoint in WANTED {
        let (method, path) = endpoint.split_once(' ').expect("a method and a path");
        let ours = path.starts_with("/_sandbox/");
        let path = path
            .replace("{project_id}", &program.project_id)
            .replace("{provider}", "google")
            .replace(['{', '}'], "");
        let status = program.status(method, &path);
        let missing = status == if ours { 404 } else { 501 };
        assert_eq!(
            missing,
            NOT_YET.contains(endpoint),
            "{endpoint} returns {status}"
        );
    }
}

/// Only endpoints that no SDK can call are exempt.
#[test]
fn every_supported_endpoint_is_called_or_exempt() {
    for it in support::table() {
        let endpoint = format!("{} {}", it.method, it.path);
        let of_browsers = it.path.starts_with("/sdk/v1/");
        let exempt = of_browsers || NOT_FOR_SDKS.contains(&endpoint.as_str());
        assert!(
            it.level == Level::Not || exempt || WANTED.contains(&endpoint.as_str()),
            "{endpoint} is supported: add it to WANTED, and add a story that calls it"
        );
    }
}

/// Runs a script of this folder against a new sandbox, and returns its output. Fails with the output if the script
/// fails.
fn said_by(interpreter: &str, script: &str) -> String {
    let program = Program::start();
    let sdks = program::target().join("conformance");
    assert!(
        sdks.join("node_modules/svix").exists() && sdks.join(PYTHON).exists(),
        "the SDKs are not installed: sandbox/tests/it/conformance/install"
    );
    let interpreter = match interpreter {
        NODE => NODE.into(),
        python => sdks.join(python),
    };
    let output = Command::new(interpreter)
        .arg(program::here().join(script))
        .env("SANDBOX_URL", &program.url)
        .env("NOT_YET", NOT_YET.join("\n"))
        .env("SDK_FOLDER", &sdks)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("NO_PROXY", "127.0.0.1")
        .output()
        .unwrap_or_else(|error| panic!("{script} does not start: {error}"));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    println!("{said}");
    println!("{}", String::from_utf8_lossy(&output.stderr));
    let failures: Vec<&str> = said.lines().filter(|it| it.contains("FAILED")).collect();
    assert!(
        output.status.success(),
        "{script} failed; see its output:\n{}\n{}",
        failures.join("\n"),
        String::from_utf8_lossy(&output.stderr)
    );
    said
}

/// Checks that the SDK got a success and an error from each supported endpoint.
fn covers_everything(said: &str) {
    let calls = Wire::read(said);
    let waiting = stories::that_wait();
    let mut open = Vec::new();
    for endpoint in WANTED
        .iter()
        .filter(|it| !waiting.iter().any(|needed| needed == *it) && !it.contains("/_sandbox/"))
    {
        let statuses = Wire::statuses(&calls, endpoint);
        if !statuses.iter().any(|status| *status < 400) {
            open.push(format!("{endpoint}: no success"));
        }
        if !statuses.iter().any(|status| (400..500).contains(status)) {
            open.push(format!("{endpoint}: no error"));
        }
    }
    assert!(
        open.is_empty(),
        "the stories are not complete:\n{}",
        open.join("\n")
    );
}
