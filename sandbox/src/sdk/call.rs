//! How a call of the browser SDK becomes one of the server API: with the session of the browser, for the member who is
//! signed in there.

use serde_json::json;

use crate::{
    http::{Api, ApiRequest},
    model::{ApiError, Reply, State},
    rules::Rights,
};

/// An endpoint of the browser SDK that is one of the server API.
#[derive(Debug)]
pub struct SdkCall {
    session: Session,
    fields: Fields,
    api: Api,
}

/// What the browser's session does in a call.
#[derive(Clone, Copy, Debug)]
enum Session {
    /// Nothing.
    Ignored,
    /// It takes the login, unless an intermediate session does.
    Joins,
    /// The same, and there must be one of the two: with a public token alone, strangers would add factors to members.
    Proves,
    /// The call is about it.
    Subject,
    /// The call is made with its member's rights, in its member's organization.
    Acts,
}

/// Which fields of the body count.
#[derive(Clone, Copy, Debug)]
enum Fields {
    /// These, and [`COMMON`]. What only servers may say, such as `session_custom_claims`, is ignored.
    Only(&'static [&'static str]),
    /// All: the server API asks for the member's right to each.
    All,
}

/// What any sign-in may say.
const COMMON: [&str; 3] = [
    "intermediate_session_token",
    "session_duration_minutes",
    "locale",
];

/// The arguments that name a session. Here they come from the `Authorization` header only.
const SESSIONS: [&str; 2] = ["session_token", "session_jwt"];

impl SdkCall {
    /// For anyone, signed in or not.
    pub const fn anyone(api: Api, fields: &'static [&'static str]) -> Self {
        Self::new(Session::Ignored, Fields::Only(fields), api)
    }

    /// A sign-in, which may add a factor to the session or the intermediate session.
    pub const fn sign_in(api: Api, fields: &'static [&'static str]) -> Self {
        Self::new(Session::Joins, Fields::Only(fields), api)
    }

    /// A step of a sign-in that has begun: with a session or an intermediate session.
    pub const fn step(api: Api, fields: &'static [&'static str]) -> Self {
        Self::new(Session::Proves, Fields::Only(fields), api)
    }

    /// About the session itself.
    pub const fn session(api: Api, fields: &'static [&'static str]) -> Self {
        Self::new(Session::Subject, Fields::Only(fields), api)
    }

    /// With the rights of the member who is signed in, about the member's organization, and about the member where the path
    /// names nobody else.
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

    /// Makes the call. What lacks a session that it needs is refused before it does anything.
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

    /// Makes the session the argument, and its organization too where the request can't name one.
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

/// Makes the session an argument, unless an intermediate session is one. Returns whether there is either.
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

/// Names the session's member and organization wherever the server API wants them. The rights are those of the session.
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

/// The ids of the organization and the member of the session, which must live.
fn member(state: &State, request: &ApiRequest) -> Result<(String, String), ApiError> {
    let nobody = || {
        let message = "No member is signed in: the Authorization header has no session token.";
        ApiError::new(401, "user_unauthenticated", message)
    };
    token(request).ok_or_else(nobody)?;
    match Rights::of(state, &request.acting)? {
        Rights::Member {
            member_id,
            organization_id,
            ..
        } => Ok((organization_id, member_id)),
        Rights::Project => Err(nobody()),
    }
}
