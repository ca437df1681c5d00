//! `sessions.authenticate`, `sessions.revoke` and the JWKS (fact sheet §5.8).

use serde_json::{Map, Value, json};
use time::Duration;

use super::session_arguments::{by_jwt, by_token, optional_session};
use crate::sandbox::claims;
use crate::sandbox::error::ApiError;
use crate::sandbox::rules::entry::session_parts;
use crate::sandbox::server::request::ApiRequest;
use crate::sandbox::state::State;

/// `POST /v1/b2b/sessions/authenticate`: a session's token or JWT in (an expired JWT too), the session with its
/// token and a fresh JWT out. It is extended, and claims are written, only if a duration is given.
pub fn authenticate(
    state: &mut State,
    request: &ApiRequest,
) -> Result<Map<String, Value>, ApiError> {
    let wish = request.wish()?;
    let id =
        optional_session(state, request)?.ok_or_else(|| ApiError::of("no_session_arguments"))?;
    let index = state
        .live_session(|session| session.id == id)
        .ok_or_else(|| ApiError::of("session_not_found"))?;
    let member = state.member(&state.sessions[index].member_id);
    if member.is_some_and(|member| member.is("is_locked")) {
        return Err(ApiError::of("user_lock_limit_reached"));
    }
    let verdict = request
        .object("authorization_check")?
        .map(|check| authorize(state, index, check))
        .transpose()?;
    let claims = claims::merged(&state.sessions[index].custom_claims, &wish.claims)?;

    let now = state.now();
    let session = &mut state.sessions[index];
    session.last_accessed_at = now;
    if let Some(minutes) = wish.minutes {
        session.expires_at = now + Duration::minutes(minutes);
        session.custom_claims = claims;
    }
    let mut answer = session_parts(state, &id);
    answer.insert("verdict".into(), json!(verdict));
    Ok(answer)
}

/// `POST /v1/b2b/sessions/revoke`: by the session's id, token or JWT, or all sessions of a member.
pub fn revoke(state: &mut State, request: &ApiRequest) -> Result<Map<String, Value>, ApiError> {
    let mut given = Vec::new();
    for name in [
        "member_session_id",
        "session_token",
        "session_jwt",
        "member_id",
    ] {
        given.extend(request.text(name)?.map(|value| (name, value)));
    }
    let (name, value) = match given.as_slice() {
        [] => return Err(ApiError::of("no_session_revoke_arguments")),
        [one] => *one,
        _ => return Err(ApiError::of("too_many_session_revoke_arguments")),
    };
    if name == "member_id" {
        let member = state
            .members
            .iter()
            .find(|member| member.id() == value || member.text("external_id") == value);
        let id = member
            .ok_or_else(|| ApiError::of("member_not_found"))?
            .id()
            .to_owned();
        state.sessions.retain(|session| session.member_id != id);
        return Ok(Map::new());
    }
    let id = match name {
        "session_token" => by_token(state, value)?,
        "session_jwt" => by_jwt(state, value)?,
        _ => {
            state
                .live_session(|session| session.id == value)
                .ok_or_else(|| ApiError::of("session_not_found"))?;
            value.to_owned()
        }
    };
    state.sessions.retain(|session| session.id != id);
    Ok(Map::new())
}

/// `GET /v1/b2b/sessions/jwks/{project_id}`: with and without auth.
#[expect(clippy::unnecessary_wraps, reason = "the signature of every handler")]
pub fn jwks(state: &mut State, _: &ApiRequest) -> Result<Map<String, Value>, ApiError> {
    Ok(Map::from_iter([(
        "keys".to_owned(),
        json!(state.keys.jwks()),
    )]))
}

/// The verdict on an `authorization_check`, or the vendor's 403.
fn authorize(state: &State, index: usize, check: &Map<String, Value>) -> Result<Value, ApiError> {
    let need = |name: &str| {
        let text = check.get(name).and_then(Value::as_str);
        text.ok_or_else(|| {
            ApiError::bad_request(format!("authorization_check.{name} is required."))
        })
    };
    let (organization_id, resource, action) = (
        need("organization_id")?,
        need("resource_id")?,
        need("action")?,
    );
    let session = &state.sessions[index];
    let organization = state.need_organization(&session.organization_id)?;
    if !organization.answers_to(organization_id) {
        return Err(ApiError::of("session_authorization_tenancy_error"));
    }
    let roles = state
        .member(&session.member_id)
        .map(|member| member.roles())
        .unwrap_or_default();
    let granting: Vec<&str> = roles
        .into_iter()
        .filter(|role| grants(role, resource, action, organization.value("custom_roles")))
        .collect();
    if granting.is_empty() {
        return Err(ApiError::of("session_authorization_error"));
    }
    Ok(json!({ "authorized": true, "granting_roles": granting }))
}

/// What the default roles may do, of the vendor's default resources, and an organization's own roles of any.
/// The sandbox has no project policy, so nobody else may do anything.
fn grants(role: &str, resource: &str, action: &str, custom_roles: &Value) -> bool {
    const DEFAULT: [&str; 6] = [
        "stytch.organization",
        "stytch.member",
        "stytch.self",
        "stytch.sso",
        "stytch.scim",
        "stytch.custom-org-roles",
    ];
    if role == "stytch_admin" && DEFAULT.contains(&resource)
        || role == "stytch_member" && resource == "stytch.self"
    {
        return true;
    }
    let entries = |value: &Value| value.as_array().cloned().unwrap_or_default();
    entries(custom_roles)
        .iter()
        .filter(|custom| custom["role_id"] == role)
        .any(|custom| {
            entries(&custom["permissions"]).iter().any(|permission| {
                permission["resource_id"] == resource
                    && entries(&permission["actions"])
                        .iter()
                        .any(|allowed| allowed == action || allowed == "*")
            })
        })
}
