//! Sends calls to Stytch. Every call has the credentials and a deadline, and only calls that read are repeated.

use std::{result::Result as StdResult, time::Duration};

use reqwest::{
    Method, Response, StatusCode,
    header::{CONTENT_TYPE, HeaderValue},
};
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

/// A call, ready to be sent.
struct Outgoing<'a> {
    /// The session that gives the call the permissions of its member.
    member: Option<&'a SessionToken>,
    call: Call,
    method: Method,
    path: &'a str,
    /// The request's JSON, written once for both tries. `None` if the call has no body.
    body: Option<Vec<u8>>,
}

/// The body of a successful response, up to 1 MiB.
struct Whole {
    status: StatusCode,
    body: Vec<u8>,
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
    pub(super) async fn send<Answer: DeserializeOwned>(
        &self,
        call: Call,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<Answer> {
        self.send_as(None, call, method, path, body).await
    }

    /// Sends a POST request, as most calls do.
    pub(super) async fn post<Answer: DeserializeOwned>(
        &self,
        call: Call,
        path: &str,
        body: &impl Serialize,
    ) -> Result<Answer> {
        self.send(call, Method::POST, path, Some(body)).await
    }

    /// The same as [`Self::send`], with the permissions of this session's member.
    pub(super) async fn send_as<Answer: DeserializeOwned>(
        &self,
        member: Option<&SessionToken>,
        call: Call,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<Answer> {
        let outgoing = Outgoing {
            member,
            call,
            method,
            path,
            body: body.map(json).transpose()?,
        };
        let whole = self.send_and_read(&outgoing).await;
        outgoing.log_failure(whole.and_then(Whole::parse))
    }

    /// Sends a POST request whose response has a list of discovered organizations, up to 16 MiB. It is parsed while it
    /// arrives.
    pub(super) async fn post_for_list<Answer: DeserializeOwned + Send + 'static>(
        &self,
        call: Call,
        path: &str,
        body: &impl Serialize,
    ) -> Result<Answer> {
        let outgoing = Outgoing {
            member: None,
            call,
            method: Method::POST,
            path,
            body: Some(json(body)?),
        };
        let list = self.try_twice(&outgoing, || self.try_to_stream(&outgoing));
        outgoing.log_failure(list.await)
    }

    /// Sends a call that reads a second time if there was no response, and any other call only once.
    async fn try_twice<Answer, Try: Future<Output = Result<Answer>>>(
        &self,
        outgoing: &Outgoing<'_>,
        send: impl Fn() -> Try,
    ) -> Result<Answer> {
        let both_tries = async {
            let _turn = self.turn().await?;
            match send().await {
                Err(error)
                    if outgoing.call == Call::Read && self.worth_another_try(&error).await =>
                {
                    send().await
                }
                answer => answer,
            }
        };
        // Boxed, because every handler that calls Stytch would be as large.
        timeout(self.0.deadline, Box::pin(both_tries))
            .await
            .unwrap_or(Err(Error::TimedOut))
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

    /// Both tries, without a type of response: in [`Self::send_as`], they would be compiled once for each.
    async fn send_and_read(&self, outgoing: &Outgoing<'_>) -> Result<Whole> {
        self.try_twice(outgoing, || self.try_to_read(outgoing))
            .await
    }

    async fn try_to_read(&self, outgoing: &Outgoing<'_>) -> Result<Whole> {
        let mut running = outgoing.begin();
        let response = self.response_or_error(outgoing, &mut running).await?;
        let status = response.status();
        let body = read_whole(response).await?;
        running.response(&body);
        Ok(Whole { status, body })
    }

    async fn try_to_stream<Answer>(&self, outgoing: &Outgoing<'_>) -> Result<Answer>
    where
        Answer: DeserializeOwned + Send + 'static,
    {
        let mut running = outgoing.begin();
        let response = self.response_or_error(outgoing, &mut running).await?;
        stream::parse(response, |piece| running.response(piece)).await
    }

    /// Sends the call. A response that is not a success is read and becomes the error.
    async fn response_or_error(
        &self,
        outgoing: &Outgoing<'_>,
        running: &mut Running,
    ) -> Result<Response> {
        let credentials = &self.0.credentials;
        // basic_auth marks the header sensitive: it is never printed.
        let mut request = self
            .0
            .http
            .request(outgoing.method.clone(), self.url(outgoing.path))
            .basic_auth(&credentials.project_id, Some(credentials.secret.expose()));
        if let Some(token) = outgoing.member {
            request = request.header("x-stytch-member-session", sensitive(token)?);
        }
        if let Some(body) = &outgoing.body {
            let json = HeaderValue::from_static("application/json");
            request = request.header(CONTENT_TYPE, json).body(body.clone());
        }
        let response = request.send().await.map_err(no_answer)?;
        self.0.clock.read(&response);
        let status = response.status();
        running.status(status);
        if status.is_success() {
            return Ok(response);
        }
        let after = retry_after(&response);
        let body = read_whole(response).await?;
        running.response(&body);
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

impl Outgoing<'_> {
    fn begin(&self) -> Running {
        Running::begin(&self.method, self.path, self.body.as_deref())
    }

    fn log_failure<Answer>(&self, answer: Result<Answer>) -> Result<Answer> {
        answer.inspect_err(|error| {
            tracing::warn!(method = %self.method, path = self.path, %error, "Stytch call failed");
        })
    }
}

impl Whole {
    fn parse<Answer: DeserializeOwned>(self) -> Result<Answer> {
        serde_json::from_slice(&self.body)
            .map_err(|error| unreadable(self.status, &self.body, &position(&error)))
    }
}

/// No request of this client fails here, so the error has no log line.
fn json(body: &impl Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(body).map_err(|error| Error::Unavailable {
        reason: format!(
            "a request that can't be written as JSON: {:?}",
            error.classify()
        ),
        may_have_happened: false,
    })
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
