//! The server. axum's own `serve` has no header timeout and no limit on connections, and one partly sent request would
//! block its shutdown forever.
//!
//! A shutdown has three steps. First, readiness responds 503 while everything is still served, so that a load balancer
//! sees it. Then the port is closed and running requests complete. Then the remaining connections are cut off.

use std::{
    convert::Infallible,
    future::Future,
    io,
    net::SocketAddr,
    pin::pin,
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::{ConnectInfo, Request},
    http::{
        HeaderValue, Method, StatusCode,
        header::{CACHE_CONTROL, CONNECTION, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS},
    },
    response::{IntoResponse, Response},
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::{GracefulConnection, GracefulShutdown},
};
use tokio::{
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use super::{
    connections::{Connections, Place},
    write_timeout::WriteTimeout,
};

/// Time limits of the server.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// For the headers of the next request, since the start of the connection or the last response.
    pub headers: Duration,
    /// For the client to read a response.
    pub response: Duration,
    /// For requests to complete after the port is closed.
    pub grace: Duration,
}

impl Default for Timeouts {
    /// A shutdown takes at most [`DRAIN`] plus `grace`, less than the ten seconds after which Docker kills the process.
    fn default() -> Self {
        Self {
            headers: Duration::from_secs(10),
            response: Duration::from_secs(30),
            grace: Duration::from_secs(7),
        }
    }
}

/// Limits on connections, and time limits.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Time limits.
    pub timeouts: Timeouts,
    /// Maximum number of open connections. To make room for one more, the server closes the one that has waited longest
    /// for its client: for a request, for the rest of one, or for the client to read a response.
    pub connections: usize,
    /// Additional connections while requests are being served on all of those. On these, `GET /health/…` gets its
    /// response, and other requests get a 503.
    pub reserve: usize,
}

impl Default for Limits {
    /// 544 connections, which leaves room below the usual limit of 1,024 open files, such as for 100 connections to
    /// Stytch (V12) and for the embedded sandbox.
    fn default() -> Self {
        Self {
            timeouts: Timeouts::default(),
            connections: 512,
            reserve: 32,
        }
    }
}

impl From<Timeouts> for Limits {
    fn from(timeouts: Timeouts) -> Self {
        Self {
            timeouts,
            ..Self::default()
        }
    }
}

/// The longest request line and headers, in bytes. A longer one gets a 431, and the connection is closed. Cookies of
/// all apps on the same host count, and a browser sends up to about 16 KiB for this app alone.
const LONGEST_HEAD: usize = 32 * 1024;

/// How long the port stays open after SIGTERM.
pub const DRAIN: Duration = Duration::from_secs(2);

/// Serves until `stop` resolves to how much longer the port stays open, then completes the running requests. `tasks`
/// are the requests that continue after their browsers disconnected. The tracker is closed at once, which is how
/// readiness knows about the shutdown.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    tasks: TaskTracker,
    limits: impl Into<Limits>,
    stop: impl Future<Output = Duration>,
) -> io::Result<()> {
    let Limits {
        timeouts,
        connections,
        reserve,
    } = limits.into();
    let graceful = GracefulShutdown::new();
    let mut drained = pin!(async {
        let drain = stop.await;
        tasks.close();
        tokio::time::sleep(drain).await;
    });
    let connections = Connections::new(connections, reserve);
    let mut failures = OncePerSecond::default();
    loop {
        let accepted = async {
            let accepted = listener.accept().await;
            connections.room().await;
            accepted
        };
        let (stream, peer) = tokio::select! {
            () = &mut drained => break,
            accepted = accepted => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Most likely there are no file descriptors left; closing connections frees some.
                    if failures.is_due(Instant::now()) {
                        tracing::warn!(%error, "could not accept a connection");
                    }
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
        };
        let place = connections.admit();
        let connection = connection(stream, peer, router.clone(), timeouts, place.clone());
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            tokio::select! {
                // Errors here are the browser's: it disconnected, was too slow, or sent no valid HTTP.
                _ = connection => {}
                () = place.closed() => {}
            }
        });
    }
    drop(listener);
    let finish = async {
        graceful.shutdown().await;
        tasks.wait().await;
    };
    if timeout(timeouts.grace, finish).await.is_err() {
        tracing::warn!("shutdown cut off requests that had not completed");
    }
    Ok(())
}

fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    timeouts: Timeouts,
    place: Place,
) -> impl GracefulConnection<Error = hyper::Error> {
    let service = service_fn(move |mut request: Request<Incoming>| {
        let (router, place) = (router.clone(), place.clone());
        // Limits per client need it.
        request.extensions_mut().insert(ConnectInfo(peer));
        async move {
            let is_for_all = !place.is_reserved() || is_health_check(&request);
            let mut response = if is_for_all {
                let request = request.map(|body| place.watch(body));
                let response = router.oneshot(request).await;
                response.unwrap_or_else(|never: Infallible| match never {})
            } else {
                busy()
            };
            if place.is_reserved() {
                let close = HeaderValue::from_static("close");
                response.headers_mut().insert(CONNECTION, close);
            }
            place.is_waiting();
            Ok::<_, Infallible>(response)
        }
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(timeouts.headers)
        .max_header_size(LONGEST_HEAD)
        .max_buf_size(LONGEST_HEAD)
        .serve_connection(
            TokioIo::new(WriteTimeout::new(stream, timeouts.response)),
            service,
        )
}

fn is_health_check<B>(request: &Request<B>) -> bool {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    is_read && request.uri().path().starts_with("/health/")
}

/// The response to a request on a reserve connection that is not a health check.
fn busy() -> Response {
    let headers = [
        (RETRY_AFTER, "5"),
        (CACHE_CONTROL, "no-store"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    let text = "Too many requests are running. Try again in a few seconds.\n";
    (StatusCode::SERVICE_UNAVAILABLE, headers, text).into_response()
}

/// Allows one event per second.
#[derive(Default)]
struct OncePerSecond(Option<Instant>);

impl OncePerSecond {
    fn is_due(&mut self, now: Instant) -> bool {
        let is_due = self
            .0
            .is_none_or(|last| now.duration_since(last) >= Duration::from_secs(1));
        if is_due {
            self.0 = Some(now);
        }
        is_due
    }
}

/// Resolves at a signal, to the time for which the port stays open: zero after Ctrl-C, and [`DRAIN`] after SIGTERM.
/// Listens for the signals from this call on, and not only from the first poll.
#[cfg(unix)]
pub fn stop_signal() -> io::Result<impl Future<Output = Duration>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => Duration::ZERO,
            _ = terminate.recv() => DRAIN,
        }
    })
}

/// Resolves to zero, after Ctrl-C.
#[cfg(not(unix))]
pub fn stop_signal() -> io::Result<impl Future<Output = Duration>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
        Duration::ZERO
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// P13: an operator sees that connections fail, and the log stays short.
    #[test]
    fn failures_are_logged_once_a_second() {
        let mut failures = OncePerSecond::default();
        let start = Instant::now();
        let due: Vec<u64> = (0..35)
            .map(|number| number * 100)
            .filter(|millis| failures.is_due(start + Duration::from_millis(*millis)))
            .collect();
        assert_eq!(due, [0, 1_000, 2_000, 3_000]);
    }
}
