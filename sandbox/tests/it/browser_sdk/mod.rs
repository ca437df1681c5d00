//! The API of the browser SDK, as the SDK calls it. `tests/browser` of the app runs the SDK itself.

mod look_ups;
mod origins;
mod passwords;
mod rights;
mod second_factors;
mod sign_in;
mod wire;

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use stytch_sandbox::{Approval, Flow};

use super::lab::{Lab, Reply, text};

pub const VERIFIER: &str = "00000000000000000000000000000000";
pub const CHALLENGE: &str = "hODA6vqpWjTCk_J4rFLkXOU3urXnUqAOaVmhOuEDtlo";
pub const ADA: &str = "ada@acme.example";
/// A page of this machine.
pub const PAGE: &str = "http://localhost:3000";

/// The SDK in a browser, with the session that its cookie holds.
pub struct Browser<'a> {
    pub lab: &'a Lab,
    pub session: Option<String>,
}

impl<'a> Browser<'a> {
    pub fn new(lab: &'a Lab) -> Self {
        Self { lab, session: None }
    }

    /// A browser in which this person is signed in to the organization.
    pub async fn of(lab: &'a Lab, email: &str, organization: &str) -> Self {
        let answer = lab.sign_in("google", email, organization, json!({})).await;
        let session = text(&answer.ok()["session_token"]);
        Self {
            lab,
            session: Some(session),
        }
    }

    /// A request as the SDK sends it, without its body. The path is what follows `/sdk/v1`.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let public = self.lab.credentials().public_token;
        let session = self.session.clone().unwrap_or_else(|| public.clone());
        let request = self
            .lab
            .http
            .request(method, format!("{}/sdk/v1{path}", self.lab.url));
        request
            .basic_auth(public, Some(session))
            .header("content-type", "application/json")
            .header("origin", PAGE)
            .header("x-sdk-client", "e30=")
            .header("x-sdk-parent-host", PAGE)
    }

    pub async fn send(&self, method: Method, path: &str, body: Value) -> Reply {
        let request = self.request(method.clone(), path);
        Reply::send(if matches!(method, Method::POST | Method::PUT) {
            request.body(body.to_string())
        } else {
            request
        })
        .await
    }

    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.send(Method::POST, path, body).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Reply {
        self.send(Method::PUT, path, body).await
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, Value::Null).await
    }

    pub async fn delete(&self, path: &str) -> Reply {
        self.send(Method::DELETE, path, Value::Null).await
    }

    /// Stores the session in a response, as the SDK does.
    pub fn keep(&mut self, answer: &Value) {
        self.session = Some(text(&answer["session_token"]));
    }
}

impl Reply {
    /// The data of a successful response, as the SDK reads it.
    #[track_caller]
    pub fn data(self) -> Value {
        let body = self.json();
        assert_eq!(self.status, 200, "{body}");
        let whole = body.as_object().expect("an object");
        assert_eq!(whole.keys().collect::<Vec<_>>(), ["data"], "{body}");
        assert_eq!(body["data"]["status_code"], 200);
        assert!(text(&body["data"]["request_id"]).starts_with("request-id-test-"));
        body["data"].clone()
    }
}

impl Lab {
    /// An OAuth token of a sign-in that the SDK started, with PKCE.
    pub fn token_with_pkce(&self, email: &str, organization: Option<&str>) -> String {
        let flow = match organization {
            Some(_) => Flow::Oauth,
            None => Flow::DiscoveryOauth,
        };
        let approval = Approval {
            flow,
            provider: "google",
            email,
            organization,
            pkce_code_challenge: Some(CHALLENGE),
        };
        self.world.approve(approval).token
    }
}
