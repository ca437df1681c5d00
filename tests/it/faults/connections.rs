//! Clients that send endless headers, or hold connections that others need.

use std::time::Duration;

use stytch_b2b_axum::web::server::Timeouts;
use stytch_sandbox::{FaultKind, HeldRequest};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::support::{
    TestApp,
    app::{SEARCH, Setup},
};

/// Time limit for what must not hang: far more than it needs.
const LONG: Duration = Duration::from_secs(30);

const LIVE: &str = "GET /health/live HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n";
const PAGE: &str = "GET / HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n";

/// Starts an app with this many connections, which closes none because of time.
async fn app(connections: usize, reserve: usize) -> TestApp {
    let never = Duration::from_hours(1);
    TestApp::with(Setup {
        connections: Some((connections, reserve)),
        periods: Timeouts {
            headers: never,
            response: never,
            ..Timeouts::default()
        },
        body_within: Some(never),
        ..Setup::default()
    })
    .await
}

async fn send(app: &TestApp, bytes: &str) -> TcpStream {
    let host = app.url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).await.unwrap();
    let bytes = bytes.replace("HOST", host);
    // The app may have closed the connection before everything was sent.
    let _ = timeout(LONG, stream.write_all(bytes.as_bytes()))
        .await
        .expect("the app reads, or closes the connection");
    stream
}

/// Reads until the app closes the connection.
async fn rest(mut stream: TcpStream) -> String {
    let mut bytes = Vec::new();
    let end = timeout(LONG, stream.read_to_end(&mut bytes)).await;
    // A reset counts as the end, too.
    let _ = end.expect("the app closes the connection");
    String::from_utf8_lossy(&bytes).into_owned()
}

async fn ask(app: &TestApp, request: &str) -> String {
    rest(send(app, request).await).await
}

/// P13: 32 KiB of headers at most, in one piece or many, complete or not.
#[tokio::test]
async fn long_headers_are_refused() {
    let app = app(100, 10).await;
    let get = |path: &str, headers: &str| {
        format!("GET {path} HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n{headers}\r\n")
    };
    let cookie = |length| format!("Cookie: a={}\r\n", "b".repeat(length));
    let usual = ask(&app, &get("/", &cookie(16_000))).await;
    assert!(usual.starts_with("HTTP/1.1 200"), "{usual}");
    let many = "X-Something: 0123456789012345678901234567890123456789\r\n".repeat(700);
    for (kind, request) in [
        ("a cookie", get("/", &cookie(33_000))),
        ("many", get("/", &many)),
        ("a path", get(&format!("/{}", "p".repeat(33_000)), "")),
        (
            "without an end",
            get("/", "X: ") + "a".repeat(100_000).as_str(),
        ),
        ("no line", "G".repeat(100_000)),
    ] {
        let response = ask(&app, &request).await;
        let refused = ["", "HTTP/1.1 431", "HTTP/1.1 414", "HTTP/1.1 400"];
        assert!(
            refused[1..].iter().any(|it| response.starts_with(it)) || response == refused[0],
            "{kind}: {response}"
        );
    }
    // In two parts, of which the second makes the headers too long.
    let mut stream = send(
        &app,
        &format!("GET / HTTP/1.1\r\nHost: HOST\r\nA: {}", "a".repeat(30_000)),
    )
    .await;
    let _ = stream
        .write_all(format!("{}\r\nConnection: close\r\n\r\n", "b".repeat(30_000)).as_bytes())
        .await;
    assert!(!rest(stream).await.contains("200 OK"));
}

/// P13: connections without a request are closed to make room for new ones, first those that have waited longest.
#[tokio::test]
async fn held_connections_do_not_block_others() {
    let app = app(4, 1).await;
    let mut held = Vec::new();
    for half in ["GET / HT", "", "GET / HTTP/1.1\r\nHost: HOST\r\nA: ", ""] {
        held.push(send(&app, half).await);
    }
    assert!(ask(&app, PAGE).await.starts_with("HTTP/1.1 200"));
    assert_eq!(rest(held.remove(0)).await, "", "the first one");
    let mut second = held.remove(0);
    let host = app.url.trim_start_matches("http://");
    second
        .write_all(PAGE.replace("HOST", host).as_bytes())
        .await
        .unwrap();
    assert!(
        rest(second).await.starts_with("HTTP/1.1 200"),
        "the others stay"
    );
}

/// P13: the same for bodies of which only half arrives, and for connections between two requests.
#[tokio::test]
async fn half_sent_bodies_and_idle_connections_do_not_block_others() {
    let app = app(4, 1).await;
    let form = "POST /logout HTTP/1.1\r\nHost: HOST\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 10\r\n\r\na=";
    let mut held = Vec::new();
    for _ in 0..2 {
        held.push(send(&app, form).await);
    }
    for _ in 0..2 {
        let mut idle = send(&app, &LIVE.replace("Connection: close\r\n", "")).await;
        let mut bytes = [0; 12];
        timeout(LONG, idle.read_exact(&mut bytes))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(&bytes, b"HTTP/1.1 200");
        held.push(idle);
    }
    let mut newer = Vec::new();
    for _ in 0..4 {
        newer.push(send(&app, "GET /").await);
    }
    for held in held {
        assert!(!rest(held).await.contains("HTTP/1.1 408"));
    }
    assert!(ask(&app, PAGE).await.starts_with("HTTP/1.1 200"));
}

/// P13: a person signs in while others hold more connections than the app has.
#[tokio::test]
async fn a_sign_in_works_while_others_hold_connections() {
    let app = app(8, 1).await;
    let mut held = Vec::new();
    for _ in 0..40 {
        held.push(send(&app, "GET / HTTP/1.1\r\nHost: ").await);
    }
    app.signed_in("acme", "ada@acme.example").await;
}

/// P13: while requests are served on all connections, health checks get a response, and other clients are told to wait.
#[tokio::test]
async fn health_checks_have_a_reserve() {
    let app = app(2, 1).await;
    let hold = HeldRequest::new();
    app.faults(SEARCH, 2, FaultKind::HoldAfter(hold.clone()));
    let mut running = Vec::new();
    for slug in ["acme", "globex"] {
        let request = PAGE.replace("GET /", &format!("GET /org/{slug}"));
        running.push(send(&app, &request).await);
    }
    let both = async {
        while hold.waiting() < 2 {
            tokio::task::yield_now().await;
        }
    };
    timeout(LONG, both).await.unwrap();
    for _ in 0..3 {
        let kept_open = LIVE.replace("Connection: close\r\n", "");
        let healthy = ask(&app, &kept_open).await;
        assert!(healthy.starts_with("HTTP/1.1 200"), "{healthy}");
        let busy = ask(&app, PAGE).await;
        assert!(busy.starts_with("HTTP/1.1 503"), "{busy}");
        assert!(busy.contains("retry-after: 5") && busy.contains("connection: close"));
    }
    // A half-sent request in the reserve is closed to make room, too.
    let half = send(&app, "GET /health").await;
    assert!(ask(&app, LIVE).await.starts_with("HTTP/1.1 200"));
    assert_eq!(rest(half).await, "");
    hold.release();
    for running in running {
        let page = rest(running).await;
        assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    }
    assert!(ask(&app, PAGE).await.starts_with("HTTP/1.1 200"));
}

/// P13: without a reserve, a connection waits until another one is free. It is not refused.
#[tokio::test]
async fn without_a_reserve_connections_wait() {
    let app = app(1, 0).await;
    let hold = HeldRequest::new();
    app.faults(SEARCH, 1, FaultKind::HoldAfter(hold.clone()));
    let running = send(&app, &PAGE.replace("GET /", "GET /org/acme")).await;
    let is_held = async {
        while hold.waiting() < 1 {
            tokio::task::yield_now().await;
        }
    };
    timeout(LONG, is_held).await.unwrap();
    let waiting = send(&app, PAGE).await;
    // The app would accept it now.
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
    }
    hold.release();
    assert!(rest(running).await.starts_with("HTTP/1.1 200"));
    assert!(rest(waiting).await.starts_with("HTTP/1.1 200"));
}
