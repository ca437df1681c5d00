//! Serving: axum's own `serve` has no header timeout, and one half-sent request would hold up the stop for ever.

use std::{convert::Infallible, future::Future, io, pin::pin, time::Duration};

use axum::{Router, extract::Request};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use tokio::net::TcpListener;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

const HEADERS_WITHIN: Duration = Duration::from_secs(10);
const GRACE: Duration = Duration::from_secs(10);

/// Serves until `stop` resolves, then lets what runs finish, for ten seconds at most. `tasks` are the requests whose
/// browsers have left already; they count.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    tasks: TaskTracker,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let graceful = GracefulShutdown::new();
    let mut stop = pin!(stop);
    loop {
        let stream = tokio::select! {
            () = &mut stop => break,
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
            .header_read_timeout(HEADERS_WITHIN)
            .serve_connection(TokioIo::new(stream), service);
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // Errors here are the browser's: it left, or it spoke no HTTP.
            let _ = connection.await;
        });
    }
    drop(listener);
    tasks.close();
    let finish = async {
        graceful.shutdown().await;
        tasks.wait().await;
    };
    if tokio::time::timeout(GRACE, finish).await.is_err() {
        tracing::warn!("stopped with requests unfinished");
    }
    Ok(())
}

/// Ctrl-C, or the SIGTERM of whoever runs us. Listens from now on, not from the first poll.
#[cfg(unix)]
pub fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Ctrl-C.
#[cfg(not(unix))]
pub fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
