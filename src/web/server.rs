//! The server. axum's own `serve` has no header timeout, and one partly sent request would block its shutdown forever.
//!
//! The stop has three steps. Readiness says 503 while everything is still served: whoever balances the load needs to
//! see it, and on a closed port nobody sees anything. Then the port is closed, and what runs is finished. Then the
//! rest is cut off.

use std::{convert::Infallible, future::Future, io, pin::pin, time::Duration};

use axum::{Router, extract::Request};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use tokio::{net::TcpListener, time::timeout};
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use super::write_timeout::WriteTimeout;

/// How long the server waits for a client.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// For the headers of the next request, since the connection or the last response.
    pub headers: Duration,
    /// For the client to read a response.
    pub response: Duration,
    /// For requests to complete after the port is closed.
    pub grace: Duration,
}

impl Default for Timeouts {
    /// A stop takes [`DRAIN`] and `grace` at most: less than the ten seconds after which Docker kills.
    fn default() -> Self {
        Self {
            headers: Duration::from_secs(10),
            response: Duration::from_secs(30),
            grace: Duration::from_secs(7),
        }
    }
}

/// How long the port stays open after a SIGTERM.
pub const DRAIN: Duration = Duration::from_secs(2);

/// Serves until `stop` says how much longer the port is to stay open; then lets what runs finish. `tasks` are the
/// requests whose browsers have left already; they count. It is closed at once: readiness goes by that.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    tasks: TaskTracker,
    timeouts: Timeouts,
    stop: impl Future<Output = Duration>,
) -> io::Result<()> {
    let graceful = GracefulShutdown::new();
    let mut drained = pin!(async {
        let drain = stop.await;
        tasks.close();
        tokio::time::sleep(drain).await;
    });
    loop {
        let stream = tokio::select! {
            () = &mut drained => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    // Out of file descriptors, most likely: closing connections will free some.
                    tracing::warn!(%error, "can't accept a connection");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
        };
        let router = router.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            let router = router.clone();
            async move {
                let response = router.oneshot(request.map(axum::body::Body::new)).await;
                response.map_err(|never: Infallible| never)
            }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(timeouts.headers)
            .serve_connection(
                TokioIo::new(WriteTimeout::new(stream, timeouts.response)),
                service,
            );
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // Errors here are the browser's: it left, was too slow, or spoke no HTTP.
            let _ = connection.await;
        });
    }
    drop(listener);
    let finish = async {
        graceful.shutdown().await;
        tasks.wait().await;
    };
    if timeout(timeouts.grace, finish).await.is_err() {
        tracing::warn!("stopped with requests unfinished");
    }
    Ok(())
}

/// Resolves to how long the port is to stay open: no time at Ctrl-C, which a person pressed, and [`DRAIN`] at the
/// SIGTERM of whoever runs us. Listens from now on, not from the first poll.
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

/// Resolves to how long the port is to stay open after Ctrl-C: no time.
#[cfg(not(unix))]
pub fn stop_signal() -> io::Result<impl Future<Output = Duration>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
        Duration::ZERO
    })
}
