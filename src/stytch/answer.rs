//! Reads the response to a call: its body, or an error.

use std::time::Duration;

use reqwest::{Response, StatusCode, header::RETRY_AFTER};
use serde::Deserialize;
use time::{OffsetDateTime, format_description::well_known::Rfc2822};

use super::{Error, Result, vendor_clock::date};

/// Maximum size of a response, in bytes. Except for lists of discovered organizations, responses of this API are far
/// smaller. A larger one is a fault, or an attack on our memory.
const LARGEST_ANSWER: usize = 1024 * 1024;

#[derive(Deserialize)]
struct ErrorBody {
    #[serde(default)]
    error_type: String,
    #[serde(default)]
    request_id: String,
}

pub(super) fn no_answer(error: reqwest::Error) -> Error {
    let may_have_happened = !error.is_connect();
    // The URL is removed, because its query contains one-time values.
    let error = error.without_url();
    Error::Unavailable {
        reason: chain(&error),
        may_have_happened,
    }
}

/// Maximum length of the logged causes, in characters.
const LONGEST_CHAIN: usize = 500;

/// An error and its causes. Only the causes distinguish a refused connection, an unknown host name and an untrusted
/// certificate. Some of them quote what the server sent, so control characters are removed.
fn chain(error: &dyn std::error::Error) -> String {
    let mut texts = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if texts.last() != Some(&text) {
            texts.push(text);
        }
        cause = error.source();
    }
    let text = texts.join(": ");
    let printed = text.chars().filter(|c| !c.is_control());
    printed.take(LONGEST_CHAIN).collect()
}

/// Reads the body in pieces, so an endless body uses at most 1 MiB.
pub(super) async fn read_whole(mut response: Response) -> Result<Vec<u8>> {
    let status = response.status();
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(no_answer)? {
        body.extend_from_slice(&piece);
        if body.len() > LARGEST_ANSWER {
            return Err(unreadable(status, &body, "more than 1 MiB"));
        }
    }
    Ok(body)
}

pub(super) fn refusal(status: StatusCode, after: Option<Duration>, body: &[u8]) -> Error {
    if status.is_server_error() {
        return Error::Unavailable {
            reason: format!("status {status}"),
            may_have_happened: true,
        };
    }
    if !status.is_client_error() {
        return unreadable(status, body, "an API does not redirect");
    }
    let said = serde_json::from_slice(body).unwrap_or(ErrorBody {
        error_type: String::new(),
        request_id: String::new(),
    });
    if status == StatusCode::TOO_MANY_REQUESTS {
        return Error::RateLimited {
            after,
            error_type: word(&said.error_type),
            request_id: word(&said.request_id),
        };
    }
    // A 401 without an error type is from a proxy, and has the same meaning.
    if said.error_type.is_empty() && status != StatusCode::UNAUTHORIZED {
        return unreadable(status, body, "an error without error_type");
    }
    Error::Rejected {
        status: status.as_u16(),
        error_type: word(&said.error_type),
        request_id: word(&said.request_id),
    }
}

/// An identifier of Stytch's. It goes to the log, so text that is not a single word is dropped.
fn word(text: &str) -> String {
    let allowed = |c: &char| c.is_ascii_alphanumeric() || "_-".contains(*c);
    text.chars().filter(allowed).take(100).collect()
}

/// Describes a JSON error by its position. serde's own message quotes the wrong value, which may be a token.
pub(super) fn position(error: &serde_json::Error) -> String {
    let kind = error.classify();
    let text = error.to_string();
    // The name of our own field, which is not from the response.
    let missing = text.strip_prefix("missing field `");
    let missing = missing.and_then(|rest| rest.split_once('`'));
    let field = missing.map_or(String::new(), |(field, _)| format!(", {field} is missing"));
    format!(
        "{kind:?} error at line {} column {}{field}",
        error.line(),
        error.column()
    )
}

pub(super) fn unreadable(status: StatusCode, body: &[u8], reason: &str) -> Error {
    let said: Option<ErrorBody> = serde_json::from_slice(body).ok();
    Error::Unreadable {
        status: status.as_u16(),
        bytes: body.len(),
        request_id: said.map(|said| word(&said.request_id)).unwrap_or_default(),
        reason: reason.to_owned(),
    }
}

/// Value of `Retry-After`: seconds, or a date (RFC 9110 §10.2.3), which is compared with the response's own `Date`,
/// because clocks may differ. Stytch does not document this header, but proxies in front of Stytch send it.
pub(super) fn retry_after(response: &Response) -> Option<Duration> {
    let value = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = OffsetDateTime::parse(value, &Rfc2822).ok()?;
    Duration::try_from(until - date(response)?).ok()
}
