//! The server. axum's own `serve` has no header timeout, and one partly sent request would block its shutdown forever.
//!
//! A shutdown has three steps. First, readiness responds 503 while everything is still served, so that a load balancer
//! sees it. Then the port is closed and running requests complete. Then the remaining connections are cut off.

use std::{convert::Infallible, future::Future, io, pin::pin, time::Duration};

use axum::{
    Router,
    extract::{ConnectInfo, Request},
};
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
    /// A shutdown takes at most [`DRAIN`] plus `grace`, less than the ten seconds after which Docker kills the process.
    fn default() -> Self {
        Self {
            headers: Duration::from_secs(10),
            response: Duration::from_secs(30),
            grace: Duration::from_secs(7),
        }
    }
}

/// How long the port stays open after SIGTERM.
pub const DRAIN: Duration = Duration::from_secs(2);

/// Serves until `stop` resolves to how much longer the port stays open, then completes the running requests. `tasks` are
/// the requests that continue after their browsers disconnected. The tracker is closed at once, which is how readiness
/// knows about the shutdown.
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
        let (stream, peer) = tokio::select! {
            () = &mut drained => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Most likely there are no file descriptors left; closing connections frees some.
                    tracing::warn!(%error, "could not accept a connection");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
        };
        let router = router.clone();
        let service = service_fn(move |mut request: Request<Incoming>| {
            let router = router.clone();
            // Limits per client need it.
            request.extensions_mut().insert(ConnectInfo(peer));
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
            // Errors here are the browser's: it disconnected, was too slow, or sent no valid HTTP.
            let _ = connection.await;
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

/// Resolves to how long the port stays open: no time after Ctrl-C, and [`DRAIN`] after SIGTERM. Listens from now on, not
/// from the first poll.
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

/// Resolves after Ctrl-C, to no time.
#[cfg(not(unix))]
pub fn stop_signal() -> io::Result<impl Future<Output = Duration>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
        Duration::ZERO
    })
}
