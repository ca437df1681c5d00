//! Accepts connections. `axum::serve` is not used, because faults that close a connection without a response require a
//! service that can fail.

use std::time::{Duration, Instant};

use hyper::{
    Method, Request,
    body::Incoming,
    header::{CONNECTION, HeaderValue, RETRY_AFTER},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{net::TcpStream, task::JoinSet};

use crate::{
    http::{Answer, answer},
    model::{ApiError, ids},
    server::{
        courier,
        handle::handle,
        listeners::Listeners,
        places::{Place, Places},
        request_log::RequestLog,
        spoil::Reset,
        write_timeout::WriteTimeout,
    },
    world::sandbox::Sandbox,
};

impl Sandbox {
    /// Serves on one or several listeners until `shutdown` resolves. Then it drops open connections without waiting for
    /// them.
    pub async fn serve(
        &self,
        listeners: impl Into<Listeners>,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> std::io::Result<()> {
        let listeners = listeners.into();
        self.listens_on(listeners.local_addr()?);
        serve(self.clone(), listeners, shutdown).await;
        Ok(())
    }
}

/// Maximum size of the request line and headers, in bytes. Larger ones get a 431, and the connection is closed.
const LONGEST_HEAD: usize = 32 * 1024;

/// Serves until `shutdown` resolves, and then drops every connection, so that held and idle ones never delay the end.
async fn serve(sandbox: Sandbox, listeners: Listeners, shutdown: impl Future<Output = ()>) {
    let limits = sandbox.options.limits;
    let places = Places::new(limits.connections, limits.reserve);
    let mut connections = JoinSet::new();
    connections.spawn(courier::run(sandbox.clone()));
    let mut last_warning = None;
    tokio::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            () = &mut shutdown => return, // dropping the set aborts its tasks
            Some(_) = connections.join_next() => continue, // removes finished tasks
            accepted = listeners.accept() => accepted,
        };
        match accepted {
            Ok(stream) => {
                tokio::select! {
                    () = &mut shutdown => return,
                    () = places.room() => {}
                }
                let place = places.admit();
                let connection = connection(sandbox.clone(), stream, place.clone());
                connections.spawn(async move {
                    tokio::select! {
                        () = connection => {}
                        () = place.closed() => {}
                    }
                });
            }
            Err(error) => {
                // Usually there are no file descriptors left: wait for some instead of spinning.
                if last_warning.is_none_or(|it: Instant| it.elapsed() >= Duration::from_secs(1)) {
                    tracing::warn!(%error, "sandbox: could not accept a connection");
                    last_warning = Some(Instant::now());
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

async fn connection(sandbox: Sandbox, stream: TcpStream, place: Place) {
    let limits = sandbox.options.limits;
    let service = service_fn(move |request| {
        let log = RequestLog::begin(&request);
        let answered = respond(sandbox.clone(), request, place.clone());
        async move {
            let answered = answered.await;
            log.end(&answered);
            answered
        }
    });
    let stream = WriteTimeout::new(stream, limits.response_within);
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.headers_within)
        .max_header_size(LONGEST_HEAD)
        .max_buf_size(LONGEST_HEAD)
        .serve_connection(TokioIo::new(stream), service);
    if let Err(error) = connection.await {
        tracing::debug!(%error, "sandbox: connection ended");
    }
}

/// Responds to a request. On reserve connections, only health checks are served.
async fn respond(
    sandbox: Sandbox,
    request: Request<Incoming>,
    place: Place,
) -> Result<Answer, Reset> {
    let is_health_check = matches!(*request.method(), Method::GET | Method::HEAD)
        && request.uri().path() == "/_sandbox/health";
    let mut answer = if is_health_check || !place.is_reserved() {
        handle(sandbox, request.map(|body| place.watch(body))).await?
    } else {
        let message = "Too many requests are running. Try again in a few seconds.";
        let error = ApiError::new(503, "sandbox_busy", message);
        let mut answer = answer::error(&error, &ids::mint("request-id"));
        let seconds = HeaderValue::from_static("5");
        answer.headers_mut().insert(RETRY_AFTER, seconds);
        answer
    };
    if place.is_reserved() {
        let close = HeaderValue::from_static("close");
        answer.headers_mut().insert(CONNECTION, close);
    }
    place.is_waiting();
    Ok(answer)
}
