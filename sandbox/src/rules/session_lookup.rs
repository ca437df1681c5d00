//! Looks up sessions and intermediate sessions by their tokens.

use crate::model::{ApiError, Intermediate, State, ids, session::issuer};

/// The id of the live session with this token.
pub fn by_token(state: &State, token: &str) -> Result<String, ApiError> {
    if !ids::is_token(token) {
        return Err(ApiError::of("invalid_session_token"));
    }
    found(state, state.live_session(|session| session.token == token))
}

/// The id of the live session with this JWT, which can itself be expired.
pub fn by_jwt(state: &State, jwt: &str) -> Result<String, ApiError> {
    let claims = state
        .keys
        .read(jwt)
        .ok_or_else(|| ApiError::of("unable_to_parse_session_jwt"))?;
    let project_id = &state.credentials.project_id;
    if claims["iss"] != issuer(project_id) {
        return Err(ApiError::of("jwt_invalid_issuer"));
    }
    if claims["aud"][0] != *project_id {
        return Err(ApiError::of("jwt_invalid_audience"));
    }
    let id = &claims["https://stytch.com/session"]["id"];
    found(state, state.live_session(|session| *id == session.id))
}

/// The intermediate session with this token, unless expired. This does not use it up.
pub fn intermediate<'a>(state: &'a State, token: &str) -> Result<&'a Intermediate, ApiError> {
    if !ids::is_token(token) {
        return Err(ApiError::of("invalid_session_token"));
    }
    let live = state
        .intermediates
        .get(token)
        .filter(|intermediate| state.now() < intermediate.expires_at);
    live.ok_or_else(|| ApiError::of("intermediate_session_not_found"))
}

/// The same intermediate session, if Discovery accepts it.
pub fn transferable<'a>(state: &'a State, token: &str) -> Result<&'a Intermediate, ApiError> {
    let intermediate = intermediate(state, token)?;
    if intermediate.is_transferable() {
        Ok(intermediate)
    } else {
        Err(not_for_organization())
    }
}

/// The same intermediate session, if it can be used in this organization. A login through an SSO connection proves
/// nothing to other organizations.
pub fn intermediate_for<'a>(
    state: &'a State,
    token: &str,
    organization_id: &str,
) -> Result<&'a Intermediate, ApiError> {
    let intermediate = intermediate(state, token)?;
    if intermediate.is_of_use_in(organization_id) {
        Ok(intermediate)
    } else {
        Err(not_for_organization())
    }
}

fn not_for_organization() -> ApiError {
    ApiError::of("invalid_intermediate_session_token_for_organization")
}

fn found(state: &State, index: Option<usize>) -> Result<String, ApiError> {
    index
        .map(|index| state.sessions[index].id.clone())
        .ok_or_else(|| ApiError::of("session_not_found"))
}
