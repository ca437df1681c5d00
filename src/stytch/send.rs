//! Sends calls to Stytch. Every call goes through `Stytch::send`, which adds the credentials and a deadline, and
//! repeats only calls that read.

use std::{result::Result as StdResult, time::Duration};

use reqwest::{Method, header::HeaderValue};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tokio::{sync::SemaphorePermit, time::timeout};

use super::{
    Error, MOST_IN_FLIGHT, Result, SessionToken, Stytch,
    answer::{no_answer, position, read_whole, refusal, retry_after, unreadable},
    needed::needed,
    stream,
    tally::Running,
};

/// Whether a call may be sent a second time.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Call {
    /// A call that only reads. It is repeated once if there was no response.
    Read,
    /// A call that uses up a one-time value or writes. It is never repeated, because a second try would fail or write
    /// twice.
    Once,
}

/// How a successful response is read.
#[derive(Clone, Copy)]
enum Reading {
    /// Completely, before it is parsed; up to 1 MiB.
    Whole,
    /// In pieces, which are parsed as they arrive; up to 16 MiB.
    Streamed,
}

/// The response to a call without a result. Every response of this API has a `request_id`. A response without one is
/// from another server, so the call may not have had its effect.
#[derive(Deserialize)]
pub(super) struct Done {
    #[serde(rename = "request_id", deserialize_with = "needed")]
    _request_id: String,
}

impl Stytch {
    /// Sends one call and reads the response, within the deadline. The segments of `path` must be encoded.
    pub(super) async fn send<Answer: DeserializeOwned + Send + 'static>(
        &self,
        call: Call,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<Answer> {
        self.send_as(None, call, method, path, body).await
    }

    /// Sends a POST request, as most calls do.
    pub(super) async fn post<Answer: DeserializeOwned + Send + 'static>(
        &self,
        call: Call,
        path: &str,
        body: &impl Serialize,
    ) -> Result<Answer> {
        self.send(call, Method::POST, path, Some(body)).await
    }

    /// Sends a POST request whose response has a list of discovered organizations, up to 16 MiB.
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

    /// The same as [`Self::send`], with the permissions of this session's member.
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

    /// Waits while there are too many calls, for at most half of the deadline. A one-time call that started shortly
    /// before the deadline would be wasted.
    async fn turn(&self) -> Result<SemaphorePermit<'_>> {
        let turn = timeout(self.0.deadline / 2, self.0.turns.acquire()).await;
        turn.ok().and_then(StdResult::ok).ok_or(Error::Unavailable {
            reason: format!("{MOST_IN_FLIGHT} other calls are in flight"),
            may_have_happened: false,
        })
    }

    /// Waits as long as Stytch asks, if the time is short.
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
        let mut running = Running::begin(&method, path, body);
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
        running.status(status);
        let after = retry_after(&response);
        if status.is_success() && matches!(read, Reading::Streamed) {
            return stream::parse(response, |piece| running.response(piece)).await;
        }
        let body = read_whole(response).await?;
        running.response(&body);
        if status.is_success() {
            return serde_json::from_slice(&body)
                .map_err(|error| unreadable(status, &body, &position(&error)));
        }
        Err(refusal(status, after, &body))
    }

    /// A URL for browsers. `path` begins with a slash.
    pub(super) fn browser_url(&self, path: &str) -> url::Url {
        let mut url = self.0.public_url.clone();
        url.set_path(path);
        url
    }

    /// A URL of the API. `path` begins with a slash, and may have a query.
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
        reason: "a session token that is not allowed in a header".to_owned(),
        may_have_happened: false,
    })?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::super::{Credentials, ProjectSecret, Slug};
    use super::*;

    /// V12: the error of a call that got no slot says that it had no effect.
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
