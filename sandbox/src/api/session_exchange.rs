//! `sessions.exchange`. See `docs/stytch.md#sessions-and-jwts` and `docs/stytch.md#authentication-factors`.

use crate::{
    api::session_arguments::optional_session,
    http::ApiRequest,
    model::{ApiError, Intermediate, Reply, State, clock::TEN_MINUTES},
    rules::{Entry, Way, carried::carried, entry::enter, locks, texts::SMS_LOCALES},
};

/// `POST /v1/b2b/sessions/exchange`: takes a session and another organization, and returns the common authentication
/// response of that organization. It accepts an invitation, but people can't join with it. The given session stays
/// valid.
///
/// If a step is missing, it returns a new intermediate session. With a login in it, that session can be used for any
/// organization; without one, only for this organization.
pub fn exchange(state: &mut State, request: &ApiRequest) -> Reply {
    let mut requested = request.requested_session()?;
    requested.locale = Some(request.locale(&SMS_LOCALES)?);
    let id =
        optional_session(state, request)?.ok_or_else(|| ApiError::of("no_session_arguments"))?;
    let organization = state.need_organization(request.need_text("organization_id")?)?;
    let organization_id = organization.id().to_owned();
    let session = state.session(&id);
    let session = session.ok_or_else(|| ApiError::of("session_not_found"))?;
    locks::check(state, &session.member_id)?;
    let source = state.need_member(&session.member_id)?;
    let target = state
        .member_by_email(&organization_id, source.email())
        .ok_or_else(|| ApiError::of("member_does_not_exist_in_organization"))?;
    let logins = carried(session, source, &organization_id);
    let (email, way) = (
        source.email().to_owned(),
        Way::Member(target.id().to_owned()),
    );
    let token = state.mint_token();
    let intermediate = Intermediate {
        email: email.clone(),
        logins: logins.clone(),
        organization_id: Some(organization_id.clone()),
        expires_at: state.now() + TEN_MINUTES,
    };
    state.intermediates.insert(token.clone(), intermediate);
    let entry = Entry {
        organization_id,
        way,
        email,
        logins,
        intermediate_session_token: Some(token.clone()),
        session_id: None,
        requested,
    };
    enter(state, entry).inspect_err(|_| {
        state.intermediates.remove(&token);
    })
}
