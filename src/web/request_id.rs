//! A number for every request, in the log and on the error page, and one log line when it is done.

use std::{sync::Arc, time::Instant};

use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use tracing::Instrument;
use uuid::Uuid;

use crate::stytch::tally::Tally;

/// Ours, never the caller's: what a stranger chose must not stand in the log as if we had.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// Opens the span. It holds the route, not the path: routes can be counted, and in a path stands what somebody typed,
/// an address where a slug belongs. The query, where callbacks carry one-time tokens, is not there either.
pub async fn layer(mut request: Request, next: Next) -> Response {
    let id = RequestId(Uuid::new_v4().to_string());
    let header = HeaderValue::from_str(&id.0).expect("a UUID is a header value");
    let route = request.extensions().get::<MatchedPath>();
    let span = tracing::info_span!(
        "request",
        id = %id.0,
        method = %request.method(),
        route = route.map_or("none", MatchedPath::as_str),
    );
    request.extensions_mut().insert(id);
    async move {
        let mut line = Line::begin();
        let mut response = Arc::clone(&line.tally).count(next.run(request)).await;
        line.status = Some(response.status().as_u16());
        response
            .headers_mut()
            .insert(HeaderName::from_static("x-request-id"), header);
        response
    }
    .instrument(span)
    .await
}

/// The request's line in the log, written when it is over: without a status if the browser left before.
struct Line {
    begun: Instant,
    status: Option<u16>,
    tally: Arc<Tally>,
}

impl Line {
    fn begin() -> Self {
        Self {
            begun: Instant::now(),
            status: None,
            tally: Arc::default(),
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        tracing::info!(
            status = self.status,
            milliseconds = self.begun.elapsed().as_millis(),
            stytch_calls = self.tally.calls(),
            stytch_milliseconds = self.tally.time().as_millis(),
            "done"
        );
    }
}
