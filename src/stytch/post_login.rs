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
    /// A one-time POST whose response may hold a new member session. If the response can't be used, that session is
    /// ended at Stytch before the error is returned, because no one else knows its token.
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
                // A failure is logged by the call itself, and the session expires by itself.
                let _ = self.sessions().revoke(&token).await;
            }
        }
        outcome
    }
}

/// The session that a response holds, unless it is one that the request named and only added a factor to.
fn new_session(response: &str, request: &impl Serialize) -> Option<SessionToken> {
    let response: Value = serde_json::from_str(response).ok()?;
    let token = response["session_token"].as_str();
    let token = token.filter(|token| !token.trim().is_empty())?;
    let request = to_value(request).ok()?;
    let is_old = request["session_token"] == token || !request["session_jwt"].is_null();
    (!is_old).then(|| SessionToken::new(token))
}
