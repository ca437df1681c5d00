//! `--state`: the sandbox continues with its state, even after it was killed. Most tests run the program.
#![cfg(unix)]

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use reqwest::Method;
use reqwest::redirect::Policy;
use serde_json::{Value, json};
use stytch_sandbox::{Options, Sandbox, Seed, StateKeeper};

use super::control::good;
use super::lab::{Lab, Reply, text};
use super::passwords::{ADA, GOOD};

/// Longer than a save takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// An empty folder with this name.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("state")
        .join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// The program with a state file, which is killed on drop.
struct Program {
    child: Child,
    url: String,
    credentials: Value,
    http: reqwest::Client,
}

fn command(state: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stytch-sandbox"));
    command
        .env_clear()
        .env("RUST_LOG", "warn") // no line for each request
        .args(["--bind", "127.0.0.1:0", "--json", "--state"])
        .arg(state);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

impl Program {
    fn start(command: &mut Command) -> Self {
        let mut child = command.spawn().expect("the program runs");
        let mut line = String::new();
        let out = child.stdout.take().expect("its output");
        BufReader::new(out).read_line(&mut line).expect("a line");
        let credentials: Value = serde_json::from_str(&line).unwrap_or_else(|_| {
            let mut error = String::new();
            let _ = child
                .stderr
                .take()
                .expect("its errors")
                .read_to_string(&mut error);
            panic!("{error}")
        });
        let http = reqwest::Client::builder()
            .tls_certs_only([])
            .redirect(Policy::none());
        Self {
            child,
            url: text(&credentials["url"]),
            credentials,
            http: http.build().expect("a client"),
        }
    }

    async fn call(&self, method: Method, path: &str, body: Value) -> Reply {
        let request = self.http.request(method, format!("{}{path}", self.url));
        let [id, secret] = ["project_id", "secret"].map(|it| text(&self.credentials[it]));
        let request = request.basic_auth(id, Some(secret));
        Reply::send(if body.is_null() {
            request
        } else {
            request.json(&body)
        })
        .await
    }

    async fn post(&self, path: &str, body: Value) -> Reply {
        self.call(Method::POST, path, body).await
    }

    /// A GET of the program's project in the control API.
    async fn look(&self, what: &str) -> Value {
        let id = text(&self.credentials["project_id"]);
        let path = format!("_sandbox/projects/{id}/{what}");
        good(&self.call(Method::GET, &path, Value::Null).await)
    }

    async fn steer(&self, what: &str, body: Value) -> Value {
        let id = text(&self.credentials["project_id"]);
        good(
            &self
                .post(&format!("_sandbox/projects/{id}/{what}"), body)
                .await,
        )
    }

    /// The response of a login to an organization.
    async fn sign_in(&self, email: &str, organization: &str) -> Value {
        let approval = json!({ "flow": "oauth", "provider": "google", "email": email, "organization": organization });
        let token = self.steer("approve", approval).await["token"].clone();
        self.post("v1/b2b/oauth/authenticate", json!({ "oauth_token": token }))
            .await
            .ok()
    }

    fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args([signal, &pid]).status();
        assert!(sent.expect("kill runs").success());
    }

    /// Ends the program with this signal. Returns its exit status and its stderr output.
    fn end(mut self, signal: &str) -> (Option<i32>, String) {
        self.signal(signal);
        let status = self.child.wait().expect("it ends");
        let mut error = String::new();
        let mut stderr = self.child.stderr.take().expect("its errors");
        stderr.read_to_string(&mut error).expect("text");
        (status.code(), error)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until the file has this text.
async fn saved(file: &Path, text: &str) {
    let begun = Instant::now();
    while !fs::read_to_string(file).is_ok_and(|content| content.contains(text)) {
        assert!(begun.elapsed() < PATIENCE, "{text} is never saved");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The contents of the project, without the time.
async fn contents(program: &Program) -> Value {
    let mut state = program.look("state").await;
    state.as_object_mut().expect("an object").remove("now");
    state
}

/// Organizations, members, sessions with their JWTs, keys, sign-ins in progress, messages and other projects survive a
/// kill -9. The clock and faults do not.
#[tokio::test]
async fn everything_survives_a_kill() {
    let file = folder("kill").join("state.json");
    let program = Program::start(&mut command(&file));
    let before_rotation = program.sign_in(ADA, "acme").await;
    program.steer("keys/rotate", json!({})).await;
    let session = program.sign_in(ADA, "acme").await;
    let made = json!({ "organization_name": "Made", "organization_slug": "made" });
    program.post("v1/b2b/organizations", made).await.ok();
    program.sign_in("grace@acme.example", "acme").await;
    let link = json!({ "email_address": "frank@startup.example" });
    program
        .post("v1/b2b/magic_links/email/discovery/send", link)
        .await
        .ok();
    let migrate = json!({ "organization_id": "acme", "email_address": ADA, "hash_type": "sha_1", "hash": "fa806d5a4c7b70a93be4df6d445c000bd2d7025a" });
    program.post("v1/b2b/passwords/migrate", migrate).await.ok();
    let approval = json!({ "flow": "discovery_oauth", "provider": "google", "email": ADA });
    let under_way = program.steer("approve", approval).await["token"].clone();
    let other = json!({ "seed": { "organizations": [{ "slug": "other", "name": "Other" }] }, "locks": { "attempts": 2 }, "sms_prefixes": ["+49"], "rate_limits": false });
    let other = good(&program.post("_sandbox/projects", other).await);
    let inbox = program.look("inbox").await;
    let keys = format!(
        "v1/b2b/sessions/jwks/{}",
        text(&program.credentials["project_id"])
    );
    let jwks = program.call(Method::GET, &keys, Value::Null).await.ok()["keys"].clone();
    let hook = json!({ "url": "http://localhost:9/hook", "events": ["direct.member.create"] });
    program.steer("webhooks", hook).await;
    let webhooks = program.look("webhooks").await["webhooks"].clone();
    program.steer("auto_approve", json!({ "email": ADA })).await;
    // Not saved.
    program
        .steer(
            "faults",
            json!({ "path": "/v1/b2b/sessions/authenticate", "method": "POST", "kind": "empty" }),
        )
        .await;
    program
        .steer("clock", json!({ "advance_seconds": 600 }))
        .await;
    let before = contents(&program).await;
    saved(&file, &text(&other["project_id"])).await;
    saved(&file, &text(&under_way)).await;
    let sent_by = program.url.clone();
    let (status, _) = program.end("-KILL");
    assert_eq!(status, None, "killed");

    let program = Program::start(&mut command(&file));
    assert_eq!(contents(&program).await, before);
    assert_eq!(program.look("faults").await["faults"], json!([]));
    assert_eq!(program.look("webhooks").await["webhooks"], webhooks);
    assert_eq!(program.look("auto_approve").await["email"], ADA);
    for session in [&before_rotation, &session] {
        for kind in ["session_token", "session_jwt"] {
            let answer = program
                .post(
                    "v1/b2b/sessions/authenticate",
                    json!({ kind: session[kind] }),
                )
                .await
                .ok();
            assert_eq!(
                answer["member_session"]["member_session_id"],
                session["member_session"]["member_session_id"]
            );
        }
    }
    let again = program.call(Method::GET, &keys, Value::Null).await.ok()["keys"].clone();
    assert_eq!(again, jwks);
    let messages = program.look("inbox").await["messages"].clone();
    assert_eq!(messages[0]["id"], inbox["messages"][0]["id"]);
    let link = text(&messages[0]["link"]);
    assert!(
        link.starts_with(&sent_by),
        "the host of the call that sent it: {link}"
    );
    let password = json!({ "organization_id": "acme", "email_address": ADA, "password": GOOD });
    program
        .post("v1/b2b/passwords/authenticate", password)
        .await
        .ok();
    let body = json!({ "discovery_oauth_token": under_way });
    program
        .post("v1/b2b/oauth/discovery/authenticate", body.clone())
        .await
        .ok();
    program
        .post("v1/b2b/oauth/discovery/authenticate", body)
        .await
        .is_error(400, "oauth_token_not_found");
    resets(&program, &other).await;
}

/// Both projects can be reset to their own seeds, and keep their credentials.
async fn resets(program: &Program, other: &Value) {
    let id = text(&other["project_id"]);
    let reset = format!("_sandbox/projects/{id}/reset");
    good(&program.post(&reset, json!({})).await);
    let organization = format!("{}v1/b2b/organizations/other", program.url);
    let request = program.http.get(organization);
    let request = request.basic_auth(&id, Some(text(&other["secret"])));
    Reply::send(request).await.ok();
    let state = format!("_sandbox/projects/{id}/state");
    let state = good(&program.call(Method::GET, &state, Value::Null).await);
    assert_eq!(state["locks"]["attempts"], 2);
    program.steer("reset", json!({})).await;
    let organizations = program.look("state").await["organizations"].clone();
    assert_eq!(organizations.as_array().map(Vec::len), Some(6));
}

/// A change just before the end is saved, and a removed project stays removed.
#[tokio::test]
async fn the_state_is_saved_at_the_end() {
    let file = folder("end").join("state.json");
    let program = Program::start(&mut command(&file));
    let other = good(
        &program
            .post("_sandbox/projects", json!({ "seed": "empty" }))
            .await,
    );
    saved(&file, &text(&other["project_id"])).await;
    let session = program.sign_in(ADA, "acme").await;
    saved(&file, &text(&session["session_token"])).await;
    let id = text(&other["project_id"]);
    good(
        &program
            .call(
                Method::DELETE,
                &format!("_sandbox/projects/{id}"),
                Value::Null,
            )
            .await,
    );
    let (status, error) = program.end("-TERM");
    assert_eq!((status, error.as_str()), (Some(0), ""));
    assert!(!fs::read_to_string(&file).expect("the file").contains(&id));

    let program = Program::start(&mut command(&file));
    let body = json!({ "session_token": session["session_token"] });
    program
        .post("v1/b2b/sessions/authenticate", body)
        .await
        .ok();
    let projects = good(
        &program
            .call(Method::GET, "_sandbox/projects", Value::Null)
            .await,
    );
    assert_eq!(projects["projects"].as_array().map(Vec::len), Some(1));
    let names = fs::read_dir(file.parent().expect("a folder")).expect("a folder");
    assert_eq!(names.count(), 1, "nothing is left over");
}

/// This applies even if the file had another mode. A symbolic link stays a link.
#[tokio::test]
async fn only_its_owner_can_read_it() {
    let folder = folder("mode");
    let file = folder.join("real.json");
    fs::write(&file, "").expect("an empty file");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("a mode");
    // The leftover of a killed process.
    fs::write(folder.join("real.json.new"), "half").expect("a file");
    let link = folder.join("link.json");
    symlink(&file, &link).expect("a link");
    let program = Program::start(&mut command(&link));
    let mode = || fs::metadata(&file).expect("the file").mode() & 0o777;
    assert_eq!(mode(), 0o600);
    let before = fs::metadata(&file).expect("the file").ino();
    let session = program.sign_in(ADA, "acme").await;
    saved(&file, &text(&session["session_token"])).await;
    assert_eq!(mode(), 0o600);
    assert_ne!(
        fs::metadata(&file).expect("the file").ino(),
        before,
        "replaced as a whole"
    );
    assert!(fs::symlink_metadata(&link).expect("the link").is_symlink());
    // The same applies to a renamed file.
    program.end("-TERM");
    fs::write(&file, "damaged").expect("a file");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("a mode");
    Program::start(&mut command(&file)).end("-TERM");
    let old = fs::metadata(folder.join("real.json.old")).expect("the old file");
    assert_eq!(old.mode() & 0o777, 0o600);
}

/// Two sandboxes with one file would overwrite each other's changes. This holds after the file was replaced, and only
/// while the first one runs.
#[tokio::test]
async fn one_sandbox_at_a_time_uses_the_file() {
    let file = folder("lock").join("state.json");
    let program = Program::start(&mut command(&file));
    let session = program.sign_in(ADA, "acme").await;
    saved(&file, &text(&session["session_token"])).await;
    let second = command(&file).output().expect("the program runs");
    let error = String::from_utf8_lossy(&second.stderr).into_owned();
    assert_eq!(second.status.code(), Some(2), "{error}");
    assert!(
        error.contains("is in use by another sandbox") && error.contains("state.json"),
        "{error}"
    );
    assert!(second.stdout.is_empty());
    let content = fs::read_to_string(&file).expect("the file");
    assert!(
        content.contains(&text(&session["session_token"])),
        "untouched"
    );
    let flock = File::open(&file).expect("the file");
    assert!(flock.try_lock().is_err(), "the file itself is locked");
    drop(flock);
    program.end("-KILL");
    Program::start(&mut command(&file));
}

/// The file is kept under another name, and a warning is printed.
#[tokio::test]
async fn an_unusable_file_is_renamed() {
    let folder = folder("damaged");
    let file = folder.join("state.json");
    Program::start(&mut command(&file)).end("-TERM");
    let good = fs::read_to_string(&file).expect("the file");
    let seed = folder.join("seed.json");
    fs::write(
        &seed,
        r#"{"organizations": [{"slug": "seeded", "name": "S"}]}"#,
    )
    .expect("a file");
    let version = env!("CARGO_PKG_VERSION");
    let half = &good[..good.len() / 2];
    let other_version = good.replace(
        &format!(r#""stytch_sandbox":"{version}""#),
        r#""stytch_sandbox":"99.0.0""#,
    );
    let unknown = good.replace(r#""google_consents""#, r#""yahoo_consents""#);
    let wrong_key = good
        .replacen(r#""kid":""#, r#""kid":"x"#, 1)
        .replace("-----BEGIN", "-----");
    assert_ne!(other_version, good);
    assert_ne!(unknown, good);
    for (number, (content, reason)) in [
        ("not JSON", "it is damaged"),
        (half, "it is damaged"),
        (&other_version, "version 99.0.0 of the sandbox wrote it"),
        (&unknown, "it is damaged (unknown field"),
        (&wrong_key, "it is damaged"),
    ]
    .into_iter()
    .enumerate()
    {
        fs::write(&file, content).expect("a file");
        let program = Program::start(&mut command(&file));
        assert_eq!(
            program.look("state").await["organizations"]
                .as_array()
                .map(Vec::len),
            Some(6)
        );
        let (status, error) = program.end("-TERM");
        assert_eq!(status, Some(0));
        let suffix = if number == 0 {
            ".old".to_owned()
        } else {
            format!(".old-{}", number + 1)
        };
        let old = folder.join(format!("state.json{suffix}"));
        assert!(error.starts_with("warning: the state file "), "{error}");
        assert!(
            error.contains(reason) && error.contains(&*old.to_string_lossy()),
            "{error}"
        );
        assert_eq!(
            fs::read_to_string(old).expect("the old file"),
            content,
            "nothing is lost"
        );
    }
    // The same file with another seed, which then continues with the new state.
    let seeded = || {
        let mut command = command(&file);
        command.env("SANDBOX_SEED", &seed);
        command
    };
    let program = Program::start(&mut seeded());
    let made = json!({ "organization_name": "Made", "organization_slug": "made" });
    program.post("v1/b2b/organizations", made).await.ok();
    let (_, error) = program.end("-TERM");
    assert!(error.contains("it began with another seed"), "{error}");
    let program = Program::start(&mut seeded());
    let organizations = program.look("state").await["organizations"].clone();
    assert_eq!(
        organizations.as_array().map(Vec::len),
        Some(2),
        "the state takes precedence over the seed"
    );
    let (_, error) = program.end("-TERM");
    assert_eq!(error, "");
}

/// The error is reported at the start.
#[tokio::test]
async fn an_unusable_path_is_refused_at_the_start() {
    let folder = folder("place");
    for (place, reason) in [
        (folder.clone(), "it is not a regular file"),
        (PathBuf::from("/dev/null"), "it is not a regular file"),
        (
            folder.join("missing/state.json"),
            "No such file or directory",
        ),
    ] {
        let ended = command(&place).output().expect("the program runs");
        let error = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert_eq!(ended.status.code(), Some(2), "{error}");
        assert!(
            error.contains(reason) && error.contains(&*place.to_string_lossy()),
            "{error}"
        );
        assert_eq!(error.lines().count(), 1, "{error}");
    }
    let mut off = command(Path::new("off"));
    Program::start(off.current_dir(&folder));
    assert_eq!(
        fs::read_dir(&folder).expect("a folder").count(),
        0,
        "nothing is saved"
    );
}

fn kept(app_url: &str, file: &Path) -> (Lab, StateKeeper) {
    let options = Options {
        app_url: app_url.to_owned(),
        seed: Seed::Empty,
        ..Options::default()
    };
    let (sandbox, keeper) = Sandbox::with_state(options, file).expect("a state file");
    let lab = Lab {
        world: sandbox.world(),
        sandbox,
        url: String::new(),
        http: reqwest::Client::builder()
            .tls_certs_only([])
            .build()
            .expect("a client"),
    };
    (lab, keeper)
}

/// `APP_URL` is not part of the state.
#[tokio::test]
async fn a_new_app_url_takes_effect() {
    let file = folder("app-url").join("state.json");
    drop(kept("http://localhost:3000", &file));
    let (lab, keeper) = kept("http://localhost:4000", &file);
    assert_eq!(
        lab.world.redirect_urls().login,
        ["http://localhost:4000/authenticate"]
    );
    lab.world.reset();
    assert_eq!(
        lab.world.redirect_urls().login,
        ["http://localhost:4000/authenticate"]
    );
    assert!(keeper.warning().is_none());
    drop(keeper);
    let (lab, _keeper) = kept("http://localhost:4000", &file);
    assert_eq!(
        lab.world.redirect_urls().login,
        ["http://localhost:4000/authenticate"]
    );
}

/// If the folder is deleted, the sandbox continues, and saves its changes as soon as possible.
#[tokio::test]
async fn a_failed_save_is_retried() {
    let folder = folder("gone");
    let file = folder.join("state.json");
    let (lab, keeper) = kept("http://localhost:3000", &file);
    fs::remove_dir_all(&folder).expect("gone");
    lab.world
        .add_organization(json!({ "name": "One", "slug": "while-gone" }));
    assert!(lab.world.state()["organizations"][0].is_object());
    fs::create_dir_all(&folder).expect("back");
    saved(&file, "while-gone").await;
    drop(keeper);
}
