//! Compares the program as it is shipped with a bare axum route and, if `benches/peers/run` has installed them, with
//! the same page on Flask and Express. Each is a process of its own, and the figure is the processor time of a request.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use stytch_sandbox::{Approval, Flow, World};

use crate::{
    bare,
    lab::{free_port, sandbox},
    load::{Browser, all},
    median,
    program::Program,
    ratio,
    table::{Limit, Table},
};

const TURN: Duration = Duration::from_millis(500);
const TURNS: usize = 15;
const BROWSERS: usize = 16;

/// A request and the program that serves it.
struct Served<'a> {
    program: &'a Program,
    request: String,
}

pub async fn run(http: &reqwest::Client, table: &mut Table) {
    let app_port = port(&free_port());
    let (world, sandbox_port) = sandbox(format!("http://localhost:{app_port}"));
    let app = app(&world, app_port, sandbox_port);
    // The page shows when the visitor signed in, which must be the same for all.
    world.freeze_at(world.now());
    let cookie = sign_in(&app, http, &world).await;
    let page = page(&app, "/org/acme", &cookie);
    let html = ask(&page).await;
    fs::create_dir_all(folder()).expect("a folder");
    let bare_file = folder().join("page.html");
    fs::write(&bare_file, &html).expect("a file");
    let bare = bare_program(&bare_file);
    let bare = self::page(&bare, "/bare", "");
    let health = self::page(&app, "/health/live", "");

    let member: serde_json::Value =
        serde_json::from_str(&ask(&self::page(&app, "/member", &cookie)).await).expect("JSON");
    let peers = peers(&world, sandbox_port, &html);
    let mut served = vec![page, bare, health];
    for peer in &peers {
        let cookie = sign_in_to_peer(peer, &world).await;
        let page = self::page(peer, "/org/acme", &cookie);
        let ours = ask(&served[0]).await; // now, because it shows how much time has passed
        is_the_same(peer.name, &ask(&page).await, &ours, &member);
        served.push(page);
    }
    world.resume();
    world.clear_calls();
    let costs = in_turns(&served).await;
    // No program called Stytch: all check the JWT themselves, and fetched its key before.
    let calls = world.calls();
    assert!(calls.is_empty(), "{} calls to Stytch", calls.len());
    report(&served, &costs, table);
}

fn report(served: &[Served], costs: &[Vec<f64>], table: &mut Table) {
    let [page, bare, health] = [&costs[0], &costs[1], &costs[2]];
    let figure = |costs: &[f64]| format!("{:.1} µs", median(costs));
    // 60 µs and 20 µs where the bare route takes 10 µs.
    let to_bare = ratio(page, bare);
    let limit = Limit::at_most(to_bare, 6.0, "× bare").target("3.5");
    let words = format!("{to_bare:.1} × bare");
    table.add("the signed-in page", figure(page), &words, &limit);
    let to_bare = ratio(health, bare);
    let limit = Limit::at_most(to_bare, 2.0, "× bare");
    let words = format!("{to_bare:.1} × bare");
    table.add("`/health/live`", figure(health), &words, &limit);
    table.add("a bare axum route", figure(bare), "1", &Limit::None);
    for (peer, costs) in served.iter().zip(costs).skip(3) {
        let name = peer.program.name;
        let (least, target) = if name == "Flask" {
            (60.0, "100")
        } else {
            (10.0, "16")
        };
        let ratio = ratio(costs, page);
        table.add(
            &format!("the same page on {name}"),
            figure(costs),
            &format!("{ratio:.1} × our page"),
            &Limit::at_least(ratio, least, "×").target(target),
        );
    }
    if served.len() == 3 {
        println!("Flask and Express are compared by benches/peers/run.");
    }
}

/// The folder in which the peers are installed, or else a folder of this bench's own.
fn folder() -> PathBuf {
    installed().unwrap_or_else(|| Path::new(env!("CARGO_TARGET_TMPDIR")).join("peers"))
}

fn installed() -> Option<PathBuf> {
    std::env::var_os("PEERS").map(PathBuf::from)
}

fn port(listener: &TcpListener) -> u16 {
    listener.local_addr().expect("an address").port()
}

fn app(world: &World, port: u16, sandbox_port: u16) -> Program {
    let own = world.credentials();
    let mut command = Command::new(env!("CARGO_BIN_EXE_stytch-b2b-axum"));
    command
        .env("BIND", format!("127.0.0.1:{port}"))
        .env("APP_URL", format!("http://localhost:{port}"))
        .env("SESSION_STORE", "memory")
        .env("RUST_LOG", "info")
        .env(
            "STYTCH_BASE_URL",
            format!("http://127.0.0.1:{sandbox_port}"),
        )
        .env("STYTCH_PROJECT_ID", &own.project_id)
        .env("STYTCH_SECRET", &own.secret)
        .env("STYTCH_PUBLIC_TOKEN", &own.public_token);
    Program::start("stytch-b2b-axum", port, &mut command)
}

fn bare_program(file: &Path) -> Program {
    let port = port(&free_port());
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.arg("bare").arg(port.to_string()).arg(file);
    Program::start("bare", port, &mut command)
}

/// Serves a file at `/bare` and nothing else, until the process ends.
pub fn serve_bare(port: &str, file: &str) {
    let page = fs::read(file).expect("a page");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime
        .block_on(async {
            let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}"))
                .await
                .expect("a free port");
            axum::serve(listener, bare(page.into())).await
        })
        .expect("no error");
}

/// `html` is a page of the app, with the URLs of its files.
fn peers(world: &World, sandbox_port: u16, html: &str) -> Vec<Program> {
    let Some(folder) = installed() else {
        return Vec::new();
    };
    let file = |rel: &str| {
        let link = html.split_once(&format!("<link rel=\"{rel}\" href=\""));
        let (_, link) = link.expect("a link");
        link.split('"').next().unwrap_or_default().to_owned()
    };
    let own = world.credentials();
    let start = |name, program: PathBuf, arguments: &dyn Fn(u16) -> Vec<String>| {
        let port = port(&free_port());
        let mut command = Command::new(program);
        command
            .args(arguments(port))
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peers"))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("NODE_ENV", "production")
            .env("NODE_PATH", folder.join("node_modules"))
            .env("STYLES_URL", file("stylesheet"))
            .env("FAVICON_URL", file("icon"))
            .env("PORT", port.to_string())
            .env(
                "STYTCH_BASE_URL",
                format!("http://127.0.0.1:{sandbox_port}"),
            )
            .env("STYTCH_PROJECT_ID", &own.project_id)
            .env("STYTCH_SECRET", &own.secret);
        Program::start(name, port, &mut command)
    };
    // One worker, because it keeps the sessions in its memory, and threads that keep connections open.
    let gunicorn = |port| {
        let bind = format!("127.0.0.1:{port}");
        let words = [
            "--bind",
            &bind,
            "--workers",
            "1",
            "--threads",
            "4",
            "--keep-alive",
            "60",
        ];
        let more = ["--access-logfile", "-", "flask_app:app"];
        words.into_iter().chain(more).map(str::to_owned).collect()
    };
    let express = |_| vec!["express_app.cjs".to_owned()];
    vec![
        start("Flask", folder.join("venv/bin/gunicorn"), &gunicorn),
        start("Express", "node".into(), &express),
    ]
}

/// Approves Ada's sign-in to Acme. Returns the callback URL.
fn approve(world: &World, challenge: Option<&str>) -> url::Url {
    let approval = Approval {
        flow: Flow::Oauth,
        provider: "google",
        email: "ada@acme.example",
        organization: Some("acme"),
        pkce_code_challenge: challenge,
    };
    let url = world.approve(approval).redirect_url;
    url.parse().expect("a URL")
}

/// Signs Ada in to Acme. Returns her cookie.
async fn sign_in(app: &Program, http: &reqwest::Client, world: &World) -> String {
    let url = format!("http://localhost:{}/org/acme/start/google", app.port);
    let started = http.get(url).send().await.expect("a redirect");
    let header = |response: &reqwest::Response, name| {
        let value = response.headers().get(name).expect("a header");
        value.to_str().expect("a text").to_owned()
    };
    let cookie = |response: &reqwest::Response| {
        let cookie = header(response, "set-cookie");
        cookie.split(';').next().unwrap_or_default().to_owned()
    };
    let start: url::Url = header(&started, "location").parse().expect("a URL");
    let mut pairs = start.query_pairs();
    let challenge = pairs.find(|(name, _)| name == "pkce_code_challenge");
    let challenge = challenge.expect("PKCE").1;
    let back = http.get(approve(world, Some(&challenge)));
    let done = back.header("cookie", cookie(&started)).send().await;
    let done = done.expect("a redirect");
    assert_eq!(header(&done, "location"), "/org/acme");
    cookie(&done)
}

async fn sign_in_to_peer(peer: &Program, world: &World) -> String {
    let back = approve(world, None);
    let mut pairs = back.query_pairs();
    let token = pairs.find(|(name, _)| name == "token").expect("a token").1;
    let mut browser = Browser::open(peer.port).await;
    let path = format!("/authenticate?token={token}");
    let status = browser.ask(&page(peer, &path, "").request).await;
    assert_eq!(status, 303, "{} signs in", peer.name);
    let cookie = browser.header("set-cookie").expect("a cookie");
    cookie.split(';').next().unwrap_or_default().to_owned()
}

fn page<'a>(program: &'a Program, path: &str, cookie: &str) -> Served<'a> {
    let cookie = match cookie {
        "" => String::new(),
        cookie => format!("Cookie: {cookie}\r\n"),
    };
    let port = program.port;
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nAccept: text/html\r\nSec-Fetch-Site: same-origin\r\n{cookie}\r\n"
    );
    Served { program, request }
}

async fn ask(page: &Served<'_>) -> String {
    let mut browser = Browser::open(page.program.port).await;
    let status = browser.ask(&page.request).await;
    assert_eq!(status, 200, "{}: {}", page.program.name, page.request);
    browser.body()
}

/// Checks that the peer's page has as many bytes, and each line of the app's page that contains no id.
fn is_the_same(name: &str, theirs: &str, ours: &str, member: &serde_json::Value) {
    let id = member["session"]["member_session_id"]
        .as_str()
        .expect("an id");
    let plain = |line: &&str| !line.contains("form_id=") && !line.contains(id);
    for (ours, theirs) in ours.lines().zip(theirs.lines()) {
        assert!(!plain(&ours) || ours == theirs, "{name}: {ours} {theirs}");
    }
    assert_eq!(theirs.len(), ours.len(), "bytes of {name}'s page");
}

/// Cost of a request in microseconds, for each program and turn.
async fn in_turns(served: &[Served<'_>]) -> Vec<Vec<f64>> {
    let mut costs = vec![Vec::new(); served.len()];
    for page in served {
        cost(page).await; // warm
    }
    for _ in 0..TURNS {
        for (page, costs) in served.iter().zip(&mut costs) {
            costs.push(cost(page).await);
        }
    }
    costs
}

async fn cost(page: &Served<'_>) -> f64 {
    let mut browsers = Vec::new();
    for _ in 0..BROWSERS {
        browsers.push(Browser::open(page.program.port).await);
    }
    let (busy, until) = (page.program.processor_time(), Instant::now() + TURN);
    let ask = async |browser: &mut Browser| {
        let mut asked = 0_u32;
        while Instant::now() < until {
            let status = browser.ask(&page.request).await;
            assert_eq!(status, 200, "{}", page.program.name);
            asked += 1;
        }
        asked
    };
    let asking = browsers.iter_mut().map(|browser| Box::pin(ask(browser)));
    let asked: u32 = all(asking.collect()).await.into_iter().sum();
    (page.program.processor_time() - busy) * 1e6 / f64::from(asked)
}
