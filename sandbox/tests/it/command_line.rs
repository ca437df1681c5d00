//! The options of `stytch-sandbox`.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use serde_json::Value;
use stytch_sandbox::Seed;

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stytch-sandbox"));
    command.env_clear().stdin(Stdio::null());
    command
}

/// Maximum time for the program to end or to print something.
const PATIENCE: Duration = Duration::from_secs(30);

/// Runs the program and returns its exit code, output and error output. Fails if the program does not end.
fn ended(command: &mut Command) -> (Option<i32>, String, String) {
    let pipes = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = Running(pipes.spawn().expect("the program runs"), String::new());
    let output = whole(running.0.stdout.take().expect("its output"));
    let error = whole(running.0.stderr.take().expect("its errors"));
    let text = |pipe: Receiver<Vec<u8>>| {
        let bytes = pipe.recv_timeout(PATIENCE).expect("the program ends");
        String::from_utf8(bytes).expect("UTF-8")
    };
    let (output, error) = (text(output), text(error));
    let status = running.0.wait().expect("its status");
    (status.code(), output, error)
}

/// Everything from a pipe, once its other end is closed.
fn whole(mut pipe: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.read_to_end(&mut bytes);
        send.send(bytes)
    });
    receive
}

/// The first line from a pipe.
fn first_line(pipe: impl Read + Send + 'static) -> String {
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        let _ = BufReader::new(pipe).read_line(&mut line);
        send.send(line)
    });
    receive.recv_timeout(PATIENCE).expect("a line")
}

/// A seed file in the build folder, which is deleted at the end.
struct File(PathBuf);

impl File {
    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn file(name: &str, text: &str) -> File {
    let name = format!("{}-{name}", std::process::id());
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).expect("it is written");
    File(path)
}

/// A running program, which is killed at the end.
struct Running(Child, String);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn running(command: &mut Command) -> Running {
    let child = command.stdout(Stdio::piped()).spawn();
    let mut running = Running(child.expect("the program runs"), String::new());
    let first = first_line(running.0.stdout.take().expect("its output"));
    first.trim_end().clone_into(&mut running.1);
    running
}

#[test]
fn the_printed_seed_is_valid() {
    let (code, printed, error) = ended(program().arg("--print-seed"));
    assert_eq!((code, error.as_str()), (Some(0), ""));
    assert_eq!(printed, Seed::PRINTED);
    let file = file("cast.toml", &printed);
    let (code, out, error) = ended(program().arg("--validate-seed").arg(file.path()));
    assert_eq!((code, error.as_str()), (Some(0), ""));
    assert!(out.ends_with(" is valid.\n"), "{out}");
}

/// Windows editors and shells write it.
#[test]
fn a_byte_order_mark_in_a_seed_is_ignored() {
    for (name, text) in [
        ("bom.toml", Seed::PRINTED),
        ("bom.json", "{\"people\": []}"),
    ] {
        let file = file(name, &format!("\u{feff}{text}"));
        let (code, out, error) = ended(program().arg("--validate-seed").arg(file.path()));
        assert_eq!((code, error.as_str()), (Some(0), ""));
        assert!(out.ends_with(" is valid.\n"), "{out}");
    }
    let utf_16 = file("utf-16.toml", "");
    let bytes = "\u{feff}people = []"
        .encode_utf16()
        .flat_map(u16::to_le_bytes);
    std::fs::write(utf_16.path(), bytes.collect::<Vec<u8>>()).expect("it is written");
    let (code, out, error) = ended(program().arg("--validate-seed").arg(utf_16.path()));
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(error.contains("perhaps in UTF-16"), "{error}");
    assert_eq!(error.lines().count(), 1);
}

#[test]
fn mistakes_in_a_seed_are_reported_with_line_numbers() {
    let bad = file(
        "bad.json",
        "{\n\"people\": [{ \"name\": \"A\" }],\n\"teams\": []\n}",
    );
    let path = bad.path().display().to_string();
    for (name, value) in [
        ("--validate-seed", "SANDBOX_BIND"),
        ("--seed", "SANDBOX_BIND"),
    ] {
        let (code, out, error) = ended(program().args([name, &path]).env(value, "127.0.0.1:0"));
        assert_eq!((code, out.as_str()), (Some(2), ""));
        assert!(error.starts_with("error: the seed "), "{error}");
        assert!(
            error.contains("\n  line 2: people[0].email must be "),
            "{error}"
        );
        assert!(error.contains("\n  line 3: teams must be "), "{error}");
    }
    let (code, _, error) = ended(program().env("SANDBOX_SEED", "nowhere.toml"));
    assert_eq!(code, Some(2));
    assert!(
        error.contains("SANDBOX_SEED") && error.contains("nowhere.toml"),
        "{error}"
    );
    assert_eq!(error.lines().count(), 1);
}

#[test]
fn the_version_is_printed() {
    for argument in ["--version", "-V"] {
        let (code, out, error) = ended(program().arg(argument));
        let version = concat!("stytch-sandbox ", env!("CARGO_PKG_VERSION"), "\n");
        assert_eq!((code, out.as_str(), error.as_str()), (Some(0), version, ""));
    }
}

/// After `| head`, the rest of the output is lost, and nothing else happens.
#[test]
fn a_closed_pipe_is_not_an_error() {
    for (argument, code) in [
        ("--help", 0),
        ("--version", 0),
        ("--print-seed", 0),
        ("--frobnicate", 2),
        ("--bind=nowhere", 2),
    ] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let mut command = program();
        command
            .arg(argument)
            .stdout(writer.try_clone().expect("a clone"));
        if code == 0 {
            let (ended, _, error) = ended(&mut command);
            assert_eq!((ended, error.as_str()), (Some(0), ""), "{argument}");
        } else {
            let status = command.stderr(writer).status().expect("the program runs");
            assert_eq!(status.code(), Some(code), "{argument}");
        }
    }
}

/// They have clap's format: the error, and then the usage.
#[test]
fn errors_are_followed_by_the_usage() {
    for (arguments, reason) in [
        (
            &["--seed"][..],
            "a value is required for '--seed <FILE>' but none was supplied",
        ),
        (
            &["--seed="],
            "a value is required for '--seed <FILE>' but none was supplied",
        ),
        (
            &["--bind", "--json"],
            "a value is required for '--bind <ADDRESS>' but none was supplied",
        ),
        (
            &["--json=yes"],
            "unexpected value 'yes' for '--json' found; no more were expected",
        ),
        (
            &["--frobnicate"],
            "unexpected argument '--frobnicate' found",
        ),
        (&["-x"], "unexpected argument '-x' found"),
        (&["serve"], "unexpected argument 'serve' found"),
        (
            &["--allow-host", "http://x"],
            "is not a host name without scheme and port",
        ),
        (
            &["--allow-host", "x:80"],
            "is not a host name without scheme and port",
        ),
        (
            &["--public-url"],
            "a value is required for '--public-url <URL>' but none was supplied",
        ),
        (&["--allow-host", "test.stytch.com"], "real Stytch"),
        (
            &["--redirect-url", "localhost:3000/in"],
            "invalid value 'localhost:3000/in' for '--redirect-url <URL>'",
        ),
        (&["--allow-host", "STYTCH.com"], "real Stytch"),
    ] {
        let (code, out, error) = ended(program().args(arguments));
        assert_eq!((code, out.as_str()), (Some(2), ""), "{arguments:?}");
        let (mistake, usage) = error.split_once("\n\n").expect("an error and the usage");
        assert!(
            mistake.starts_with("error: ") && mistake.contains(reason),
            "{error}"
        );
        assert_eq!(mistake.lines().count(), 1, "{error}");
        assert!(
            usage.starts_with("Usage: stytch-sandbox [OPTIONS]\n"),
            "{error}"
        );
    }
}

#[test]
fn an_invalid_address_is_an_error_of_one_line() {
    for (address, reason) in [("nowhere", "--bind nowhere"), ("0.0.0.0:0", "--allow-host")] {
        let (code, out, error) = ended(program().args(["--bind", address]));
        assert_eq!((code, out.as_str()), (Some(2), ""), "{address}");
        assert!(
            error.starts_with("error: ") && error.contains(reason),
            "{error}"
        );
        assert_eq!(error.lines().count(), 1, "{error}");
    }
}

/// With `--json`, the line is JSON with the address that was chosen for port 0.
#[tokio::test]
async fn options_override_the_environment_and_json_is_one_line() {
    let good = file(
        "one.toml",
        "[[organizations]]\nslug = \"only-one\"\nname = \"Only\"\n",
    );
    let path = good.path().display().to_string();
    let running = running(
        program()
            .args(["--json", "--bind=127.0.0.1:0", "--seed", &path])
            .env("SANDBOX_BIND", "nonsense")
            .env("SANDBOX_SEED", "nowhere.toml"),
    );
    let line: Value = serde_json::from_str(&running.1).expect("JSON");
    assert_eq!(line.as_object().map(serde_json::Map::len), Some(4));
    let (url, id) = (
        line["url"].as_str().expect("a URL"),
        line["project_id"].as_str().expect("an id"),
    );
    assert!(
        !url.ends_with(":0/") && url.starts_with("http://127.0.0.1:"),
        "{url}"
    );
    let state = reqwest::get(format!("{url}_sandbox/projects/{id}/state"))
        .await
        .expect("an answer");
    let state: Value = serde_json::from_str(&state.text().await.expect("text")).expect("JSON");
    assert_eq!(state["organizations"][0]["organization_slug"], "only-one");
    assert_eq!(
        state["redirect_urls"]["discovery"],
        serde_json::json!([
            "http://localhost:3000/authenticate",
            "http://localhost:3000/discovery"
        ])
    );
}

/// They apply to every type, and the first one is the default.
#[tokio::test]
async fn redirect_url_options_replace_those_of_the_app_and_the_seed() {
    let seed = file(
        "urls.toml",
        "[redirect_urls]\nlogin = [\"http://localhost:1/in\"]\n",
    );
    let path = seed.path().display().to_string();
    let urls = ["http://localhost:5173/callback", "myapp://auth"];
    let running = running(program().args([
        "--json",
        "--bind=127.0.0.1:0",
        "--seed",
        &path,
        "--redirect-url",
        urls[0],
        "--redirect-url",
        urls[1],
    ]));
    let line: Value = serde_json::from_str(&running.1).expect("JSON");
    let (url, id) = (line["url"].as_str(), line["project_id"].as_str());
    let (url, id) = (url.expect("a URL"), id.expect("an id"));
    let state = reqwest::get(format!("{url}_sandbox/projects/{id}/state"))
        .await
        .expect("an answer");
    let state: Value = serde_json::from_str(&state.text().await.expect("text")).expect("JSON");
    for kind in ["login", "signup", "discovery", "invite", "reset_password"] {
        assert_eq!(
            state["redirect_urls"][kind],
            serde_json::json!(urls),
            "{kind}"
        );
    }
}

#[tokio::test]
async fn only_allowed_hosts_are_served() {
    let running = running(program().args([
        "--bind",
        "0.0.0.0:0",
        "--allow-host",
        "stytch-sandbox",
        "--allow-host",
        "Other.internal",
    ]));
    let url = running.1.rsplit_once(' ').expect("an address").1.to_owned();
    assert!(
        url.starts_with("http://127.0.0.1:"),
        "an address that can be opened: {url}"
    );
    let client = reqwest::Client::builder()
        .tls_certs_only([])
        .build()
        .expect("a client");
    for (host, status) in [
        ("stytch-sandbox:3100", 200),
        ("STYTCH-SANDBOX", 200),
        ("other.internal", 200),
        ("localhost", 200),
        ("evil.example", 421),
        ("x.stytch-sandbox", 421),
    ] {
        let request = client
            .get(format!("{url}/_sandbox/health"))
            .header("host", host);
        let reply = request.send().await.expect("an answer");
        assert_eq!(reply.status(), status, "{host}");
    }
}

/// Some clients try only one of localhost's addresses.
#[tokio::test]
async fn localhost_listens_on_both_loopback_addresses() {
    if std::net::TcpListener::bind("[::1]:0").is_err() {
        return; // a machine without IPv6
    }
    for (bind, url) in [
        ("localhost:0", "http://127.0.0.1:"),
        ("127.0.0.1:0", "http://127.0.0.1:"),
        ("[::1]:0", "http://[::1]:"),
    ] {
        let running = running(program().args(["--bind", bind]));
        let announced = running.1.rsplit_once(' ').expect("an address").1;
        let port = announced.strip_prefix(url).expect(url);
        for host in ["127.0.0.1", "[::1]", "localhost"] {
            let health = format!("http://{host}:{port}/_sandbox/health");
            let reply = reqwest::get(&health).await.expect("an answer");
            assert_eq!(reply.status(), 200, "{bind} {health}");
        }
        let other = running.1.replace("stytch-sandbox", "");
        assert!(!other.contains("0.0.0.0"), "{other}");
    }
}

/// With `localhost`, both addresses must be free. With a single address, the other family may be in use, which is a
/// warning.
#[tokio::test]
async fn an_address_in_use_is_an_error_or_a_warning() {
    let Ok(taken) = std::net::TcpListener::bind("[::1]:0") else {
        return; // a machine without IPv6
    };
    let port = taken.local_addr().expect("an address").port();
    let (code, _, error) = ended(program().args(["--bind", &format!("localhost:{port}")]));
    assert_eq!(code, Some(2));
    assert!(error.contains(&format!("Port {port} is in use")), "{error}");
    let mut command = program();
    command.args(["--bind", &format!("127.0.0.1:{port}")]);
    let mut running = running(command.stderr(Stdio::piped()));
    let health = format!("http://127.0.0.1:{port}/_sandbox/health");
    assert_eq!(
        reqwest::get(&health).await.expect("an answer").status(),
        200
    );
    let warning = first_line(running.0.stderr.take().expect("its errors"));
    assert!(
        warning.contains("another program listens on this address"),
        "{warning}"
    );
    assert!(warning.contains(&format!("[::1]:{port}")), "{warning}");
}

/// Such a filter would silence the log.
#[test]
fn a_misspelled_log_filter_is_refused() {
    for (filter, named) in [
        ("warning", Some("'warning'")),
        ("info,hyper=wran", Some("hyper=wran")),
        ("debug,hyper=off", None),
        ("stytch_sandbox", None),
    ] {
        let mut command = program();
        command.args(["--bind", "192.0.2.1:0", "--allow-host", "sandbox"]);
        let (code, _, said) = ended(command.env("RUST_LOG", filter));
        assert_eq!(code, Some(2), "{said}");
        let is_named = said.contains("neither a level nor a target");
        assert_eq!(is_named, named.is_some(), "{filter}: {said}");
        assert!(said.contains(named.unwrap_or("192.0.2.1")), "{said}");
    }
}

/// An invalid origin ends the program.
#[tokio::test]
async fn an_allowed_origin_can_use_the_browser_sdk() {
    let mut command = program();
    command
        .args(["--bind", "127.0.0.1:0"])
        .args(["--allow-origin", "https://App.example/"])
        .args(["--allow-origin", "http://app.internal:8080"]);
    let sandbox = running(&mut command);
    let (_, url) = sandbox.1.rsplit_once(' ').expect("an address");
    for (origin, status) in [
        ("https://app.example", 200),
        ("http://app.internal:8080", 200),
        ("https://other.example", 403),
    ] {
        let request = reqwest::Client::new()
            .post(format!("{url}/sdk/v1/events"))
            .header("origin", origin)
            .body("[]");
        let reply = request.send().await.expect("an answer");
        assert_eq!(reply.status(), status, "{origin}");
    }
    for mistake in ["app.example", "*", "https://app.example/login"] {
        let (code, out, error) = ended(program().args(["--allow-origin", mistake]));
        assert_eq!((code, out.as_str()), (Some(2), ""), "{mistake}");
        assert!(
            error.contains(&format!("invalid value '{mistake}' for '--allow-origin"))
                && error.contains("https://app.example:8443"),
            "{error}"
        );
    }
}
