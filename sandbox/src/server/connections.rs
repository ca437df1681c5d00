//! Accepting connections. `axum::serve` would do for the answers, but not for the faults: a connection that dies
//! without an answer needs a service that may fail.

use std::{convert::Infallible, time::Duration};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{net::TcpListener, task::JoinSet};

use crate::{server::handle::handle, world::sandbox::Sandbox};

impl Sandbox {
    /// Serves on this listener until `shutdown` resolves. Open connections are dropped then: nothing in a sandbox
    /// is worth waiting for.
    pub async fn serve(
        &self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> std::io::Result<()> {
        self.listens_on(listener.local_addr()?);
        serve(self.clone(), listener, shutdown).await;
        Ok(())
    }
}

/// Serves until `shutdown` resolves, then drops every connection: a held or an idle one never delays the end.
async fn serve(sandbox: Sandbox, listener: TcpListener, shutdown: impl Future<Output = ()>) {
    let mut connections = JoinSet::new();
    tokio::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            () = &mut shutdown => return, // dropping the set aborts what is in it
            Some(_) = connections.join_next() => continue, // forgets those that ended
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                let sandbox = sandbox.clone();
                connections.spawn(async move {
                    let service = service_fn(move |request| handle(sandbox.clone(), request));
                    let connection = http1::Builder::new()
                        .timer(TokioTimer::new())
                        .header_read_timeout(Duration::from_secs(30))
                        .serve_connection(TokioIo::new(stream), service);
                    if let Err(error) = connection.await {
                        tracing::debug!(%error, "sandbox: connection ended");
                    }
                    Ok::<(), Infallible>(())
                });
            }
            // Out of file descriptors, mostly: wait for some to come back instead of spinning.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}
