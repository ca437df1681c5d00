//! `sessions.authenticate`, `.get`, `.revoke` and the JWKS. See `docs/stytch.md#sessions-and-jwts`.

use serde_json::{Map, Value, json};
use time::Duration;

use crate::{
    api::{members::need_member, session_arguments::optional_session},
    http::ApiRequest,
    model::{ApiError, Reply, State, claims, fields::fields},
    rules::{
        Rights,
        entry::session_parts,
        rbac::granting_roles,
        session_lookup::{by_jwt, by_token},
    },
};

/// `POST /v1/b2b/sessions/authenticate`: takes a session's token or JWT and returns the session with its token and a
/// fresh JWT. An expired JWT is accepted. The session is extended only if a duration is given; claims are written even
/// without one.
pub fn authenticate(state: &mut State, request: &ApiRequest) -> Reply {
    let requested = request.requested_session()?;
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
    let claims = claims::merged(&state.sessions[index].custom_claims, &requested.claims)?;

    let now = state.now();
    let session = &mut state.sessions[index];
    session.last_accessed_at = now;
    if let Some(minutes) = requested.minutes {
        session.expires_at = now + Duration::minutes(minutes);
    }
    session.custom_claims = claims;
    let mut answer = session_parts(state, &id);
    answer.insert("verdict".into(), json!(verdict));
    Ok(answer)
}

/// `GET /v1/b2b/sessions?organization_id=&member_id=`: returns the member's live sessions.
pub fn get(state: &mut State, request: &ApiRequest) -> Reply {
    let need = |name: &str| {
        let value = request.parameter(name);
        value.ok_or_else(|| ApiError::bad_request(format!("{name} is required.")))
    };
    let organization = state.need_organization(need("organization_id")?)?;
    let member = need_member(state, organization, need("member_id")?)?;
    let sessions: Vec<Value> = state
        .sessions
        .iter()
        .filter(|session| session.member_id == member.id() && state.is_live(session))
        .map(|session| session.object(organization, member))
        .collect();
    Ok(fields(json!({ "member_sessions": sessions })))
}

/// `POST /v1/b2b/sessions/revoke`: ends a session by its id, token or JWT, or all sessions of a member. With a member's
/// session, it requires the right to end sessions: the member's own, or those of all members.
pub fn revoke(state: &mut State, request: &ApiRequest) -> Reply {
    let rights = Rights::of(state, &request.acting)?;
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
    let session_id = match name {
        "session_token" => Some(by_token(state, value)?),
        "session_jwt" => Some(by_jwt(state, value)?),
        "member_session_id" => Some(value.to_owned()),
        _ => None,
    };
    let member_id = match &session_id {
        Some(id) => {
            let index = state.live_session(|session| session.id == *id);
            let index = index.ok_or_else(|| ApiError::of("session_not_found"))?;
            state.sessions[index].member_id.clone()
        }
        None => value.to_owned(),
    };
    // The vendor's id only, because another organization can use the same external id.
    let member = state.need_member(&member_id)?;
    rights.in_organization(state.need_organization(member.organization_id())?)?;
    rights.need_on(state, &member_id, "revoke-sessions")?;
    match session_id {
        Some(id) => state.end_sessions(|session| session.id == id),
        None => state.end_sessions(|session| session.member_id == member_id),
    }
    Ok(Map::new())
}

/// `GET /v1/b2b/sessions/jwks/{project_id}`: works with and without credentials.
#[expect(clippy::unnecessary_wraps, reason = "the signature of every handler")]
pub fn jwks(state: &mut State, _: &ApiRequest) -> Reply {
    Ok(fields(json!({ "keys": state.keys.jwks() })))
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
    let granting = state
        .member(&session.member_id)
        .map(|member| {
            let roles = session.roles(member);
            granting_roles(&state.policy, organization, roles, resource, action)
        })
        .unwrap_or_default();
    if granting.is_empty() {
        return Err(ApiError::of("session_authorization_error"));
    }
    Ok(json!({ "authorized": true, "granting_roles": granting }))
}
