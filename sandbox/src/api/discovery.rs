//! `discovery.intermediate_sessions.exchange`, `discovery.organizations.create` and `.list`.
//! See `docs/stytch.md#discovery`.

use serde_json::{Map, Value, json};

use crate::{
    api::{organization_settings, session_arguments::optional_session},
    http::ApiRequest,
    model::{ApiError, Organization, Reply, State, ids, people::domain},
    rules::{
        Entry, Way,
        discovery::{discovered, memberships},
        entry::enter,
        membership::{JoinFlow, claimed_by_another, membership},
        naming,
        session_lookup::transferable,
        texts::SMS_LOCALES,
    },
};

/// `POST /v1/b2b/discovery/intermediate_sessions/exchange`: takes an intermediate session and an organization, and
/// returns the common authentication response.
pub fn exchange(state: &mut State, request: &ApiRequest) -> Reply {
    let mut requested = request.requested_session()?;
    requested.locale = Some(request.locale(&SMS_LOCALES)?);
    let token = request.need_text("intermediate_session_token")?;
    let ist = transferable(state, token)?.clone();
    let organization = state.need_organization(request.need_text("organization_id")?)?;
    let entry = Entry {
        organization_id: organization.id().to_owned(),
        way: membership(
            state,
            organization,
            &ist.email,
            &ist.logins,
            JoinFlow::Discovery,
        )?
        .into(),
        email: ist.email,
        logins: ist.logins,
        intermediate_session_token: Some(token.to_owned()),
        session_id: None,
        requested,
    };
    enter(state, entry)
}

/// `POST /v1/b2b/discovery/organizations/create`: takes an intermediate session and the organization's fields, and
/// returns the common authentication response. The new member is the organization's administrator.
pub fn create(state: &mut State, request: &ApiRequest) -> Reply {
    let requested = request.requested_session()?;
    let token = request.need_text("intermediate_session_token")?;
    let ist = transferable(state, token)?.clone();
    if claimed_by_another(state, "", domain(&ist.email)) {
        return Err(ApiError::of("action_not_allowed_email_domain_is_claimed"));
    }
    let organization = new_organization(state, request, &ist.email)?;
    let organization_id = organization.id().to_owned();
    state.organizations.push(organization);
    let entry = Entry {
        way: Way::Found,
        organization_id,
        email: ist.email,
        logins: ist.logins,
        intermediate_session_token: Some(token.to_owned()),
        session_id: None,
        requested,
    };
    enter(state, entry)
}

/// `POST /v1/b2b/discovery/organizations`: takes an intermediate session or a session and returns the organizations.
/// The intermediate session stays valid.
pub fn list(state: &mut State, request: &ApiRequest) -> Reply {
    let ist = request.text("intermediate_session_token")?;
    let session_id = if ist.is_some()
        && (request.body_has("session_token")? || request.body_has("session_jwt")?)
    {
        return Err(ApiError::of("too_many_session_arguments"));
    } else {
        optional_session(state, request)?
    };
    let (email, organizations, hint) = match (ist, session_id) {
        (Some(token), _) => {
            let ist = transferable(state, token)?;
            (
                ist.email.clone(),
                discovered(state, &ist.email, &ist.logins),
                json!(ist.organization_id),
            )
        }
        (None, Some(id)) => {
            let session = state.session(&id);
            let session = session.ok_or_else(|| ApiError::of("session_not_found"))?;
            let member = state.need_member(&session.member_id)?;
            let organizations = memberships(state, session, member);
            (member.email().to_owned(), organizations, Value::Null)
        }
        (None, None) => return Err(ApiError::of("no_session_arguments")),
    };
    let mut answer = Map::new();
    answer.insert("email_address".into(), json!(email));
    answer.insert("discovered_organizations".into(), organizations.into());
    answer.insert("organization_id_hint".into(), hint);
    Ok(answer)
}

/// The organization that the request describes. A missing name or slug is made from the address.
fn new_organization(
    state: &State,
    request: &ApiRequest,
    email: &str,
) -> Result<Organization, ApiError> {
    let name = match request.text("organization_name")? {
        Some(name) => name.to_owned(),
        None => naming::name_from(email),
    };
    naming::check_name(&name)?;
    let slug = match request.text("organization_slug")? {
        Some(slug) => {
            naming::check_slug(slug, &state.organizations)?;
            slug.to_owned()
        }
        None => naming::slug_from(email, &state.organizations),
    };
    let policy = organization_settings::for_new(request, &state.organizations, &state.policy)?;
    let mut organization = Organization::new(&ids::mint("organization"), &name, &slug, state.now());
    organization.merge(policy);
    Ok(organization)
}
