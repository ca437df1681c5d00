//! Calls that may sign a member in.

use reqwest::StatusCode;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{
    Value,
    value::{RawValue, to_value},
};

use super::{
    Result, SessionToken, Stytch,
    answer::{position, unreadable},
    send::Call,
};

impl Stytch {
    /// Sends a one-time POST request whose response may contain a new member session. If the response can't be used,
    /// this ends that session at Stytch before it returns the error, because only this response contains its token.
    pub(super) async fn post_login<Body: DeserializeOwned, Outcome>(
        &self,
        path: &str,
        request: &impl Serialize,
        outcome: impl FnOnce(Body) -> Result<Outcome>,
    ) -> Result<Outcome> {
        let response: Box<RawValue> = self.post(Call::Once, path, request).await?;
        let response = response.get();
        let body = serde_json::from_str(response)
            .map_err(|error| unreadable(StatusCode::OK, response.as_bytes(), &position(&error)));
        let outcome = body.and_then(outcome);
        if let Err(error) = &outcome {
            tracing::warn!(path, %error, "Stytch call failed");
            if let Some(token) = new_session(response, request) {
                // The call logs a failure, and the session still expires on its own.
                let _ = self.sessions().revoke(&token).await;
            }
        }
        outcome
    }
}

/// The session in a response, unless the request named this session and only added a factor to it.
fn new_session(response: &str, request: &impl Serialize) -> Option<SessionToken> {
    let response: Value = serde_json::from_str(response).ok()?;
    let token = response["session_token"].as_str();
    let token = token.filter(|token| !token.trim().is_empty())?;
    let request = to_value(request).ok()?;
    let is_old = request["session_token"] == token || !request["session_jwt"].is_null();
    (!is_old).then(|| SessionToken::new(token))
}
