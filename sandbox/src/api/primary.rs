//! Code that all primary factors of an organization share: the session or intermediate session that a login is added
//! to, and the entry into the organization. See `docs/stytch.md#the-outcome-of-a-login` and
//! `docs/stytch.md#entering-an-organization`.

use serde_json::{Map, Value, json};

use crate::{
    api::session_arguments::optional_session,
    http::ApiRequest,
    model::{
        ApiError, Intermediate, Login, Member, Organization, Reply, State,
        clock::{TEN_MINUTES, wire},
        fields::object,
    },
    rules::{
        Entry, RequestedSession, Way, discovery::discovered, due::may_use, entry::enter,
        session_lookup::intermediate, texts::SMS_LOCALES,
    },
};

/// What a request contains besides its token or code. It is read first, so that a mistake does not use up the token.
pub struct Before {
    pub session_id: Option<String>,
    pub intermediate: Option<(String, Intermediate)>,
    pub requested: RequestedSession,
}

impl Before {
    /// Reads and checks the common fields of the request.
    pub fn read(state: &State, request: &ApiRequest) -> Result<Self, ApiError> {
        let mut requested = request.requested_session()?;
        requested.locale = Some(request.locale(&SMS_LOCALES)?);
        let session_id = optional_session(state, request)?;
        let intermediate = request
            .text("intermediate_session_token")?
            .map(|token| Ok((token.to_owned(), intermediate(state, token)?.clone())))
            .transpose()?;
        if session_id.is_some() && intermediate.is_some() {
            return Err(ApiError::of("too_many_session_arguments"));
        }
        Ok(Self {
            session_id,
            intermediate,
            requested,
        })
    }

    /// Ignores the session if it belongs to another member.
    pub fn ignore_session_of_others(&mut self, state: &State, member_id: &str) {
        self.session_id = self.session_id.take().filter(|id| {
            state
                .session(id)
                .is_some_and(|session| session.member_id == member_id)
        });
    }

    /// Signs in with the login and returns the common authentication response with its `organization_id`. With a
    /// session, the login is added to it; with an intermediate session, the login is a step-up.
    pub fn enter(
        self,
        state: &mut State,
        organization_id: &str,
        login: &Login,
        way: impl FnOnce(&State, &Organization, &[Login]) -> Result<Way, ApiError>,
    ) -> Reply {
        let mut logins = match &self.intermediate {
            Some((_, before)) => step_up(before, organization_id, login)?,
            None => Vec::new(),
        };
        logins.push(login.clone());
        let organization = state.need_organization(organization_id)?;
        let way = way(state, organization, &logins)?;
        let member = match &way {
            Way::Member(id) => state.member(id),
            Way::Join | Way::Found => None,
        };
        // With an intermediate session, the response names the methods that are allowed instead (not documented).
        if self.intermediate.is_none() && !may_use(organization, member, login) {
            return Err(ApiError::of(
                "operation_restricted_by_organization_auth_methods",
            ));
        }
        if let Some(id) = &self.session_id {
            let earlier = session_logins(state, id, member)?;
            logins.splice(0..0, earlier);
        }
        let entry = Entry {
            organization_id: organization_id.to_owned(),
            way,
            email: login.email.clone(),
            logins,
            intermediate_session_token: self.intermediate.map(|(token, _)| token),
            session_id: self.session_id,
            requested: self.requested,
        };
        let mut answer = enter(state, entry)?;
        answer.insert("organization_id".into(), json!(organization_id));
        Ok(answer)
    }
}

/// Starts an intermediate session with this login, and returns it with the organizations that the person can enter.
pub fn begin_discovery(state: &mut State, login: Login) -> Map<String, Value> {
    let expires_at = state.now() + TEN_MINUTES;
    let token = state.mint_token();
    let email = login.email.clone();
    let logins = vec![login];
    let organizations = discovered(state, &email, &logins);
    let answer = object([
        ("intermediate_session_token", token.as_str().into()),
        ("intermediate_session_token_expires_at", wire(expires_at)),
        ("email_address", email.as_str().into()),
        ("discovered_organizations", organizations.into()),
    ]);
    let intermediate = Intermediate {
        email,
        logins,
        organization_id: None,
        expires_at,
    };
    state.intermediates.insert(token, intermediate);
    answer
}

/// The logins of an intermediate session to which a login to this organization is added. The session must be usable
/// there, and the address must be the same.
fn step_up(
    before: &Intermediate,
    organization_id: &str,
    login: &Login,
) -> Result<Vec<Login>, ApiError> {
    if !before.is_of_use_in(organization_id) {
        return Err(ApiError::of(
            "invalid_intermediate_session_token_for_organization",
        ));
    }
    if !before.email.eq_ignore_ascii_case(&login.email) {
        return Err(ApiError::of("member_session_member_id_mismatch"));
    }
    let others = before.logins.iter().filter(|it| !it.is_same_as(login));
    Ok(others.cloned().collect())
}

/// The logins of the session to which a login is added. The session must belong to the same member.
fn session_logins(
    state: &State,
    session_id: &str,
    member: Option<&Member>,
) -> Result<Vec<Login>, ApiError> {
    let session = state.session(session_id);
    let same =
        session.filter(|session| member.is_some_and(|member| member.id() == session.member_id));
    let session = same.ok_or_else(|| ApiError::of("member_session_member_id_mismatch"))?;
    Ok(session.logins())
}
