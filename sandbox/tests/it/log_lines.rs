//! The program's log: one line for each request, with the reason why a token did not work, and without secrets.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

/// The program with its log, and the JSON line that it printed.
struct Program {
    child: Child,
    log: BufReader<std::process::ChildStderr>,
    line: Value,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Program {
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_stytch-sandbox"))
            .args(["--json", "--bind", "127.0.0.1:0"])
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program runs");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output"))
            .read_line(&mut line)
            .expect("a first line");
        let log = BufReader::new(child.stderr.take().expect("its log"));
        Self {
            child,
            log,
            line: serde_json::from_str(&line).expect("JSON"),
        }
    }

    fn field(&self, name: &str) -> &str {
        self.line[name].as_str().expect("a text")
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let client = reqwest::Client::builder()
            .tls_certs_only([])
            .redirect(reqwest::redirect::Policy::none())
            .build();
        let url = format!("{}{}", self.field("url"), path.trim_start_matches('/'));
        client.expect("a client").request(method, url)
    }

    /// Sends the request, and returns its log line and the response.
    async fn logged(&mut self, request: RequestBuilder) -> (String, Value) {
        let reply = request.send().await.expect("an answer");
        let reply = reply.text().await.expect("a text");
        let mut line = String::new();
        self.log.read_line(&mut line).expect("a line");
        (line, serde_json::from_str(&reply).unwrap_or_default())
    }
}

#[track_caller]
fn has(line: &str, fields: &[&str]) {
    assert!(
        line.contains(" INFO stytch_sandbox::server::request_log: sandbox: request"),
        "{line}"
    );
    assert!(line.contains(" duration_ms="), "{line}");
    assert!(!line.contains('\u{1b}'), "no terminal, no colors: {line}");
    for field in fields {
        assert!(line.contains(field), "{field} in {line}");
    }
}

/// This includes pages, redirects, the control API, and all kinds of errors.
#[tokio::test]
async fn each_request_is_logged_in_one_line() {
    let mut program = Program::start();
    let (id, secret) = (
        program.field("project_id").to_owned(),
        program.field("secret").to_owned(),
    );
    let public_token = program.field("public_token").to_owned();
    let project = format!("project_id={id}");
    let start = "/v1/b2b/public/oauth/google/discovery/start";
    let state = format!("/_sandbox/projects/{id}/state?x=1");
    for (method, path, credentials, fields) in [
        (
            Method::GET,
            "/_sandbox/health".to_owned(),
            None,
            vec!["path=/_sandbox/health", "status=200"],
        ),
        (
            Method::GET,
            format!("{start}?public_token={public_token}"),
            None,
            vec!["status=302", &project, start],
        ),
        (
            Method::GET,
            start.to_owned(),
            None,
            vec!["status=400", "error_type=public_token_required"],
        ),
        (
            Method::GET,
            state,
            None,
            vec!["status=400", "error_type=sandbox_bad_request", &project],
        ),
        (
            Method::GET,
            "/nowhere".to_owned(),
            None,
            vec!["status=404", "error_type=route_not_found"],
        ),
        (
            Method::DELETE,
            "/_sandbox/health".to_owned(),
            None,
            vec!["method=DELETE", "status=405"],
        ),
        (
            Method::GET,
            "/v1/b2b/organizations/acme".to_owned(),
            Some("secret-test-wrong"),
            vec![
                "status=401",
                "error_type=unauthorized_credentials",
                &project,
            ],
        ),
        (
            Method::GET,
            "/v1/b2b/organizations/acme".to_owned(),
            Some(secret.as_str()),
            vec![
                "method=GET",
                "path=/v1/b2b/organizations/acme",
                "status=200",
                &project,
            ],
        ),
    ] {
        let request = program.request(method, &path);
        let request = match credentials {
            Some(secret) => request.basic_auth(&id, Some(secret)),
            None => request,
        };
        let (line, _) = program.logged(request).await;
        has(&line, &fields);
        assert!(!line.contains('?'), "no query: {line}");
        assert!(!line.contains("secret-test-"), "{line}");
    }
    let host = program
        .request(Method::GET, "/")
        .header("host", "evil.example");
    has(&program.logged(host).await.0, &["status=421"]);
    let long = program.request(Method::GET, &format!("/{}", "a".repeat(9_000)));
    let (line, _) = program.logged(long).await;
    has(&line, &["status=414"]);
    assert!(line.len() < 1_000, "{}", line.len());
    let strange = Method::from_bytes(b"FROBNICATE").expect("a method");
    let strange = program.request(strange, "/_sandbox/health");
    has(
        &program.logged(strange).await.0,
        &["method=other", "status=405"],
    );
}

#[tokio::test]
async fn a_token_that_does_not_work_is_explained() {
    let mut program = Program::start();
    let (id, secret) = (
        program.field("project_id").to_owned(),
        program.field("secret").to_owned(),
    );
    let approve = program
        .request(Method::POST, &format!("/_sandbox/projects/{id}/approve"))
        .json(&json!({ "flow": "oauth", "provider": "google", "email": "ada@acme.example", "organization": "acme" }));
    let (_, approved) = program.logged(approve).await;
    let token = approved["token"].as_str().expect("a token");
    let mut ids = Vec::new();
    for (status, explained) in [("status=200", false), ("status=400", true)] {
        let call = program.request(Method::POST, "/v1/b2b/oauth/authenticate");
        let call = call
            .basic_auth(&id, Some(&secret))
            .json(&json!({ "oauth_token": token }));
        let (line, answer) = program.logged(call).await;
        has(&line, &[status]);
        assert_eq!(line.contains("tokens="), explained, "{line}");
        if explained {
            let first: &String = &ids[0];
            has(
                &line,
                &[
                    "oauth_token was used at ",
                    " by POST /v1/b2b/oauth/authenticate",
                    first,
                ],
            );
        }
        assert!(!line.contains(token), "{line}");
        ids.push(answer["request_id"].as_str().expect("an id").to_owned());
    }
}
