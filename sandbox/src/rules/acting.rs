//! With whose rights a call is made: the project's, which may do everything, or those of the member whose session
//! is in a header. See `docs/stytch.md#calls-and-errors` and `docs/stytch.md#sessions-and-jwts`.

use hyper::HeaderMap;

use crate::{
    model::{ApiError, Organization, State},
    rules::{
        rbac::granting_roles,
        session_lookup::{by_jwt, by_token},
    },
};

/// The headers that name the member with whose rights a call is made. An empty header is one
/// too: it must not turn into the project's own rights.
#[derive(Clone, Default)]
pub struct ActingHeaders {
    /// `X-Stytch-Member-Session`
    pub session_token: Option<String>,
    /// `X-Stytch-Member-SessionJWT`
    pub session_jwt: Option<String>,
}

impl ActingHeaders {
    /// Those among these headers; one that is no text is like an empty one.
    pub fn of(headers: &HeaderMap) -> Self {
        let text = |name: &str| {
            let value = headers.get(name)?;
            Some(value.to_str().unwrap_or_default().to_owned())
        };
        Self {
            session_token: text("x-stytch-member-session"),
            session_jwt: text("x-stytch-member-sessionjwt"),
        }
    }
}

/// The rights of a call.
#[derive(Clone, Debug)]
pub enum Rights {
    /// Those of the project's secret: everything.
    Project,
    /// Those of a member, in this organization only.
    Member {
        member_id: String,
        organization_id: String,
        session_id: String,
    },
}

impl Rights {
    /// The rights of this call. A header whose session does not live is refused as `sessions.authenticate` refuses
    /// it, never taken for the project's rights.
    pub fn of(state: &State, acting: &ActingHeaders) -> Result<Self, ApiError> {
        let id = match (&acting.session_token, &acting.session_jwt) {
            (None, None) => return Ok(Self::Project),
            (Some(_), Some(_)) => return Err(ApiError::of("too_many_session_arguments")),
            (Some(token), None) => by_token(state, token)?,
            (None, Some(jwt)) => by_jwt(state, jwt)?,
        };
        let session = state.session(&id);
        let session = session.ok_or_else(|| ApiError::of("session_not_found"))?;
        let member = state.member(&session.member_id);
        if member.is_some_and(|member| member.is("is_locked")) {
            return Err(ApiError::of("user_lock_limit_reached"));
        }
        Ok(Self::Member {
            member_id: session.member_id.clone(),
            organization_id: session.organization_id.clone(),
            session_id: id,
        })
    }

    /// A member acts in the own organization only.
    pub fn in_organization(&self, organization: &Organization) -> Result<(), ApiError> {
        match self {
            Self::Member {
                organization_id, ..
            } if organization_id != organization.id() => {
                Err(ApiError::of("session_authorization_tenancy_error"))
            }
            _ => Ok(()),
        }
    }

    /// The member's roles must allow the action on the resource.
    pub fn need(&self, state: &State, resource: &str, action: &str) -> Result<(), ApiError> {
        if self.allow(state, resource, action) {
            Ok(())
        } else {
            Err(ApiError::of("session_authorization_error"))
        }
    }

    /// The same for an action on a member: on oneself `stytch.self` will do.
    pub fn need_on(
        &self,
        state: &State,
        target_member_id: &str,
        action: &str,
    ) -> Result<(), ApiError> {
        let oneself =
            matches!(self, Self::Member { member_id, .. } if member_id == target_member_id);
        if oneself && self.allow(state, "stytch.self", action) {
            return Ok(());
        }
        self.need(state, "stytch.member", action)
    }

    /// For what no member may do, whatever the roles. The vendor's text says so of trusted metadata; where its
    /// documentation names no action for a field, we are strict.
    pub fn project_only(&self) -> Result<(), ApiError> {
        match self {
            Self::Project => Ok(()),
            Self::Member { .. } => Err(ApiError::of("unauthorized_action")),
        }
    }

    /// Whether a role that counts in the session allows it.
    fn allow(&self, state: &State, resource: &str, action: &str) -> bool {
        match self {
            Self::Project => true,
            Self::Member {
                member_id,
                organization_id,
                session_id,
            } => match (
                state.session(session_id),
                state.member(member_id),
                state.organization(organization_id),
            ) {
                (Some(session), Some(member), Some(organization)) => {
                    let roles = session.roles(member);
                    let policy = &state.policy;
                    !granting_roles(policy, organization, roles, resource, action).is_empty()
                }
                _ => false,
            },
        }
    }
}
