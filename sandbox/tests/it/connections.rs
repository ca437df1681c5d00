//! Clients that send endless headers, hold connections, or never read. Threat P13.

use std::time::Duration;

use serde_json::json;
use stytch_sandbox::{Fault, FaultKind, HeldRequest, Limits};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::timeout,
};

use super::lab::Lab;

/// Deadline for operations that must not hang, far longer than they need.
const LONG: Duration = Duration::from_secs(30);

const SHORT: Duration = Duration::from_millis(200);

const HEALTH: &str =
    "GET /_sandbox/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

/// Limits that close no connection because of time.
fn patient(connections: usize, reserve: usize) -> Limits {
    let never = Duration::from_hours(1);
    Limits {
        connections,
        reserve,
        headers_within: never,
        body_within: never,
        response_within: never,
        ..Limits::default()
    }
}

async fn send(lab: &Lab, bytes: &str) -> TcpStream {
    let mut stream = TcpStream::connect(lab.url.trim_start_matches("http://"))
        .await
        .expect("a connection");
    // The sandbox may close the connection before everything is sent.
    let _ = timeout(LONG, stream.write_all(bytes.as_bytes()))
        .await
        .expect("the sandbox reads or closes the connection");
    stream
}

/// Everything that is received until the sandbox closes the connection.
async fn rest(mut stream: TcpStream) -> String {
    let mut bytes = Vec::new();
    let end = timeout(LONG, stream.read_to_end(&mut bytes)).await;
    // A reset also ends the connection.
    let _ = end.expect("the sandbox closes the connection");
    String::from_utf8_lossy(&bytes).into_owned()
}

async fn ask(lab: &Lab, request: &str) -> String {
    rest(send(lab, request).await).await
}

fn post(length: usize, body: &str) -> String {
    format!(
        "POST /_sandbox/projects HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
}

/// P13
#[tokio::test]
async fn headers_that_are_too_long_are_refused() {
    let lab = Lab::with(patient(100, 10)).await;
    let get = |headers: &str| {
        format!(
            "GET /_sandbox/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n"
        )
    };
    let cookie = |length| format!("Cookie: a={}\r\n", "b".repeat(length));
    let usual = ask(&lab, &get(&cookie(16_000))).await;
    assert!(usual.starts_with("HTTP/1.1 200"), "{usual}");
    for request in [
        get(&cookie(33_000)),
        get("X: ") + "a".repeat(100_000).as_str(),
        "G".repeat(100_000),
    ] {
        let response = ask(&lab, &request).await;
        let is_refused = response.is_empty() || response.starts_with("HTTP/1.1 4");
        assert!(is_refused, "{response}");
    }
}

/// P13: connections with incomplete requests and idle ones are closed to make room, the longest waiting first.
#[tokio::test]
async fn idle_connections_do_not_block_others() {
    let lab = Lab::with(patient(4, 1)).await;
    let mut held = Vec::new();
    for half in ["GET /", "", &post(10, "{"), &post(10, "{")] {
        held.push(send(&lab, half).await);
    }
    assert!(ask(&lab, HEALTH).await.starts_with("HTTP/1.1 200"));
    assert_eq!(rest(held.remove(0)).await, "", "the first connection");
    // A sign-in works while all connections are held by waiting clients.
    let mut newer = Vec::new();
    for _ in 0..4 {
        newer.push(send(&lab, "GET /").await);
    }
    lab.adas_session().await;
    for held in held {
        assert_eq!(rest(held).await, "");
    }
}

/// P13: while calls are served on all connections, health checks get a response, and others get an error.
#[tokio::test]
async fn health_checks_use_the_reserve() {
    let lab = Lab::with(patient(2, 1)).await;
    let hold = HeldRequest::new();
    lab.world.fault(Fault {
        method: "GET".into(),
        path: "/v1/b2b/organizations/acme".into(),
        times: 2,
        kind: FaultKind::Hold(hold.clone()),
    });
    let running = async {
        tokio::join!(
            lab.get("/v1/b2b/organizations/acme"),
            lab.get("/v1/b2b/organizations/acme")
        )
    };
    let others = async {
        while hold.waiting() < 2 {
            tokio::task::yield_now().await;
        }
        for _ in 0..3 {
            let healthy = ask(&lab, &HEALTH.replace("Connection: close\r\n", "")).await;
            assert!(healthy.starts_with("HTTP/1.1 200"), "{healthy}");
            let page = HEALTH.replace("/health", "/projects");
            let busy = ask(&lab, &page).await;
            assert!(busy.starts_with("HTTP/1.1 503"), "{busy}");
            assert!(busy.contains("retry-after: 5") && busy.contains("sandbox_busy"));
        }
        hold.release();
    };
    let both = async { tokio::join!(running, others) };
    let ((one, two), ()) = timeout(LONG, both).await.expect("all are served");
    assert_eq!((one.status, two.status), (200, 200));
}

/// P13: without a reserve, a new connection is not refused but waits until one is free.
#[tokio::test]
async fn without_a_reserve_new_connections_wait() {
    let lab = Lab::with(patient(1, 0)).await;
    let hold = HeldRequest::new();
    lab.world.fault(Fault {
        method: "GET".into(),
        path: "/v1/b2b/organizations/acme".into(),
        times: 1,
        kind: FaultKind::Hold(hold.clone()),
    });
    let running = lab.get("/v1/b2b/organizations/acme");
    let other = async {
        while hold.waiting() < 1 {
            tokio::task::yield_now().await;
        }
        let waiting = send(&lab, &HEALTH.replace("/health", "/projects")).await;
        // The sandbox would accept the connection now.
        for _ in 0..1_000 {
            tokio::task::yield_now().await;
        }
        hold.release();
        rest(waiting).await
    };
    let both = async { tokio::join!(running, other) };
    let (running, waiting) = timeout(LONG, both).await.expect("both are served");
    assert_eq!(running.status, 200);
    assert!(!waiting.starts_with("HTTP/1.1 503"), "{waiting}");
}

/// P13: connections with incomplete headers and idle ones are closed.
#[tokio::test]
async fn incomplete_headers_time_out() {
    let lab = Lab::with(Limits {
        headers_within: SHORT,
        ..patient(100, 10)
    })
    .await;
    for half in ["", "GET /", "GET / HTTP/1.1\r\nHost: localhost\r\n"] {
        assert_eq!(ask(&lab, half).await, "", "{half:?}");
    }
    let idle = ask(&lab, &HEALTH.replace("Connection: close\r\n", "")).await;
    assert!(idle.starts_with("HTTP/1.1 200"), "{idle}");
}

/// P13: an incomplete body is a 408.
#[tokio::test]
async fn incomplete_bodies_time_out() {
    let lab = Lab::with(Limits {
        body_within: SHORT,
        ..patient(100, 10)
    })
    .await;
    let half = ask(&lab, &post(10, "{")).await;
    assert!(half.starts_with("HTTP/1.1 408"), "{half}");
    assert!(half.contains("did not arrive in time"), "{half}");
    lab.post("/v1/b2b/organizations", json!({})).await;
    assert_eq!(lab.world.calls().len(), 1);
}

/// P13: a client that sends requests and never reads is disconnected.
#[tokio::test]
async fn a_client_that_does_not_read_is_disconnected() {
    let lab = Lab::with(Limits {
        response_within: SHORT,
        ..patient(100, 10)
    })
    .await;
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4096).expect("a small buffer");
    let address = lab.url.trim_start_matches("http://").parse();
    let mut stream = socket
        .connect(address.expect("an address"))
        .await
        .expect("a connection");
    let request = "GET /_sandbox/sandbox.css HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(100);
    let asking = async { while stream.write_all(request.as_bytes()).await.is_ok() {} };
    timeout(LONG, asking)
        .await
        .expect("the sandbox closes the connection");
}
