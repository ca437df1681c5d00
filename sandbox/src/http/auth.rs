//! Finds the project of a request. See `docs/stytch.md#calls-and-errors`.

use hyper::{HeaderMap, header::AUTHORIZATION};

use crate::{
    model::{ApiError, ids},
    world::{World, sandbox::Sandbox},
};

/// The world whose project id and secret are in the `Authorization` header.
///
/// A missing header or a wrong secret is the vendor's 401. A header that is not Basic, or a malformed project id, is a
/// 400.
pub fn authorize(sandbox: &Sandbox, headers: &HeaderMap) -> Result<World, ApiError> {
    let (project_id, secret) = claimed(headers)?;
    if !ids::is_id("project", &project_id) {
        return Err(ApiError::of("invalid_project_id_authentication"));
    }
    sandbox
        .project(&project_id)
        .filter(|world| world.credentials().secret == secret)
        .ok_or_else(|| ApiError::of("unauthorized_credentials"))
}

/// The project id and the secret in the `Authorization` header, unchecked.
pub fn claimed(headers: &HeaderMap) -> Result<(String, String), ApiError> {
    let header = headers
        .get(AUTHORIZATION)
        .ok_or_else(|| ApiError::of("unauthorized_credentials"))?;
    header
        .to_str()
        .ok()
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"))
        .and_then(|(_, encoded)| ids::basic(encoded))
        .ok_or_else(|| ApiError::of("invalid_authorization_header"))
}

/// The world of a project id that is in the path, as in the URL of the JWKS.
pub fn by_project(sandbox: &Sandbox, project_id: &str) -> Result<World, ApiError> {
    sandbox
        .project(project_id)
        .ok_or_else(|| ApiError::of("invalid_project_id_authentication"))
}

/// The world of a public token.
pub fn by_public_token(sandbox: &Sandbox, public_token: &str) -> Result<World, ApiError> {
    if public_token.is_empty() {
        return Err(ApiError::of("public_token_required"));
    }
    if !ids::is_id("public-token", public_token) {
        return Err(ApiError::of("invalid_public_token_id"));
    }
    sandbox
        .named(public_token)
        .ok_or_else(|| ApiError::of("public_token_not_found"))
}
