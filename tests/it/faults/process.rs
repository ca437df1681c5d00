//! The programs, as a person starts them.

use std::{
    io::{BufRead, BufReader, Lines, Read},
    net::TcpListener,
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
};

use serde_json::json;

use crate::support::{Browser, app::SEARCH};

pub(super) const APP: &str = env!("CARGO_BIN_EXE_stytch-b2b-axum");

pub(super) fn command(program: &str, directory: &Path, env: &[(&str, &str)]) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(directory)
        .env_clear()
        .envs(env.iter().copied());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A directory of its own, with this `.env`.
pub(super) fn directory(name: &str, dotenv: &str) -> std::path::PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&path).unwrap();
    std::fs::write(path.join(".env"), dotenv).unwrap();
    path
}

pub(super) fn refuses(program: &str, directory: &Path, env: &[(&str, &str)]) -> String {
    let output = command(program, directory, env).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    said
}

/// P7, P8: errors name the variable, and contain no secret.
#[test]
fn a_bad_configuration_exits_with_2() {
    let empty = directory("empty", "");
    let said = refuses(
        APP,
        &empty,
        &[("BIND", "0.0.0.0:0"), ("SESSION_MINUTES", "1")],
    );
    assert!(
        said.contains("BIND must be a loopback address") && said.contains("SESSION_MINUTES"),
        "{said}"
    );
    let said = refuses(APP, &empty, &[("APP_URL", "https://app.example")]);
    assert!(
        said.contains("the sandbox would let everybody in"),
        "{said}"
    );
    let half = directory(
        "half",
        "STYTCH_SECRET=secret-test-s3cr3ts3cr3t\nSESSION_MINUTES=5\nSESSION_MINUTES=6\n",
    );
    let said = refuses(APP, &half, &[]);
    assert!(
        said.contains("SESSION_MINUTES is set twice in .env") && !said.contains("s3cr3t"),
        "{said}"
    );
    let broken = directory("broken", "STYTCH_SECRET='secret-test-s3cr3t\n");
    let said = refuses(APP, &broken, &[]);
    assert!(
        said.contains("an invalid line after") && !said.contains("s3cr3t"),
        "{said}"
    );
    let utf_16: Vec<u8> = "\u{feff}STYTCH_SECRET=secret-test-s3cr3t\r\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let windows = directory("utf-16", "");
    std::fs::write(windows.join(".env"), utf_16).unwrap();
    let said = refuses(APP, &windows, &[]);
    assert!(said.contains(".env is in UTF-16: save it"), "{said}");
    let said = refuses(
        APP,
        &directory("crlf", "SESSION_MINUTES=5\r\nBIND=\"127.0.0.1:0\r\"\r\n"),
        &[],
    );
    assert!(
        said.contains("BIND begins or ends with a space, or contains a control character"),
        "{said}"
    );
}

/// P7: warnings are in the log, once each, and the app starts.
#[test]
fn warnings_are_logged() {
    let dotenv = "SESION_STORE=hunter2\nOAUTH_PROVIDERS=google\nRUST_LOG=off\n";
    let mut running = Running::start(
        APP,
        &directory("warnings", dotenv),
        &[
            ("BIND", "127.0.0.1:0"),
            ("SANDBOX_BIND", "127.0.0.1:0"),
            ("OAUTH_PROVIDERS", ""),
            ("RUST_LOG", ""),
            ("STYTCH_TOKEN", "hunter2"),
            ("SESSION_MANAGER", "local/desktop"),
        ],
        "the sandbox",
    );
    let warnings: Vec<&str> = running
        .said
        .lines()
        .filter(|line| line.contains("WARN"))
        .collect();
    assert_eq!(warnings.len(), 5, "{warnings:?}");
    for name in [
        "the app uses a sandbox instead of Stytch, so anyone who can reach the app can sign in as anyone",
        "OAUTH_PROVIDERS is empty",
        "RUST_LOG is empty",
        "SESION_STORE is set in .env",
        "STYTCH_TOKEN is set",
    ] {
        assert_eq!(running.said.matches(name).count(), 1, "{}", running.said);
    }
    assert!(!running.said.contains("hunter2"));
    assert_eq!(running.stop(), Some(0));
}

/// The program of a build without default features: no sandbox, and no Redis.
fn without_features() -> String {
    std::env::var("APP_WITHOUT_SANDBOX")
        .expect("APP_WITHOUT_SANDBOX names the binary: use tests/run")
}

/// P8: a build without the sandbox starts none, and says what is missing instead.
#[test]
#[ignore = "needs a build without the sandbox: tests/run"]
fn a_build_without_the_sandbox_starts_none() {
    let said = refuses(&without_features(), &directory("without", ""), &[]);
    for name in [
        "STYTCH_PROJECT_ID",
        "STYTCH_SECRET",
        "STYTCH_PUBLIC_TOKEN",
        "this build has no sandbox",
    ] {
        assert!(said.contains(name), "{said}");
    }
}

/// P7: a build without Redis does not store sessions in memory instead, and its refusal does not contain the password.
#[test]
#[ignore = "needs a build without Redis: tests/run"]
fn a_build_without_redis_refuses_its_url() {
    for url in [
        "redis://:hunter2@localhost",
        "rediss://localhost",
        "file:///x",
    ] {
        let empty = directory("without", "");
        let said = refuses(&without_features(), &empty, &[("SESSION_STORE", url)]);
        assert!(said.contains("SESSION_STORE must be memory"), "{said}");
        assert!(said.contains("--features redis"), "{said}");
        assert!(!said.contains("hunter2"), "{said}");
    }
}

#[test]
fn a_port_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let port = address.rsplit(':').next().unwrap();
    let empty = directory("port", "");
    let free = [("BIND", "127.0.0.1:0"), ("SANDBOX_BIND", address.as_str())];
    let both = [
        ("BIND", address.as_str()),
        ("APP_URL", "http://localhost:1"),
    ];
    for (env, variable) in [
        (&[("BIND", address.as_str())][..], "BIND"),
        (&both[..], "BIND"),
        (&free[..], "SANDBOX_BIND"),
    ] {
        let said = refuses(APP, &empty, env);
        assert_eq!(said.contains("APP_URL"), env == both, "{said}");
        assert!(
            said.contains(variable) && said.contains(port) && said.contains("in use"),
            "{said}"
        );
    }
}

/// P8: with credentials no sandbox starts, and the output says what to register.
#[test]
fn a_real_account_starts_no_sandbox() {
    let dotenv = "STYTCH_PROJECT_ID=project-test-11111111-1111-4111-8111-111111111111\n\
        STYTCH_SECRET=secret-test-s3cr3ts3cr3ts3cr3t\n\
        STYTCH_PUBLIC_TOKEN=public-token-test-22222222-2222-4222-8222-222222222222\n";
    let sandbox = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let bind = sandbox.to_string();
    let real = directory("real", dotenv);
    let mut running = Running::start(
        APP,
        &real,
        &[("BIND", "127.0.0.1:0"), ("SANDBOX_BIND", &bind)],
        "Login, Signup and Invite",
    );
    assert!(
        running
            .said
            .contains(&format!("{}/discovery       type Discovery", running.url())),
        "{}",
        running.said
    );
    assert!(running.said.contains("https://test.stytch.com") && !running.said.contains("s3cr3t"));
    assert!(
        std::net::TcpStream::connect(sandbox).is_err(),
        "no program listens there"
    );
    assert_eq!(running.stop(), Some(0));
}

/// The app's embedded sandbox accepts a seed, too, and an invalid one prevents the start.
#[test]
fn mistakes_in_the_seed_are_reported() {
    let folder = directory("seed", "");
    let bad = folder.join("app.toml");
    std::fs::write(&bad, "[[people]]\nname = \"A\"\nemail = \"a\"\n").unwrap();
    let free = [("BIND", "127.0.0.1:0"), ("SANDBOX_BIND", "127.0.0.1:0")];
    let mut app = command(APP, &folder, &free);
    let output = app.env("SANDBOX_SEED", &bad).output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
    assert!(
        error.starts_with("error: SANDBOX_SEED: ")
            && error.contains("line 3: people[0].email must be"),
        "{error}"
    );
}

/// P10: on a free port that the system chooses, the printed URL leads to the app, and sign-ins return to it.
#[tokio::test]
async fn the_printed_url_leads_to_the_app() {
    let free = [("BIND", "127.0.0.1:0"), ("SANDBOX_BIND", "127.0.0.1:0")];
    let mut running = Running::start(APP, &directory("both", ""), &free, "the sandbox");
    let url = running.url();
    let port = url.strip_prefix("http://localhost:").unwrap();
    assert!(
        running
            .said
            .contains(&format!("Listen  127.0.0.1:{port}\n")),
        "{}",
        running.said
    );
    assert!(
        port != "0" && running.said.matches("WARN").count() == 1,
        "{}",
        running.said
    );
    let mut browser = Browser::new(&url);
    browser.get("/").await;
    browser.go("Continue with Google").await;
    let page = browser.go("ada@acme.example").await;
    assert_eq!(page.path(), "/organizations", "{}", page.text());
    assert_eq!(running.stop(), Some(0));
}

/// P10: `APP_URL` names a port on which the app does not listen.
#[test]
fn a_url_that_leads_elsewhere_is_logged() {
    let other = TcpListener::bind("[::1]:0").unwrap();
    let port = other.local_addr().unwrap().port();
    let bind = format!("127.0.0.1:{port}");
    let app_url = format!("http://localhost:{port}");
    for (env, said) in [
        (
            [("BIND", "127.0.0.1:0"), ("APP_URL", "http://localhost:1")],
            "http://localhost:1 (APP_URL), but it listens on",
        ),
        (
            [("BIND", &bind), ("APP_URL", &app_url)],
            "another program listens on [::1]:",
        ),
    ] {
        let env = [env[0], env[1], ("SANDBOX_BIND", "127.0.0.1:0")];
        let mut running = Running::start(APP, &directory("elsewhere", ""), &env, "the sandbox");
        let mut warnings = running.said.lines().filter(|line| line.contains("WARN"));
        assert!(warnings.next().unwrap().contains("the app uses a sandbox"));
        let (Some(warning), None) = (warnings.next(), warnings.next()) else {
            panic!("{}", running.said);
        };
        assert!(warning.contains(said), "{warning}");
        assert_eq!(running.stop(), Some(0));
    }
}

/// P2: a SIGTERM while Stytch is slow. Readiness fails while the port is open, then new connections are refused, the
/// running sign-in completes, and the exit code is 0.
#[tokio::test]
async fn a_sigterm_completes_running_requests() {
    let free = || {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    };
    let (bind, sandbox) = (free(), free());
    let app = format!("http://localhost:{}", bind.port());
    let env = [
        ("BIND", bind.to_string()),
        ("APP_URL", app.clone()),
        ("SANDBOX_BIND", sandbox.to_string()),
    ];
    let env = env.each_ref().map(|(name, value)| (*name, value.as_str()));
    let mut running = Running::start(APP, &directory("sigterm", ""), &env, "the sandbox");
    let control = format!(
        "http://{sandbox}/_sandbox/projects/project-test-5a4db0c5-0000-4000-8000-000000000001"
    );
    let http = reqwest::Client::new();
    let hold = json!({"method": "POST", "path": SEARCH, "times": 1, "kind": "hold_after"});
    let added = http.post(format!("{control}/faults")).json(&hold);
    assert_eq!(added.send().await.unwrap().status(), 201);
    let request = http.get(format!("{app}/org/acme")).send();
    let request = tokio::spawn(request);
    loop {
        let calls = http.get(format!("{control}/calls")).send().await.unwrap();
        if calls.text().await.unwrap().contains(SEARCH) {
            break;
        }
    }
    running.signal("-TERM");
    // A new connection for each, as a prober opens.
    let ready = async || {
        let http = reqwest::Client::new();
        http.get(format!("{app}/health/ready")).send().await
    };
    let mut not_ready = false;
    while let Ok(response) = ready().await {
        assert!(!not_ready || response.status() == 503);
        not_ready = response.status() == 503;
    }
    assert!(not_ready, "readiness has failed");
    assert!(!request.is_finished());
    let let_go = http.delete(format!("{control}/faults"));
    assert_eq!(let_go.send().await.unwrap().status(), 200);
    let response = request.await.unwrap().unwrap();
    assert_eq!(response.status(), 200);
    assert!(response.text().await.unwrap().contains("Acme Corp"));
    assert_eq!(running.child.wait().unwrap().code(), Some(0));
}

pub(super) struct Running {
    child: Child,
    pub(super) said: String,
    /// Kept open, because a program blocks if its output is not read.
    _rest: Lines<BufReader<ChildStdout>>,
}

impl Running {
    pub(super) fn start(
        program: &str,
        directory: &Path,
        env: &[(&str, &str)],
        until: &str,
    ) -> Self {
        let mut child = command(program, directory, env).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut said = String::new();
        while !said.contains(until) {
            let Some(line) = lines.next() else {
                let mut error = String::new();
                child
                    .stderr
                    .take()
                    .unwrap()
                    .read_to_string(&mut error)
                    .unwrap();
                panic!("it ended: {said}{error}");
            };
            said += &line.unwrap();
            said += "\n";
        }
        Self {
            child,
            said,
            _rest: lines,
        }
    }

    /// The URL that the program prints.
    fn url(&self) -> String {
        let mut lines = self.said.lines();
        let url = lines.find_map(|line| line.trim().strip_prefix("Open    "));
        url.unwrap().to_owned()
    }

    /// Sends a SIGINT, as Ctrl-C does, because a SIGTERM would take longer.
    pub(super) fn stop(&mut self) -> Option<i32> {
        self.signal("-INT");
        self.child.wait().unwrap().code()
    }

    fn signal(&self, name: &str) {
        signal(&self.child, name);
    }
}

pub(super) fn signal(child: &Child, name: &str) {
    let id = child.id().to_string();
    Command::new("kill").args([name, &id]).status().unwrap();
}
