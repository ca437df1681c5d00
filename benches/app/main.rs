//! What the app costs beside a bare axum page. `cargo bench --bench app`, and with `-- crowd` only what floods cost.
//!
//! Everything that is compared runs in turns, in one process; ratios are the middle of many turns. Requests a second
//! are those of one core: the server has a thread of its own, whose processor time counts. The stories are below, one
//! function each.

mod crowd;
mod instructions;
mod lab;
mod load;
mod process;
mod redis;
mod steady;

use std::time::Duration;

use axum::{Router, body::Bytes, response::Html, routing::get};
use lab::{App, Server, free_port, one_core, rss};
use load::{Browser, Page};
use redis::Redis;
use tokio_util::task::TaskTracker;

const TURN: Duration = Duration::from_millis(200);
const MANY: usize = 99_900;

/// As in the app.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    // As in production, each request is a line in the log.
    tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(std::io::sink)
        .init();
    let arguments: Vec<String> = std::env::args().collect();
    let only_crowd = arguments.iter().any(|argument| argument == "crowd");
    let runtime = one_core();
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    let http = http.build().expect("a client");
    if let [_, page, path] = &arguments[..]
        && page == "page"
    {
        return instructions::serve(path, &http, &runtime);
    }
    runtime.block_on(async {
        if only_crowd {
            return crowd::run(&http).await;
        }
        println!("Requests per second of one core's time");
        println!("\nSESSION_STORE=memory");
        beside_a_bare_page("memory", &http).await;
        when_the_jwt_runs_out("memory", &http).await;
        with_many_sessions("memory", &http).await;
        a_login("memory", &http).await;
        if let Some(redis) = Redis::start() {
            println!("\nSESSION_STORE=redis://…");
            beside_a_bare_page(&redis.url, &http).await;
            when_the_jwt_runs_out(&redis.url, &http).await;
            a_login(&redis.url, &http).await;
        } else {
            println!("\nNo redis-server here, so nothing about Redis.");
        }
        println!();
        in_instructions();
        process::start();
        steady::run("memory", &http).await;
        crowd::run(&http).await;
    });
}

/// What does not depend on the machine.
fn in_instructions() {
    let counted = ["/org/acme", "/health/live", "/bare"].map(instructions::of);
    let [Some(page), Some(health), Some(bare)] = counted else {
        return println!("  No valgrind here, so no instructions.");
    };
    println!("  instructions of the member's page        {page:>9}");
    println!("  of a health check                        {health:>9}");
    println!("  of a bare axum page                      {bare:>9}");
}

fn bare(page: Bytes) -> Router {
    Router::new().route("/bare", get(async || Html(page)))
}

/// The member's page against a bare axum page of the same bytes.
async fn beside_a_bare_page(store: &str, http: &reqwest::Client) {
    let mut app = App::start(store, Router::new());
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
        middle(&member)
    );
    println!(
        "  a bare axum page                         {:>9.0}   ratio {:.2}",
        middle(&naked),
        ratio(&member, &naked)
    );
}

/// Our own part of a renewal: the sandbox runs elsewhere. And a hundred requests of one session at once ask Stytch once.
async fn when_the_jwt_runs_out(store: &str, http: &reqwest::Client) {
    let mut app = App::start(store, Router::new());
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
            app.let_jwt_run_out(id).await;
        }
        app.world.clear_calls();
        renewing.push(page.each_once().await);
        assert_eq!(app.world.calls().len(), sessions.len());
    }
    let mut browsers = Vec::new();
    for _ in 0..100 {
        browsers.push(Browser::open(app.server.port).await);
    }
    app.let_jwt_run_out(&sessions[0]).await;
    app.world.clear_calls();
    let request = page.request(0);
    let asking = browsers
        .iter_mut()
        .map(|browser| Box::pin(browser.ask(&request)));
    let answers = load::all(asking.collect()).await;
    assert!(answers.iter().all(|status| *status == 200));
    let calls = app.world.calls().len();
    println!(
        "\n  one after the other                      {:>9.0}",
        middle(&before)
    );
    println!(
        "  each of which renews its session         {:>9.0}   ratio {:.2}",
        middle(&renewing),
        ratio(&renewing, &before)
    );
    println!("  calls for 100 at once of one session     {calls:>9}");
}

/// Bytes each, and whether a request costs more.
async fn with_many_sessions(store: &str, http: &reqwest::Client) {
    let [mut few, mut many] = [
        App::start(store, Router::new()),
        App::start(store, Router::new()),
    ];
    let few_sessions = few.sessions(http, 100).await;
    let before = rss();
    let many_sessions = many.sessions(http, MANY).await;
    let bytes = (rss() - before - MANY * size_of::<tower_sessions::session::Id>()) / MANY;
    let page = |server, sessions| Page {
        server,
        path: "/org/acme",
        sessions,
    };
    let few = page(&few.server, &few_sessions);
    let many = page(&many.server, &many_sessions);
    let [few, many] = in_turns([&few, &many], 15).await;
    println!("\n  bytes of each of {MANY} sessions         {bytes:>9}");
    println!(
        "  the member's page beside 100 sessions    {:>9.0}",
        middle(&few)
    );
    println!(
        "  beside {MANY}                            {:>9.0}   ratio {:.2}",
        middle(&many),
        ratio(&many, &few)
    );
}

/// Our own part: the sandbox runs elsewhere, and waiting for it is no work.
async fn a_login(store: &str, http: &reqwest::Client) {
    let app = App::start(store, Router::new());
    let mut times = Vec::new();
    for _ in 0..100 {
        let before = app.server.processor_time();
        app.login(http).await;
        times.push((app.server.processor_time() - before) * 1e6);
    }
    println!(
        "\n  a discovery login, our own µs            {:>9.0}",
        middle(&times)
    );
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

/// The middle of many.
pub fn middle(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The middle of the turns' own ratios: what disturbs a turn disturbs both.
fn ratio(of: &[f64], to: &[f64]) -> f64 {
    let ratios: Vec<f64> = of.iter().zip(to).map(|(of, to)| of / to).collect();
    middle(&ratios)
}
