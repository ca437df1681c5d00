//! A request id for the log and the error page, and one log line when the request is done.

use std::{sync::Arc, time::Instant};

use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderName, HeaderValue, Method},
    response::Response,
};
use futures_util::FutureExt;
use tracing::Instrument;
use uuid::Builder;

use super::around::{Around, Next, ResponseFuture};
use crate::stytch::{
    random,
    tally::{Tally, milliseconds},
};

/// The id. It is always generated here, because an id from the client could mislead the reader of the log.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// A layer that gives each request an id, a span and a log line. The span has the route and not the path, because a path
/// can contain what a visitor typed, such as an email address instead of a slug. It never has the query, which contains
/// one-time tokens on callbacks.
#[derive(Clone)]
pub struct RequestIds;

impl Around for RequestIds {
    fn handle<Inside: ResponseFuture>(
        &self,
        mut request: Request,
        next: Next<'_, Inside>,
    ) -> impl Future<Output = Response> + Send + use<Inside> {
        let id = Builder::from_random_bytes(random::bytes()).into_uuid();
        let id = RequestId(id.to_string());
        let header = HeaderValue::from_str(&id.0).expect("a UUID is a header value");
        let route = request.extensions().get::<MatchedPath>();
        let is_health_check = route.is_some_and(|route| route.as_str().starts_with("/health/"));
        macro_rules! span {
            ($macro:ident) => {
                tracing::$macro!(
                    "request",
                    id = %id.0,
                    method = %method(request.method()),
                    route = route.map_or("none", MatchedPath::as_str),
                )
            };
        }
        let span = if is_health_check {
            span!(debug_span) // like its line
        } else {
            span!(info_span)
        };
        request.extensions_mut().insert(id);
        let line = Line::begin(is_health_check);
        // The layers inside may log at once.
        let response = span.in_scope(|| next.run(request));
        Arc::clone(&line.tally)
            .count(response)
            .map(move |response| line.end(response, header))
            .instrument(span)
    }
}

/// The method, for the log. Unknown methods are replaced, because a client can send any text of any length.
fn method(method: &Method) -> &str {
    const KNOWN: [Method; 9] = [
        Method::GET,
        Method::POST,
        Method::HEAD,
        Method::OPTIONS,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::TRACE,
        Method::CONNECT,
    ];
    let is_known = KNOWN.contains(method);
    if is_known { method.as_str() } else { "other" }
}

/// The request's log line, written when the request ends. It has no status if the browser disconnected before.
struct Line {
    is_health_check: bool,
    started_at: Instant,
    status: Option<u16>,
    tally: Arc<Tally>,
}

impl Line {
    fn begin(is_health_check: bool) -> Self {
        Self {
            is_health_check,
            started_at: Instant::now(),
            status: None,
            tally: Arc::default(),
        }
    }

    fn end(mut self, mut response: Response, id: HeaderValue) -> Response {
        self.status = Some(response.status().as_u16());
        let name = HeaderName::from_static("x-request-id");
        response.headers_mut().insert(name, id);
        response
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let calls = Some(self.tally.calls()).filter(|calls| *calls > 0);
        let time = calls.map(|_| milliseconds(self.tally.time()));
        macro_rules! done {
            ($level:ident) => {
                tracing::$level!(
                    status = self.status,
                    milliseconds = milliseconds(self.started_at.elapsed()),
                    stytch_calls = calls,
                    stytch_milliseconds = time,
                    "done"
                )
            };
        }
        if self.is_health_check {
            done!(debug); // every few seconds, from every probe
        } else {
            done!(info);
        }
    }
}
