//! A number for every request, in the log and on the error page, and one log line when it is done.

use std::time::Instant;

use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use tracing::Instrument;
use uuid::Uuid;

/// Ours, never the caller's: what a stranger chose must not stand in the log as if we had.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// Opens the span. It holds the path and no query: callbacks carry one-time tokens there.
pub async fn layer(mut request: Request, next: Next) -> Response {
    let id = RequestId(Uuid::new_v4().to_string());
    let header = HeaderValue::from_str(&id.0).expect("a UUID is a header value");
    let span = tracing::info_span!(
        "request",
        id = %id.0,
        method = %request.method(),
        path = %request.uri().path(),
    );
    request.extensions_mut().insert(id);
    async move {
        let begun = Instant::now();
        let mut response = next.run(request).await;
        let status = response.status().as_u16();
        let milliseconds = begun.elapsed().as_millis();
        tracing::info!(status, milliseconds, "done");
        response
            .headers_mut()
            .insert(HeaderName::from_static("x-request-id"), header);
        response
    }
    .instrument(span)
    .await
}
