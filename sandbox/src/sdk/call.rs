//! Translates calls of the browser SDK into calls of the server API, with the browser's session and the rights of its
//! member.

use serde_json::json;

use crate::{
    http::{Api, ApiRequest},
    model::{ApiError, Reply, State},
    rules::Rights,
};

/// An endpoint of the browser SDK that is served by a handler of the server API.
#[derive(Debug)]
pub struct SdkCall {
    session: Session,
    fields: Fields,
    api: Api,
}

/// The role of the browser's session in a call.
#[derive(Clone, Copy, Debug)]
enum Session {
    /// The session is ignored.
    Ignored,
    /// The login is added to it, unless there is an intermediate session.
    Joins,
    /// Like `Joins`, but one of the two is required, because otherwise anyone with the public token could add factors
    /// to members.
    Proves,
    /// The call is about the session.
    Subject,
    /// The call has the rights of the session's member, in the member's organization.
    Acts,
}

/// The accepted fields of the body.
#[derive(Clone, Copy, Debug)]
enum Fields {
    /// These and [`COMMON`]. Fields for servers only, such as `session_custom_claims`, are ignored.
    Only(&'static [&'static str]),
    /// All fields, because the server API checks the member's right to each.
    All,
}

/// Fields that all sign-ins accept.
const COMMON: [&str; 3] = [
    "intermediate_session_token",
    "session_duration_minutes",
    "locale",
];

/// The arguments that name a session. In the SDK's API, only the `Authorization` header names it.
const SESSIONS: [&str; 2] = ["session_token", "session_jwt"];

impl SdkCall {
    /// A call for anyone, signed in or not.
    pub const fn anyone(api: Api, fields: &'static [&'static str]) -> Self {
        Self::new(Session::Ignored, Fields::Only(fields), api)
    }

    /// A sign-in, which can add a factor to the session or the intermediate session.
    pub const fn sign_in(api: Api, fields: &'static [&'static str]) -> Self {
        Self::new(Session::Joins, Fields::Only(fields), api)
    }

    /// A later step of a sign-in, which requires a session or an intermediate session.
    pub const fn step(api: Api, fields: &'static [&'static str]) -> Self {
        Self::new(Session::Proves, Fields::Only(fields), api)
    }

    /// A call about the session itself.
    pub const fn session(api: Api, fields: &'static [&'static str]) -> Self {
        Self::new(Session::Subject, Fields::Only(fields), api)
    }

    /// A call with the rights of the signed-in member, about the member's organization, and about the member unless the
    /// path names another one.
    pub const fn member(api: Api) -> Self {
        Self::new(Session::Acts, Fields::All, api)
    }

    const fn new(session: Session, fields: Fields, api: Api) -> Self {
        Self {
            session,
            fields,
            api,
        }
    }

    /// Runs the call. A call without a required session is refused before it has any effect.
    pub fn run(&self, state: &mut State, mut request: ApiRequest) -> Reply {
        request.body.retain(|field, _| self.counts(field));
        match self.session {
            Session::Ignored => {}
            Session::Joins => {
                join(&mut request)?;
            }
            Session::Proves => {
                if !join(&mut request)? {
                    return Err(ApiError::of("no_session_arguments"));
                }
            }
            Session::Subject => self.subject(state, &mut request)?,
            Session::Acts => act(state, &mut request)?,
        }
        (self.api)(state, &request)
    }

    /// Passes the session as the argument, and its organization if the request can't name one.
    fn subject(&self, state: &State, request: &mut ApiRequest) -> Result<(), ApiError> {
        let (organization_id, _) = member(state, request)?;
        let token = token(request).unwrap_or_default().to_owned();
        request
            .body
            .insert("session_token".to_owned(), token.into());
        if !self.counts("organization_id") {
            let own = organization_id.into();
            request.body.insert("organization_id".to_owned(), own);
        }
        Ok(())
    }

    fn counts(&self, field: &str) -> bool {
        let is_known = match self.fields {
            Fields::Only(fields) => fields.contains(&field) || COMMON.contains(&field),
            Fields::All => true,
        };
        is_known && !SESSIONS.contains(&field)
    }
}

/// The token of the browser's session; `None` if no member is signed in.
fn token(request: &ApiRequest) -> Option<&str> {
    let token = request.acting.session_token.as_deref();
    token.filter(|token| !token.is_empty())
}

/// Passes the session as an argument, unless there is an intermediate session. Returns whether there is one of the two.
fn join(request: &mut ApiRequest) -> Result<bool, ApiError> {
    if request.body_has("intermediate_session_token")? {
        return Ok(true);
    }
    let Some(token) = token(request).map(str::to_owned) else {
        return Ok(false);
    };
    request
        .body
        .insert("session_token".to_owned(), token.into());
    Ok(true)
}

/// Passes the session's member and organization where the server API expects them. The rights are those of the session.
fn act(state: &State, request: &mut ApiRequest) -> Result<(), ApiError> {
    let (organization_id, own_id) = member(state, request)?;
    let member_id = request.path.entry("member_id").or_insert(own_id).clone();
    request.query.clear();
    request
        .query
        .insert("member_id".to_owned(), member_id.clone());
    let body = &mut request.body;
    body.insert("member_id".to_owned(), member_id.into());
    body.insert("organization_id".to_owned(), json!(organization_id));
    body.insert("organization_ids".to_owned(), json!([organization_id]));
    request.path.insert("organization_id", organization_id);
    Ok(())
}

/// The ids of the organization and the member of the session, which must be live.
fn member(state: &State, request: &ApiRequest) -> Result<(String, String), ApiError> {
    let not_signed_in = || {
        let message = "No member is signed in: the Authorization header has no session token.";
        ApiError::new(401, "user_unauthenticated", message)
    };
    token(request).ok_or_else(not_signed_in)?;
    match Rights::of(state, &request.acting)? {
        Rights::Member {
            member_id,
            organization_id,
            ..
        } => Ok((organization_id, member_id)),
        Rights::Project => Err(not_signed_in()),
    }
}
