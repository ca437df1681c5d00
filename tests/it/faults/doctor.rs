//! `stytch-b2b-axum doctor` names what is wrong, with each fault set in the sandbox, and changes nothing.

use std::{collections::HashMap, net::TcpListener, time::Duration};

use serde_json::{Value, json};
use stytch_b2b_axum::{
    clock::Clock,
    config::{Config, DEFAULT_MEMORY},
    doctor::{self, Outcome, Project, Report},
    session::store::{Store, memory::MemoryStore},
    stytch::Credentials,
};
use stytch_sandbox::{Fault, FaultKind, World};
use url::Url;

use super::process::{APP, Running, command, directory};
use crate::support::app::{SEARCH, start_sandbox};

const APP_URL: &str = "http://localhost:3000";
const START: &str = "/v1/b2b/public/oauth/google/start";
const DISCOVERY_START: &str = "/v1/b2b/public/oauth/google/discovery/start";

/// The environment of an app that uses this sandbox with its credentials.
fn environment(world: &World, url: &Url) -> HashMap<String, String> {
    let own = world.credentials();
    [
        ("STYTCH_PROJECT_ID", own.project_id.as_str()),
        ("STYTCH_SECRET", &own.secret),
        ("STYTCH_PUBLIC_TOKEN", &own.public_token),
        ("STYTCH_BASE_URL", url.as_str()),
        ("APP_URL", APP_URL),
        ("OAUTH_PROVIDERS", "google"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

async fn examine(world: &World, url: &Url, changes: &[(&str, &str)]) -> Report {
    let mut values = environment(world, url);
    for (name, value) in changes {
        values.insert((*name).to_owned(), (*value).to_owned());
    }
    let config = Config::from_values(&values).unwrap();
    let value = |name: &str| values[name].clone();
    let base_url = Url::parse(&value("STYTCH_BASE_URL")).unwrap();
    let project = Project {
        credentials: Credentials::new(
            value("STYTCH_PROJECT_ID"),
            value("STYTCH_SECRET"),
            value("STYTCH_PUBLIC_TOKEN"),
        ),
        base_url: base_url.clone(),
        public_url: base_url,
    };
    let store = Store::new(MemoryStore::new(Clock::default(), DEFAULT_MEMORY));
    let report = doctor::examine(&config, &project, &store).await.unwrap();
    let said = format!("{}{}", report.text(), report.json());
    assert!(!said.contains(&value("STYTCH_SECRET")), "{said}");
    report
}

fn results(report: &Report) -> Vec<(&str, Outcome)> {
    let checks = report.checks.iter();
    checks.map(|it| (it.name.as_str(), it.result)).collect()
}

/// Checks that did not pass.
fn troubles(report: &Report) -> Vec<(&str, Outcome)> {
    let mut results = results(report);
    results.retain(|(name, result)| *result != Outcome::Ok && *name != "redirect_url_invite");
    results
}

fn error(status: u16, error_type: &str) -> FaultKind {
    FaultKind::Error {
        status,
        error_type: error_type.to_owned(),
        message: format!("About {error_type}."),
    }
}

#[tokio::test]
async fn a_good_setup_passes_all_checks() {
    let (world, url) = start_sandbox(APP_URL).await;
    let before = world.state();
    let report = examine(&world, &url, &[]).await;
    assert_eq!(
        results(&report),
        [
            ("connection", Outcome::Ok),
            ("clock", Outcome::Ok),
            ("jwks", Outcome::Ok),
            ("credentials", Outcome::Ok),
            ("b2b_project", Outcome::Ok),
            ("organization_search", Outcome::Ok),
            ("public_token", Outcome::Ok),
            ("provider_google", Outcome::Ok),
            ("redirect_url_discovery", Outcome::Ok),
            ("redirect_url_login", Outcome::Ok),
            ("redirect_url_signup", Outcome::Ok),
            ("redirect_url_invite", Outcome::CannotTell),
            ("session_minutes", Outcome::Ok),
            ("session_store", Outcome::Ok),
        ]
    );
    assert!(!report.is_wrong());
    assert_eq!(report.last_failure, None);
    // The program only reads.
    assert_eq!(world.state(), before);
    assert_eq!(world.messages().len(), 0);
    let json = report.json();
    let first = json!({ "name": "connection", "result": "ok", "message": format!("{} responds", url.origin().ascii_serialization()) });
    assert_eq!(json["checks"][0], first);
    assert_eq!(json["checks"][11]["result"], "cannot_tell");
}

#[tokio::test]
async fn each_fault_is_named() {
    use Outcome::{CannotTell, Wrong};
    for (method, path, times, kind, expected, says) in [
        (
            "POST",
            SEARCH,
            1,
            error(401, "unauthorized_credentials"),
            ("credentials", Wrong),
            "api-keys",
        ),
        (
            "POST",
            SEARCH,
            1,
            error(400, "invalid_b2b_endpoint"),
            ("b2b_project", Wrong),
            "Consumer project",
        ),
        (
            "POST",
            SEARCH,
            1,
            error(429, "too_many_requests"),
            ("organization_search", CannotTell),
            "Wait a minute",
        ),
        (
            "POST",
            SEARCH,
            1,
            error(500, "internal_server_error"),
            ("credentials", CannotTell),
            "outage",
        ),
        (
            "POST",
            SEARCH,
            1,
            FaultKind::Garbage,
            ("credentials", CannotTell),
            "200",
        ),
        (
            "POST",
            SEARCH,
            1,
            FaultKind::ResetBefore,
            ("credentials", CannotTell),
            "no response",
        ),
        (
            "POST",
            SEARCH,
            1,
            FaultKind::Huge,
            ("credentials", CannotTell),
            "longer",
        ),
        (
            "GET",
            "/v1/b2b/sessions/jwks/*",
            1,
            error(404, "project_not_found"),
            ("jwks", Wrong),
            "STYTCH_PROJECT_ID",
        ),
        (
            "GET",
            "/v1/b2b/sessions/jwks/*",
            1,
            FaultKind::ResetBefore,
            ("connection", Wrong),
            "does not respond",
        ),
        (
            "GET",
            DISCOVERY_START,
            1,
            error(404, "public_token_not_found"),
            ("public_token", Wrong),
            "STYTCH_PUBLIC_TOKEN",
        ),
        (
            "GET",
            DISCOVERY_START,
            1,
            error(500, "internal_server_error"),
            ("public_token", CannotTell),
            "outage",
        ),
        (
            "GET",
            DISCOVERY_START,
            3,
            error(404, "oauth_config_not_found"),
            ("provider_google", Wrong),
            "OAUTH_PROVIDERS",
        ),
        (
            "GET",
            START,
            1,
            error(404, "organization_not_found"),
            ("public_token", Wrong),
            "another project",
        ),
        (
            "GET",
            START,
            1,
            error(400, "no_match_for_provided_oauth_url"),
            ("redirect_url_login", Wrong),
            "type Login",
        ),
        (
            "GET",
            START,
            1,
            error(503, "service_unavailable"),
            ("redirect_url_login", CannotTell),
            "503",
        ),
    ] {
        let (world, url) = start_sandbox(APP_URL).await;
        world.fault(Fault {
            method: method.to_owned(),
            path: path.to_owned(),
            times,
            kind,
        });
        let report = examine(&world, &url, &[]).await;
        let found = troubles(&report);
        assert!(
            found.contains(&expected),
            "{path} {expected:?}: {}",
            report.text()
        );
        assert_eq!(report.is_wrong(), expected.1 == Wrong, "{}", report.text());
        let check = report
            .checks
            .iter()
            .find(|it| (it.name.as_str(), it.result) == expected);
        let message = &check.unwrap().message;
        assert!(message.contains(says), "{message}");
        assert!(!message.contains('\n'), "{message}");
    }
}

/// The last response that failed is shown as Stytch wrote it.
#[tokio::test]
async fn the_last_failed_response_is_shown() {
    let (world, url) = start_sandbox(APP_URL).await;
    world.fault(Fault {
        method: "POST".to_owned(),
        path: SEARCH.to_owned(),
        times: 1,
        kind: error(401, "unauthorized_credentials"),
    });
    let text = examine(&world, &url, &[]).await.text();
    let last = text.lines().last().unwrap();
    let expected = "Last failed response: 401 unauthorized_credentials: About unauthorized_credentials. (request_id request-id-test-";
    assert!(last.starts_with(expected), "{text}");
}

#[tokio::test]
async fn setup_mistakes_are_named() {
    let (world, url) = start_sandbox(APP_URL).await;
    let wrong = |report: &Report| -> Vec<String> {
        let wrong = report
            .checks
            .iter()
            .filter(|it| it.result == Outcome::Wrong);
        wrong.map(|it| it.name.clone()).collect()
    };
    let secret = "secret-test-bm90LXRoZS1zZWNyZXQtb2YtdGhlLXNhbmRib3g=";
    for (change, names) in [
        (("STYTCH_SECRET", secret), vec!["credentials"]),
        (
            (
                "STYTCH_PUBLIC_TOKEN",
                "public-token-test-00000000-0000-4000-8000-000000000000",
            ),
            vec!["public_token"],
        ),
        (
            (
                "STYTCH_PROJECT_ID",
                "project-test-00000000-0000-4000-8000-000000000000",
            ),
            vec!["jwks", "credentials"],
        ),
        (
            ("APP_URL", "http://localhost:3999"),
            vec![
                "redirect_url_discovery",
                "redirect_url_login",
                "redirect_url_signup",
            ],
        ),
    ] {
        let report = examine(&world, &url, &[change]).await;
        assert_eq!(wrong(&report), names, "{}", report.text());
    }
    world.advance(Duration::from_mins(10));
    let report = examine(&world, &url, &[]).await;
    assert_eq!(wrong(&report), ["clock"], "{}", report.text());
    assert!(
        report.text().contains("behind Stytch's"),
        "{}",
        report.text()
    );
}

#[tokio::test]
async fn without_stytch_the_other_checks_are_skipped() {
    let (world, _) = start_sandbox(APP_URL).await;
    let closed = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = Url::parse(&format!("http://{}", closed.local_addr().unwrap())).unwrap();
    drop(closed);
    let report = examine(&world, &url, &[("STYTCH_BASE_URL", url.as_str())]).await;
    assert_eq!(
        troubles(&report),
        [
            ("connection", Outcome::Wrong),
            ("credentials", Outcome::CannotTell),
            ("public_token", Outcome::CannotTell),
        ]
    );
}

fn doctor(folder: &str, env: &[(&str, &str)], json: bool) -> (Option<i32>, String) {
    let mut program = command(APP, &directory(folder, ""), env);
    program.arg("doctor");
    if json {
        program.arg("--json");
    }
    let output = program.output().unwrap();
    (
        output.status.code(),
        String::from_utf8(output.stdout).unwrap(),
    )
}

/// Without credentials it checks a sandbox: a running one, or one that it starts.
#[test]
fn the_program_checks_the_sandbox() {
    let (code, said) = doctor("doctor-own", &[("SANDBOX_BIND", "127.0.0.1:0")], false);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("ok     redirect_url_discovery") && !said.contains("WRONG"),
        "{said}"
    );

    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .to_string();
    let mut running = Running::start(
        APP,
        &directory("doctor-running", ""),
        &[("BIND", "127.0.0.1:0"), ("SANDBOX_BIND", &free)],
        "the sandbox",
    );
    // The redirect URLs of another app are not registered there.
    let env = [
        ("SANDBOX_BIND", free.as_str()),
        ("APP_URL", "http://localhost:3999"),
    ];
    let (code, said) = doctor("doctor-other", &env, true);
    assert_eq!(code, Some(1), "{said}");
    let json: Value = serde_json::from_str(&said).unwrap();
    let checks = json["checks"].as_array().unwrap();
    let discovery = checks
        .iter()
        .find(|it| it["name"] == "redirect_url_discovery")
        .unwrap();
    assert_eq!(discovery["result"], "wrong");
    assert_eq!(running.stop(), Some(0));
}

/// A configuration that can't be used is reported first.
#[test]
fn the_program_checks_the_configuration() {
    let env = [("SESSION_MINUTES", "1"), ("STYTCH_SECRET", "half")];
    let (code, said) = doctor("doctor-configuration", &env, true);
    assert_eq!(code, Some(1), "{said}");
    let json: Value = serde_json::from_str(&said).unwrap();
    for check in json["checks"].as_array().unwrap() {
        assert_eq!(check["name"], "configuration");
        assert_eq!(check["result"], "wrong");
    }
    assert!(said.contains("SESSION_MINUTES"), "{said}");
}
