//! The rights of a call: those of the project, which allow everything, or those of the member whose session is in a
//! header. See `docs/stytch.md#calls-and-errors` and `docs/stytch.md#sessions-and-jwts`.

use hyper::HeaderMap;

use crate::{
    model::{ApiError, Organization, State},
    rules::{
        rbac::granting_roles,
        session_lookup::{by_jwt, by_token},
    },
};

/// The headers with a member's session, whose rights the call then has. An empty header counts too, because it must not
/// turn into the project's rights.
#[derive(Clone, Default)]
pub struct ActingHeaders {
    /// `X-Stytch-Member-Session`
    pub session_token: Option<String>,
    /// `X-Stytch-Member-SessionJWT`
    pub session_jwt: Option<String>,
}

impl ActingHeaders {
    /// Reads the headers. A value that is not text counts as empty.
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
    /// The rights of the project's secret, which allow everything.
    Project,
    /// The rights of a member, in this organization only.
    Member {
        member_id: String,
        organization_id: String,
        session_id: String,
    },
}

impl Rights {
    /// The rights of this call. A header without a live session is refused with the errors of `sessions.authenticate`.
    /// It never leads to the project's rights.
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

    /// Refuses a member of another organization.
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

    /// Refuses a member whose roles do not allow the action on the resource.
    pub fn need(&self, state: &State, resource: &str, action: &str) -> Result<(), ApiError> {
        if self.allow(state, resource, action) {
            Ok(())
        } else {
            Err(ApiError::of("session_authorization_error"))
        }
    }

    /// The same check for an action on a member. For members' actions on themselves, the right on `stytch.self` is
    /// enough.
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

    /// Refuses all members, for fields such as trusted metadata, for which the vendor's text says so. It is also used
    /// if the documentation names no action for a field.
    pub fn project_only(&self) -> Result<(), ApiError> {
        match self {
            Self::Project => Ok(()),
            Self::Member { .. } => Err(ApiError::of("unauthorized_action")),
        }
    }

    /// Whether a role that counts in the session allows the action.
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
