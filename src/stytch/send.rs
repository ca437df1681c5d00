//! The one way out: every call to Stytch goes through [`Stytch::send`].

use std::{result::Result as StdResult, time::Duration};

use reqwest::{
    Method, Response, StatusCode,
    header::{HeaderValue, RETRY_AFTER},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use time::{OffsetDateTime, format_description::well_known::Rfc2822};
use tokio::{sync::SemaphorePermit, time::timeout};

use super::{
    Error, MOST_IN_FLIGHT, Result, SessionToken, Stytch, needed::needed, stream, tally::Running,
    vendor_clock::date,
};

/// No answer of this API comes near it, except lists of discovered organizations; more is a fault or an attack on our
/// memory.
const LARGEST_ANSWER: usize = 1024 * 1024;

/// Whether a call may be sent a second time.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Call {
    /// Reads nothing but state: repeated once when the first try got no answer.
    Read,
    /// Spends a one-time value or writes: never repeated, the second try would fail or do it twice.
    Once,
}

/// How a successful answer is read.
#[derive(Clone, Copy)]
enum Reading {
    /// As a whole, up to 1 MiB.
    Whole,
    /// While it arrives, up to 16 MiB.
    Streamed,
}

/// The response of a call that returns nothing to go on with. Every response of this API has a `request_id`: without it,
/// something else has answered, and "it is on its way" would be a guess.
#[derive(Deserialize)]
pub(super) struct Done {
    #[serde(rename = "request_id", deserialize_with = "needed")]
    _request_id: String,
}

#[derive(Deserialize)]
struct ErrorBody {
    #[serde(default)]
    error_type: String,
    #[serde(default)]
    request_id: String,
}

impl Stytch {
    /// Sends one call and reads the answer, all within the deadline. `path` holds encoded segments only.
    pub(super) async fn send<Answer: DeserializeOwned + Send + 'static>(
        &self,
        call: Call,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<Answer> {
        self.send_as(None, call, method, path, body).await
    }

    /// Nearly every call: a POST.
    pub(super) async fn post<Answer: DeserializeOwned + Send + 'static>(
        &self,
        call: Call,
        path: &str,
        body: &impl Serialize,
    ) -> Result<Answer> {
        self.send(call, Method::POST, path, Some(body)).await
    }

    /// A POST whose answer lists the organizations that were discovered, up to 16 MiB of them.
    pub(super) async fn post_for_list<Answer: DeserializeOwned + Send + 'static>(
        &self,
        call: Call,
        path: &str,
        body: &impl Serialize,
    ) -> Result<Answer> {
        let read = Reading::Streamed;
        self.try_twice(read, None, call, Method::POST, path, Some(body))
            .await
    }

    /// As [`Self::send`], with no more rights than this member has.
    pub(super) async fn send_as<Answer: DeserializeOwned + Send + 'static>(
        &self,
        member: Option<&SessionToken>,
        call: Call,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<Answer> {
        self.try_twice(Reading::Whole, member, call, method, path, body)
            .await
    }

    async fn try_twice<Answer: DeserializeOwned + Send + 'static>(
        &self,
        read: Reading,
        member: Option<&SessionToken>,
        call: Call,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<Answer> {
        let both_tries = async {
            let _turn = self.turn().await?;
            match self
                .send_once(read, member, method.clone(), path, body)
                .await
            {
                Err(error) if call == Call::Read && self.worth_another_try(&error).await => {
                    self.send_once(read, member, method.clone(), path, body)
                        .await
                }
                answer => answer,
            }
        };
        let answer = timeout(self.0.deadline, both_tries)
            .await
            .unwrap_or(Err(Error::TimedOut));
        if let Err(error) = &answer {
            tracing::warn!(%method, path, %error, "Stytch call failed");
        }
        answer
    }

    /// Waits for others to end while there are too many. Half the deadline at most: a one-time call that began just
    /// before it would be spent for nothing.
    async fn turn(&self) -> Result<SemaphorePermit<'_>> {
        let turn = timeout(self.0.deadline / 2, self.0.turns.acquire()).await;
        turn.ok().and_then(StdResult::ok).ok_or(Error::Unavailable {
            reason: format!("{MOST_IN_FLIGHT} other calls are in flight"),
            may_have_happened: false,
        })
    }

    /// Waits as long as the vendor asks, if that is short.
    async fn worth_another_try(&self, error: &Error) -> bool {
        match error {
            Error::Unavailable { .. } => true,
            Error::RateLimited {
                after: Some(after), ..
            } if *after <= Duration::from_secs(1) => {
                tokio::time::sleep(*after).await;
                true
            }
            _ => false,
        }
    }

    async fn send_once<Answer: DeserializeOwned + Send + 'static>(
        &self,
        read: Reading,
        member: Option<&SessionToken>,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<Answer> {
        let _counted = Running::begin();
        let url = self.url(path);
        let credentials = &self.0.credentials;
        // basic_auth marks the header sensitive: it is never printed.
        let mut request = self
            .0
            .http
            .request(method, url)
            .basic_auth(&credentials.project_id, Some(credentials.secret.expose()));
        if let Some(token) = member {
            request = request.header("x-stytch-member-session", sensitive(token)?);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.map_err(no_answer)?;
        self.0.clock.read(&response);
        let status = response.status();
        let after = retry_after(&response);
        if status.is_success() && matches!(read, Reading::Streamed) {
            return stream::parse(response).await;
        }
        let body = read_whole(response).await?;
        if status.is_success() {
            return serde_json::from_slice(&body)
                .map_err(|error| unreadable(status, &body, &position(&error)));
        }
        Err(refusal(status, after, &body))
    }

    /// A URL to which a browser is sent; `path` begins with a slash.
    pub(super) fn browser_url(&self, path: &str) -> url::Url {
        let mut url = self.0.public_url.clone();
        url.set_path(path);
        url
    }

    /// A URL of the API; `path` begins with a slash, and may have a query.
    fn url(&self, path: &str) -> url::Url {
        let (path, query) = match path.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (path, None),
        };
        let mut url = self.0.base_url.clone();
        url.set_path(path);
        url.set_query(query);
        url
    }
}

/// A header value that is never printed.
fn sensitive(token: &SessionToken) -> Result<HeaderValue> {
    let value = HeaderValue::from_str(token.expose());
    let mut value = value.map_err(|_| Error::Unavailable {
        reason: "a session token that can't stand in a header".to_owned(),
        may_have_happened: false,
    })?;
    value.set_sensitive(true);
    Ok(value)
}

pub(super) fn no_answer(error: reqwest::Error) -> Error {
    let may_have_happened = !error.is_connect();
    // The URL is cut off: queries hold one-time values.
    let error = error.without_url();
    Error::Unavailable {
        reason: chain(&error),
        may_have_happened,
    }
}

/// Longest chain of causes that is logged, in characters.
const LONGEST_CHAIN: usize = 500;

/// An error and its causes, which tell a refused connection from a name that is not found and from a certificate that is
/// not trusted. Some quote what the other side sent, so control characters are left out.
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

/// Reads piece by piece, so that an endless body costs 1 MiB and no more.
async fn read_whole(mut response: Response) -> Result<Vec<u8>> {
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

fn refusal(status: StatusCode, after: Option<Duration>, body: &[u8]) -> Error {
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
    // A proxy's own words for a wrong password tell as much.
    if said.error_type.is_empty() && status != StatusCode::UNAUTHORIZED {
        return unreadable(status, body, "an error without error_type");
    }
    Error::Rejected {
        status: status.as_u16(),
        error_type: word(&said.error_type),
        request_id: word(&said.request_id),
    }
}

/// The vendor's identifiers are words. They go to the log, so nothing else may come in with them.
fn word(text: &str) -> String {
    let allowed = |c: &char| c.is_ascii_alphanumeric() || "_-".contains(*c);
    text.chars().filter(allowed).take(100).collect()
}

/// serde's own message quotes the value that it stumbled over: it may be a token.
pub(super) fn position(error: &serde_json::Error) -> String {
    let kind = error.classify();
    let text = error.to_string();
    // Our own field's name, which is no part of the response.
    let missing = text.strip_prefix("missing field `");
    let missing = missing.and_then(|rest| rest.split_once('`'));
    let field = missing.map_or(String::new(), |(field, _)| format!(", {field} is missing"));
    format!(
        "{kind:?} error at line {} column {}{field}",
        error.line(),
        error.column()
    )
}

fn unreadable(status: StatusCode, body: &[u8], reason: &str) -> Error {
    let said: Option<ErrorBody> = serde_json::from_slice(body).ok();
    Error::Unreadable {
        status: status.as_u16(),
        bytes: body.len(),
        request_id: said.map(|said| word(&said.request_id)).unwrap_or_default(),
        reason: reason.to_owned(),
    }
}

/// Seconds or a date (RFC 9110 §10.2.3), which counts from the answer's own `Date`: two clocks may differ. Not
/// documented by the vendor, but proxies in front of it send it.
fn retry_after(response: &Response) -> Option<Duration> {
    let value = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = OffsetDateTime::parse(value, &Rfc2822).ok()?;
    Duration::try_from(until - date(response)?).ok()
}

#[cfg(test)]
mod tests {
    use super::super::{Credentials, ProjectSecret, Slug};
    use super::*;

    /// V12: who gets no turn is told that surely nothing happened.
    #[tokio::test]
    async fn who_gets_no_turn_called_nobody() {
        let credentials = Credentials {
            project_id: String::new(),
            secret: ProjectSecret::default(),
            public_token: String::new(),
        };
        let nowhere = url::Url::parse("http://127.0.0.1:9").unwrap();
        let stytch = Stytch::new(credentials, nowhere, Duration::from_millis(20)).unwrap();
        let all = u32::try_from(MOST_IN_FLIGHT).unwrap();
        let others = stytch.0.turns.acquire_many(all).await.unwrap();
        let told = async || {
            stytch
                .organizations()
                .by_slug(&Slug::new("acme"))
                .await
                .unwrap_err()
        };
        let error = told().await;
        assert!(
            error.to_string().contains("100 other calls are in flight"),
            "{error}"
        );
        assert!(!error.may_have_happened());
        drop(others);
        assert!(!told().await.to_string().contains("in flight"));
    }
}
