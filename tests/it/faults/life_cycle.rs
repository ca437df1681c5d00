//! The process stops while requests run. Browsers are slow, or only pretend to be browsers.

use std::time::Duration;

use stytch_b2b_axum::web::server::Timeouts;
use stytch_sandbox::{FaultKind, HeldRequest};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::timeout,
};

use crate::support::{
    TestApp,
    app::{SEARCH, Setup},
};

/// Time limit for what must not hang: far more than it needs.
const LONG: Duration = Duration::from_secs(30);

const SHORT: Duration = Duration::from_millis(200);

async fn connect(app: &TestApp) -> std::io::Result<TcpStream> {
    TcpStream::connect(app.url.trim_start_matches("http://")).await
}

async fn send(app: &TestApp, bytes: &str) -> TcpStream {
    let mut stream = connect(app).await.unwrap();
    let host = app.url.trim_start_matches("http://");
    let bytes = bytes.replace("HOST", host);
    stream.write_all(bytes.as_bytes()).await.unwrap();
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

/// P2: while the port is open, readiness returns 503 and every request is served.
#[tokio::test]
async fn readiness_fails_before_the_port_closes() {
    let mut app = TestApp::start().await;
    assert_eq!(app.browser().get("/health/ready").await.status, 200);
    app.begin_stop(Duration::from_hours(1));
    let mut prober = app.browser();
    let turned = async { while prober.get("/health/ready").await.status != 503 {} };
    timeout(LONG, turned).await.expect("readiness fails");
    assert_eq!(prober.get("/health/live").await.status, 200);
    app.signed_in("acme", "ada@acme.example").await;
}

/// P2: then new connections are refused, running requests complete, and the process ends.
#[tokio::test]
async fn requests_in_flight_complete() {
    let mut app = TestApp::start().await;
    let hold = HeldRequest::new();
    app.fault(SEARCH, FaultKind::HoldAfter(hold.clone()));
    let mut browser = app.browser();
    let running = tokio::spawn(async move { browser.get("/org/acme").await });
    hold.reached().await;
    app.begin_stop(Duration::ZERO);
    while connect(&app).await.is_ok() {}
    assert!(!running.is_finished());
    hold.release();
    let response = timeout(LONG, running).await.expect("a response");
    assert_eq!(response.unwrap().status, 200);
    timeout(LONG, app.stopped()).await.unwrap();
}

/// P2, P1: so does the work of a browser that has disconnected.
#[tokio::test]
async fn abandoned_work_completes() {
    let mut app = TestApp::start().await;
    let hold = HeldRequest::new();
    let code = "/v1/b2b/otps/email/discovery/send";
    app.fault(code, FaultKind::HoldAfter(hold.clone()));
    let form = "way=code&email_address=ada%40acme.example";
    let cookie = format!(
        "stytch_b2b_axum_{}_probe=1",
        app.url.rsplit(':').next().unwrap()
    );
    let request = format!(
        "POST /email HTTP/1.1\r\nHost: HOST\r\nCookie: {cookie}\r\nSec-Fetch-Site: same-origin\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    );
    let left = send(&app, &request).await;
    hold.reached().await;
    drop(left);
    app.begin_stop(Duration::ZERO);
    while connect(&app).await.is_ok() {}
    assert_eq!(app.state.tasks.len(), 1);
    hold.release();
    timeout(LONG, app.stopped()).await.unwrap();
    assert!(app.state.tasks.is_empty());
}

/// P2: a page has no task of its own, so nothing is lost if its browser disconnects.
#[tokio::test]
async fn an_abandoned_page_is_dropped() {
    let app = TestApp::start().await;
    let hold = HeldRequest::new();
    app.fault(SEARCH, FaultKind::HoldAfter(hold.clone()));
    let left = send(&app, "GET /org/acme HTTP/1.1\r\nHost: HOST\r\n\r\n").await;
    hold.reached().await;
    assert!(app.state.tasks.is_empty());
    drop(left);
    hold.release();
}

/// P3: sockets with half a request delay neither other visitors nor the shutdown.
#[tokio::test]
async fn half_sent_requests_delay_nothing() {
    let mut app = TestApp::with(Setup {
        periods: Timeouts {
            headers: Duration::from_hours(1),
            grace: SHORT,
            ..Timeouts::default()
        },
        ..Setup::default()
    })
    .await;
    let mut half = Vec::new();
    for _ in 0..sockets() {
        half.push(send(&app, "GET / HTTP/1.1\r\nHost: ").await);
    }
    app.signed_in("acme", "ada@acme.example").await;
    app.begin_stop(Duration::ZERO);
    timeout(LONG, app.stopped())
        .await
        .expect("the shutdown has a limit");
}

/// 2,000, or a quarter of the open files that this machine allows: each socket is two, and other tests run at the same
/// time.
fn sockets() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits
        .lines()
        .find(|line| line.starts_with("Max open files"));
    let soft = line.and_then(|line| line.split_whitespace().nth(3)?.parse().ok());
    soft.map_or(200, |soft: usize| soft / 4).min(2000)
}

/// P3: a connection that sends nothing, or only half a request, is closed.
#[tokio::test]
async fn half_sent_requests_are_cut_off() {
    let app = TestApp::with(Setup {
        periods: Timeouts {
            headers: SHORT,
            ..Timeouts::default()
        },
        ..Setup::default()
    })
    .await;
    for half in ["", "GET / HT", "GET / HTTP/1.1\r\nHost: HOST\r\nX-Slow: "] {
        assert!(!rest(send(&app, half).await).await.contains("200 OK"));
    }
    // The same between two requests.
    let idle = send(&app, "GET /health/live HTTP/1.1\r\nHost: HOST\r\n\r\n").await;
    assert!(rest(idle).await.starts_with("HTTP/1.1 200 OK"));
}

/// P3: half a form gets a 408, and one that is too long a 413. Both are pages.
#[tokio::test]
async fn half_sent_forms_are_cut_off() {
    let app = TestApp::with(Setup {
        body_within: Some(SHORT),
        periods: Timeouts {
            headers: SHORT,
            ..Timeouts::default()
        },
        ..Setup::default()
    })
    .await;
    let post = |path: &str, length: usize| {
        format!(
            "POST {path} HTTP/1.1\r\nHost: HOST\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\na="
        )
    };
    for path in ["/create_org", "/logout", "/mfa"] {
        let response = rest(send(&app, &post(path, 10)).await).await;
        assert!(response.starts_with("HTTP/1.1 408"), "{response}");
        assert!(response.contains("x-request-id") && response.contains("did not arrive in time"));
    }
    let long = post("/create_org", 70_000) + "a".repeat(69_998).as_str();
    let response = rest(send(&app, &long).await).await;
    assert!(response.starts_with("HTTP/1.1 413"), "{response}");
}

/// P3: a connection that sends one request after another, and reads no response, is closed.
#[tokio::test]
async fn a_client_that_does_not_read_is_cut_off() {
    let app = TestApp::with(Setup {
        periods: Timeouts {
            response: SHORT,
            ..Timeouts::default()
        },
        ..Setup::default()
    })
    .await;
    let styles = stytch_b2b_axum::web::assets::styles_url();
    let host = app.url.trim_start_matches("http://");
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let address = host.replace("localhost", "127.0.0.1").parse().unwrap();
    let mut stream = socket.connect(address).await.unwrap();
    let ask = format!("GET {styles} HTTP/1.1\r\nHost: {host}\r\n\r\n").repeat(100);
    let asking = async { while stream.write_all(ask.as_bytes()).await.is_ok() {} };
    timeout(LONG, asking)
        .await
        .expect("the app closes the connection");
}

/// P5: after a restart with the memory store an old cookie is anonymous. The visitor gets a page without an error, and
/// the cookie is removed.
#[tokio::test]
async fn a_restart_signs_out_cleanly() {
    let mut app = TestApp::start().await;
    let ada = app.signed_in("acme", "ada@acme.example").await;
    let frank = app.choosing("frank@startup.example").await;
    app.restart().await;
    for (browser, path, status) in [
        (&ada, "/", 200),
        (&ada, "/org/acme", 200),
        (&ada, "/member", 401),
        (&frank, "/organizations", 400),
    ] {
        let mut browser = browser.clone();
        let page = browser.get(path).await;
        assert_eq!(page.status, status, "{path}: {}", page.text());
        assert!(!page.text().contains("You are signed in"));
        assert_eq!(browser.cookie(), None, "{path} removes the cookie");
        assert_eq!(browser.get("/").await.status, 200);
    }
    // A form from before the restart.
    let mut pressing = frank.clone();
    let page = pressing.click("Create an organization").await;
    assert_eq!((page.status.as_u16(), pressing.cookie()), (400, None));
    // A new sign-in works.
    app.signed_in("acme", "ada@acme.example").await;
}
