//! Identifies the caller of the browser SDK's API: the project by its public token, and the member by a session token.

use hyper::{HeaderMap, header::AUTHORIZATION};

use crate::{
    http::auth::by_public_token,
    model::{ApiError, ids},
    rules::ActingHeaders,
    world::{World, sandbox::Sandbox},
};

/// The world whose public token is in the `Authorization` header, and the session token in the same header. Without a
/// session, the SDK repeats the public token.
///
/// The returned session token is `""` without a session. No session has that token, so a call of a browser never has
/// the rights of the project.
pub fn caller(sandbox: &Sandbox, headers: &HeaderMap) -> Result<(World, ActingHeaders), ApiError> {
    let header = headers
        .get(AUTHORIZATION)
        .ok_or_else(|| ApiError::of("unauthorized_credentials"))?;
    let (public_token, session_token) = header
        .to_str()
        .ok()
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"))
        .and_then(|(_, encoded)| ids::basic(encoded))
        .ok_or_else(|| ApiError::of("invalid_authorization_header"))?;
    let world = by_public_token(sandbox, &public_token)?;
    let has_session = session_token != public_token;
    let acting = ActingHeaders {
        session_token: Some(if has_session {
            session_token
        } else {
            String::new()
        }),
        session_jwt: None,
    };
    Ok((world, acting))
}
