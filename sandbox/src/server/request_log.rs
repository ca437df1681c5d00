//! Writes one log line for each request, with the outcome and the reason why a token did not work. It contains no
//! secrets, and nothing from bodies and queries.

use std::time::Instant;

use hyper::{Method, Request};

use crate::{
    http::{Answer, answer::Noted},
    server::spoil::Reset,
};

/// Maximum length of a path that is logged unshortened, in bytes.
const LONGEST_PATH: usize = 256;

/// A request in progress.
pub struct RequestLog {
    begun: Instant,
    method: String,
    path: String,
}

impl RequestLog {
    /// Records the request.
    pub fn begin<B>(request: &Request<B>) -> Self {
        const METHODS: [Method; 7] = [
            Method::GET,
            Method::HEAD,
            Method::POST,
            Method::PUT,
            Method::DELETE,
            Method::PATCH,
            Method::OPTIONS,
        ];
        let method = request.method();
        let is_known = METHODS.contains(method);
        Self {
            begun: Instant::now(),
            method: if is_known { method.as_str() } else { "other" }.to_owned(),
            path: short(request.uri().path()),
        }
    }

    /// Writes the line, for a response or for a fault that ended the connection.
    pub fn end(self, answered: &Result<Answer, Reset>) {
        let duration_ms = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let (method, path) = (self.method, self.path);
        let Ok(answer) = answered else {
            tracing::info!(
                %method,
                %path,
                duration_ms,
                "sandbox: a fault ended the connection"
            );
            return;
        };
        let nothing = Noted::default();
        let noted = answer.extensions().get::<Noted>().unwrap_or(&nothing);
        tracing::info!(
            %method,
            %path,
            status = answer.status().as_u16(),
            error_type = noted.error_type.as_deref().map(tracing::field::display),
            duration_ms,
            project_id = noted.project_id.as_deref().map(tracing::field::display),
            tokens = noted.tokens.as_deref(),
            "sandbox: request"
        );
    }
}

/// The path for the log, shortened and without characters that could end the line.
fn short(path: &str) -> String {
    let end = path.floor_char_boundary(LONGEST_PATH);
    let shown = path[..end].replace(char::is_control, "?");
    if end < path.len() {
        format!("{shown}…")
    } else {
        shown
    }
}
