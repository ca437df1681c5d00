//! P9: 10,000 sessions, and 500 mixed requests per second. `BENCH_SECONDS` is the duration: 5 by default, and 60 for a
//! real run.

use std::time::{Duration, Instant};

use crate::{
    lab::{App, rss},
    load::{Browser, Page, all},
    table::{Limit, Table},
};

const PER_SECOND: u32 = 500;
const BROWSERS: u32 = 10;

/// Of twenty requests: pages, JSON, the stylesheet, and the start of a sign-in.
const MIX: [(&str, usize); 5] = [
    ("/org/acme", 12),
    ("/member", 4),
    ("/", 2),
    ("/start/google", 1),
    ("/health/ready", 1),
];

pub async fn run(store: &str, http: &reqwest::Client, table: &mut Table) {
    let seconds = std::env::var("BENCH_SECONDS")
        .ok()
        .and_then(|text| text.parse().ok());
    let seconds: u32 = seconds.unwrap_or(5);
    let mut app = App::start(store);
    let sessions = app.sessions(http, 10_000).await;
    let paths: Vec<&str> = MIX
        .iter()
        .flat_map(|(path, times)| vec![*path; *times])
        .collect();
    let mut browsers = Vec::new();
    for _ in 0..BROWSERS {
        browsers.push(Browser::open(app.server.port).await);
    }
    let mut marks = Vec::new();
    let mut latencies = Vec::new();
    // The first fifth is a warm-up. Memory is compared from its end on.
    for part in 0..5 {
        let each = (PER_SECOND * seconds / 5 / BROWSERS) as usize;
        let asking = browsers.iter_mut().enumerate().map(|(at, browser)| {
            let first = (part * BROWSERS as usize + at) * each;
            let (app, paths, sessions) = (&app, &paths, &sessions);
            Box::pin(async move {
                let mut took = Vec::new();
                let mut due = Instant::now();
                for n in first..first + each {
                    due += Duration::from_secs(1) * BROWSERS / PER_SECOND;
                    tokio::time::sleep_until(due.into()).await;
                    let path = paths[n % paths.len()];
                    let page = Page {
                        server: &app.server,
                        path,
                        sessions,
                    };
                    let status = browser.ask(&page.request(n * 7919)).await;
                    assert!(status < 400, "{status} of {path}");
                    // Measured from when the request was due, so that time in a queue counts.
                    took.push(due.elapsed());
                }
                took
            })
        });
        latencies.extend(all(asking.collect()).await.concat());
        marks.push(rss());
    }
    latencies.sort();
    let percent = |n: usize| latencies[latencies.len() * n / 100].as_secs_f64() * 1000.0;
    let mix = format!("{seconds} s of {PER_SECOND} mixed requests a second, 10,000 sessions");
    let latency = format!("{:.2} ms", percent(99));
    let half = format!("half under {:.2} ms", percent(50));
    table.add(
        &format!("{mix}: 99 of 100 under"),
        latency,
        &half,
        &Limit::None,
    );
    let (warm, end) = (mib(marks[0]), mib(marks[4]));
    let warm = format!("{warm:.1} MiB after the warm-up");
    table.add(
        &format!("{mix}: memory at the end"),
        format!("{end:.1} MiB"),
        &warm,
        &Limit::None,
    );
}

#[expect(clippy::cast_precision_loss, reason = "some megabytes")]
fn mib(bytes: usize) -> f64 {
    bytes as f64 / 1024.0 / 1024.0
}
