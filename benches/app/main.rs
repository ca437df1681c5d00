//! Measures what the app costs. `cargo bench --bench app` ends with a table of all figures, each with its ratio and its
//! limit. `-- crowd` measures only what floods cost, and `-- sessions` only what the session stores cost. `-- peers`
//! compares only the programs; `benches/peers/run` starts it.
//!
//! Things that are compared run in turns in one process, and ratios are medians over many turns. Requests per second
//! are those of one core: the server has a thread of its own, whose processor time counts. Each function below measures
//! one thing.

mod crowd;
mod instructions;
mod lab;
mod load;
mod peers;
mod process;
mod program;
mod redis;
mod steady;
mod table;

use std::time::Duration;

use axum::{Router, body::Bytes, response::Html, routing::get};
use lab::{App, Server, free_port, one_core, rss};
use load::{Browser, Page};
use redis::Redis;
use table::{Limit, Table};
use tokio_util::task::TaskTracker;
use tower_sessions::session::Id;

const TURN: Duration = Duration::from_millis(200);
const MANY: usize = 99_900;

/// The same allocator as in the app.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    // As in production, each request is a line in the log.
    tracing_subscriber::fmt()
        .with_env_filter(stytch_b2b_axum::config::log_filter(None))
        .with_ansi(false)
        .with_timer(stytch_b2b_axum::config::LogTime::default())
        .with_writer(std::io::sink)
        .init();
    let arguments: Vec<String> = std::env::args().collect();
    let runtime = one_core();
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    let http = http.build().expect("a client");
    if let [_, page, path] = &arguments[..]
        && page == "page"
    {
        return instructions::serve(path, &http, &runtime);
    }
    if let [_, bare, port, file] = &arguments[..]
        && bare == "bare"
    {
        return peers::serve_bare(port, file);
    }
    let part = arguments.get(1).map(String::as_str);
    let mut table = Table::default();
    runtime.block_on(async {
        if part == Some("crowd") {
            return crowd::run(&http, &mut table).await;
        }
        if part == Some("sessions") {
            return sessions(&http, &mut table).await;
        }
        peers::run(&http, &mut table).await;
        if part == Some("peers") {
            return;
        }
        println!("Requests per second of one core's time");
        println!("\nSESSION_STORE=memory");
        beside_a_bare_page("memory", &http).await;
        with_an_expired_jwt("memory", &http, &mut table).await;
        with_many_sessions(&http, &mut table).await;
        a_login("memory", &http, &mut table).await;
        if let Some(redis) = Redis::start() {
            println!("\nSESSION_STORE=redis://…");
            beside_a_bare_page(&redis.url, &http).await;
            with_an_expired_jwt(&redis.url, &http, &mut table).await;
            a_login(&redis.url, &http, &mut table).await;
            with_redis(&redis.url, &http, &mut table).await;
        } else {
            println!("\nredis-server is not installed: no figures for Redis.");
        }
        println!();
        in_instructions(&mut table);
        process::start(&mut table);
        steady::run("memory", &http, &mut table).await;
        crowd::run(&http, &mut table).await;
    });
    table.print(match part {
        Some("crowd") => "floods",
        Some(part @ ("peers" | "sessions")) => part,
        _ => "app",
    });
}

/// Figures of the session stores alone.
async fn sessions(http: &reqwest::Client, table: &mut Table) {
    with_many_sessions(http, table).await;
    if let Some(redis) = Redis::start() {
        with_redis(&redis.url, http, table).await;
    }
}

/// Figures that do not depend on the machine.
fn in_instructions(table: &mut Table) {
    let counted = ["/org/acme", "/health/live", "/bare"].map(instructions::of);
    let [Some(page), Some(health), Some(bare)] = counted else {
        return println!("Valgrind is not installed: no counts of instructions.");
    };
    for (name, count) in [
        ("instructions of the signed-in page", page),
        ("instructions of `/health/live`", health),
        ("instructions of a bare axum route", bare),
    ] {
        #[expect(clippy::cast_precision_loss, reason = "some hundred thousand")]
        let ratio = count as f64 / bare as f64;
        let ratio = format!("{ratio:.1} × bare");
        table.add(name, count.to_string(), &ratio, &Limit::None);
    }
}

fn signed_in_page<'a>(server: &'a Server, sessions: &'a [Id]) -> Page<'a> {
    Page {
        server,
        path: "/org/acme",
        sessions,
    }
}

/// The signed-in page with the two stores, in turns.
async fn with_redis(url: &str, http: &reqwest::Client, table: &mut Table) {
    let [mut memory, mut redis] = ["memory", url].map(App::start);
    let memory_sessions = memory.sessions(http, 100).await;
    let redis_sessions = redis.sessions(http, 100).await;
    let memory = signed_in_page(&memory.server, &memory_sessions);
    let redis = signed_in_page(&redis.server, &redis_sessions);
    let [memory, redis] = in_turns([&memory, &redis], 15).await;
    let ratio = ratio(&redis, &memory);
    table.add(
        "requests per second and core with Redis",
        format!("{:.0}", median(&redis)),
        &format!("{ratio:.2} × memory store"),
        &Limit::at_least(ratio, 0.8, "×"),
    );
}

fn bare(page: Bytes) -> Router {
    Router::new().route("/bare", get(async || Html(page)))
}

/// The member's page against a bare axum page of the same bytes.
async fn beside_a_bare_page(store: &str, http: &reqwest::Client) {
    let mut app = App::start(store);
    let sessions = app.sessions(http, 100).await;
    let page = |server, path| Page {
        server,
        path,
        sessions: &sessions,
    };
    let member = page(&app.server, "/org/acme");
    let mut browser = Browser::open(app.server.port).await;
    browser.ask(&member.request(0)).await;
    assert!(browser.body().contains("You are signed in"));
    let naked = Server::start(free_port(), bare(browser.body().into()), TaskTracker::new());
    let naked = page(&naked, "/bare");
    let [member, naked] = in_turns([&member, &naked], 15).await;
    println!(
        "\n  the member's page                        {:>9.0}",
        median(&member)
    );
    println!(
        "  a bare axum page                         {:>9.0}   ratio {:.2}",
        median(&naked),
        ratio(&member, &naked)
    );
}

/// The app's own part of a renewal, because the sandbox runs elsewhere. A hundred concurrent requests of one session
/// must call Stytch once.
async fn with_an_expired_jwt(store: &str, http: &reqwest::Client, table: &mut Table) {
    let mut app = App::start(store);
    let sessions = app.sessions(http, 200).await;
    let page = Page {
        server: &app.server,
        path: "/org/acme",
        sessions: &sessions,
    };
    let (mut before, mut renewing) = (Vec::new(), Vec::new());
    page.each_once().await; // warm
    for _ in 0..10 {
        before.push(page.each_once().await);
        for id in &sessions {
            app.expire_jwt(id).await;
        }
        app.world.clear_calls();
        renewing.push(page.each_once().await);
        assert_eq!(app.world.calls().len(), sessions.len());
    }
    let mut browsers = Vec::new();
    for _ in 0..100 {
        browsers.push(Browser::open(app.server.port).await);
    }
    app.expire_jwt(&sessions[0]).await;
    app.world.clear_calls();
    let request = page.request(0);
    let asking = browsers
        .iter_mut()
        .map(|browser| Box::pin(browser.ask(&request)));
    let responses = load::all(asking.collect()).await;
    assert!(responses.iter().all(|status| *status == 200));
    let calls = app.world.calls().len();
    let store = store.split(':').next().unwrap_or_default();
    let renewed = 1e6 / median(&renewing);
    table.add(
        &format!("a page that renews its session, {store}"),
        format!("{renewed:.0} µs"),
        &format!("{:.2} × without", ratio(&before, &renewing)),
        &Limit::None,
    );
    #[expect(clippy::cast_precision_loss, reason = "at most a hundred")]
    let limit = Limit::at_most(calls as f64, 1.0, "");
    let name = format!("calls to Stytch for 100 requests at once of a session to renew, {store}");
    table.add(&name, calls.to_string(), "", &limit);
}

/// Bytes per session, and whether a request costs more when there are many.
#[expect(clippy::cast_precision_loss, reason = "some kilobytes")]
async fn with_many_sessions(http: &reqwest::Client, table: &mut Table) {
    let [mut few, mut many] = ["memory"; 2].map(App::start);
    let few_sessions = few.sessions(http, 100).await;
    let before = rss();
    let many_sessions = many.sessions(http, MANY).await;
    let bytes = (rss() - before - MANY * size_of::<Id>()) / MANY;
    let tokens = few.token_bytes(http).await;
    let few = signed_in_page(&few.server, &few_sessions);
    let many = signed_in_page(&many.server, &many_sessions);
    let [few, many] = in_turns([&few, &many], 15).await;
    let beyond = bytes.saturating_sub(tokens);
    table.add(
        "bytes of a session beyond its tokens",
        beyond.to_string(),
        &format!("{bytes} in all, {tokens} of tokens"),
        &Limit::at_most(beyond as f64, 700.0, ""),
    );
    // Time with many sessions as a multiple of the time with few.
    let ratio = ratio(&few, &many);
    table.add(
        "the signed-in page beside 100,000 sessions",
        format!("{:.0} µs", 1e6 / median(&many)),
        &format!("{ratio:.2} × beside 100"),
        &Limit::at_most(ratio, 1.1, "×"),
    );
}

/// The app's own part of a sign-in. The sandbox runs elsewhere, and waiting for it uses no processor time.
async fn a_login(store: &str, http: &reqwest::Client, table: &mut Table) {
    let app = App::start(store);
    let mut times = Vec::new();
    for _ in 0..100 {
        let before = app.server.processor_time();
        app.login(http).await;
        times.push((app.server.processor_time() - before) * 1e6);
    }
    let store = store.split(':').next().unwrap_or_default();
    let name = format!("a sign-in by Discovery (3 requests), {store}");
    table.add(&name, format!("{:.0} µs", median(&times)), "", &Limit::None);
}

async fn in_turns<const N: usize>(pages: [&Page<'_>; N], turns: usize) -> [Vec<f64>; N] {
    let mut all: [Vec<f64>; N] = std::array::from_fn(|_| Vec::new());
    for page in pages {
        page.per_second(TURN).await; // warm
    }
    for _ in 0..turns {
        for (page, all) in pages.iter().zip(&mut all) {
            all.push(page.per_second(TURN).await);
        }
    }
    all
}

/// The median.
pub fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The median of each turn's own ratio: what disturbs a turn disturbs both parts of it.
pub fn ratio(of: &[f64], to: &[f64]) -> f64 {
    let ratios: Vec<f64> = of.iter().zip(to).map(|(of, to)| of / to).collect();
    median(&ratios)
}
