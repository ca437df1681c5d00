//! HTTP calls of the doctor. Their errors quote Stytch in full, while the client keeps Stytch's texts out of logs.

use std::{error::Error, time::Duration};

use reqwest::{Client, RequestBuilder, StatusCode, header::DATE, redirect};
use serde_json::Value;
use time::{OffsetDateTime, format_description::well_known::Rfc2822};
use url::Url;

use crate::stytch::{Credentials, tls};

/// Maximum size of a body, in bytes.
const LONGEST_BODY: usize = 1024 * 1024;

/// Maximum length of a text from a response, in characters. The rest is not shown.
const LONGEST_TEXT: usize = 300;

/// The Stytch project to look at.
#[derive(Clone, Debug)]
pub struct Project {
    /// The three values of the dashboard.
    pub credentials: Credentials,
    /// Origin that this server calls.
    pub base_url: Url,
    /// Origin at which browsers reach Stytch.
    pub public_url: Url,
}

/// Calls Stytch, and remembers the last failed response.
pub struct Ask {
    http: Client,
    pub last_failure: Option<String>,
}

/// A response, or the reason why the call failed.
pub type Asked = Result<Response, String>;

pub struct Response {
    pub status: StatusCode,
    /// The vendor's clock, by the `Date` header.
    pub date: Option<OffsetDateTime>,
    /// The JSON body; null if it is not JSON.
    pub body: Value,
}

impl Ask {
    /// Creates the client. It does not follow redirects, because credentials must not be sent to another host, and a
    /// redirect of a start URL means success.
    pub fn new(deadline: Duration) -> reqwest::Result<Self> {
        tls::choose_provider();
        let http = Client::builder()
            .redirect(redirect::Policy::none())
            .timeout(deadline)
            .user_agent(concat!("stytch-b2b-axum/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self {
            http,
            last_failure: None,
        })
    }

    pub async fn get(&mut self, url: Url) -> Asked {
        let request = self.http.get(url);
        self.send(request).await
    }

    /// Sends a POST request with the project's credentials.
    pub async fn post(&mut self, project: &Project, path: &str, body: &Value) -> Asked {
        let url = project.base_url.join(path).expect("an origin and a path");
        let own = &project.credentials;
        let request = self
            .http
            .post(url)
            .basic_auth(&own.project_id, Some(own.secret.expose()))
            .json(body);
        self.send(request).await
    }

    async fn send(&mut self, request: RequestBuilder) -> Asked {
        let mut response = request.send().await.map_err(|error| why(&error))?;
        let status = response.status();
        let date = response.headers().get(DATE);
        let date =
            date.and_then(|value| OffsetDateTime::parse(value.to_str().ok()?, &Rfc2822).ok());
        let mut body = Vec::new();
        while let Some(more) = response.chunk().await.map_err(|error| why(&error))? {
            body.extend_from_slice(&more);
            if body.len() > LONGEST_BODY {
                return Err("the response is longer than any of Stytch's".to_owned());
            }
        }
        let response = Response {
            status,
            date,
            body: serde_json::from_slice(&body).unwrap_or_default(),
        };
        if !status.is_success() && !status.is_redirection() {
            self.last_failure = Some(response.failure());
        }
        Ok(response)
    }
}

impl Response {
    /// The vendor's identifier of an error; empty if the response has none.
    pub fn error_type(&self) -> &str {
        self.body["error_type"].as_str().unwrap_or_default()
    }

    /// `401 unauthorized_credentials: Unauthorized credentials. (request_id request-id-test-…)`
    pub fn failure(&self) -> String {
        let text = |name: &str| -> String {
            let text = self.body[name].as_str().unwrap_or_default();
            let printable = text.chars().filter(|c| !c.is_control());
            printable.take(LONGEST_TEXT).collect()
        };
        let status = self.status.as_u16();
        match text("error_type").as_str() {
            "" => format!("{status}, without an error from Stytch"),
            error_type => format!(
                "{status} {error_type}: {} (request_id {})",
                text("error_message"),
                text("request_id")
            ),
        }
    }
}

/// The innermost cause, which distinguishes an unknown host name from a refused certificate.
fn why(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "no response in time".to_owned();
    }
    let mut cause: &dyn Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
