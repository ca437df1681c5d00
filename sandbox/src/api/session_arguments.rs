//! The arguments that name a session: `session_token`, `session_jwt`, `intermediate_session_token`.

use crate::{
    http::ApiRequest,
    model::{ApiError, State},
    rules::session_lookup::{by_jwt, by_token},
};

/// The id of the session that the request names by token or JWT; `None` if it names no session.
pub fn optional_session(state: &State, request: &ApiRequest) -> Result<Option<String>, ApiError> {
    match (request.text("session_token")?, request.text("session_jwt")?) {
        (Some(_), Some(_)) => Err(ApiError::of("too_many_session_arguments")),
        (Some(token), None) => by_token(state, token).map(Some),
        (None, Some(jwt)) => by_jwt(state, jwt).map(Some),
        (None, None) => Ok(None),
    }
}
