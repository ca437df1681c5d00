//! `passwords.authenticate`, `.strength_check` and the deletion of a password.

use serde_json::{Value, json};

use crate::{
    api::{
        members::{answer, need_member},
        primary::Before,
        recipient::{address, check_email_locale},
    },
    http::ApiRequest,
    model::{ApiError, Organization, Reply, State, fields::fields, lookup, people::is_email},
    rules::{
        Rights, Way,
        due::may_use,
        password_strength::{is_breached, strength},
        passwords,
    },
};

/// `POST /v1/b2b/passwords/strength_check`: takes a password and returns its strength. Breaches are looked up only if
/// an address is given.
pub fn strength_check(state: &mut State, request: &ApiRequest) -> Reply {
    let password = request.need_text("password")?;
    let email = request.text("email_address")?;
    if email.is_some_and(|email| !is_email(email)) {
        return Err(ApiError::of("invalid_email"));
    }
    let settings = &state.passwords;
    let found = strength(settings, password, email);
    let checks_breach = settings.check_breach_on_creation;
    let breached = checks_breach && email.is_some() && is_breached(settings, password);
    let policy = if found.luds_feedback == Value::Null {
        "zxcvbn"
    } else {
        "luds"
    };
    Ok(fields(json!({
        "valid_password": found.is_strong && !breached,
        "score": found.score,
        "breached_password": breached,
        "strength_policy": policy,
        "breach_detection_on_create": checks_breach,
        "luds_feedback": found.luds_feedback,
        "zxcvbn_feedback": found.zxcvbn_feedback,
    })))
}

/// `POST /v1/b2b/passwords/authenticate`: takes organization, address and password, and returns the common
/// authentication response.
pub fn authenticate(state: &mut State, request: &ApiRequest) -> Reply {
    check_email_locale(request)?;
    let before = Before::read(state, request)?;
    let (organization_id, id) = member_by_address(state, request)?;
    let id_of_password = passwords::prove(state, &id, request.need_text("password")?)?;
    let email = state.need_member(&id)?.email().to_owned();
    let login = passwords::login(state, &id_of_password, &email, Some(&organization_id));
    before.enter(state, &organization_id, &login, |_, _, _| {
        Ok(Way::Member(id))
    })
}

/// `DELETE …/members/passwords/{member_password_id}`: removes the member's password. Sessions stay.
pub fn delete(state: &mut State, request: &ApiRequest) -> Reply {
    let rights = Rights::of(state, &request.acting)?;
    let organization = state.need_organization(request.part("organization_id"))?;
    rights.in_organization(organization)?;
    if state.passwords.cross_org_passwords_enabled {
        return Err(ApiError::of("cross_org_passwords_enabled"));
    }
    let password_id = request.part("member_password_id").to_owned();
    let holders = state.members.with_key(&lookup::password(&password_id));
    let member = { holders }.find(|member| {
        member.organization_id() == organization.id()
            && member.status() != "deleted"
            && member.text("member_password_id") == password_id
    });
    let member = member.ok_or_else(|| ApiError::of("member_password_not_found"))?;
    rights.need_on(state, member.id(), "update.info.delete.password")?;
    let id = member.id().to_owned();
    passwords::forget(state, &password_id);
    let member = state.need_member(&id)?;
    let organization = state.need_organization(member.organization_id())?;
    Ok(answer(organization, member))
}

/// The ids of the organization in the request and of its member with the address in the request.
pub fn member_by_address(
    state: &State,
    request: &ApiRequest,
) -> Result<(String, String), ApiError> {
    let organization = state.need_organization(request.need_text("organization_id")?)?;
    let email = address(request)?;
    let member = state
        .member_by_email(organization.id(), &email)
        .ok_or_else(|| ApiError::of("member_not_found"))?;
    Ok((organization.id().to_owned(), member.id().to_owned()))
}

/// Refuses a member for whom the organization does not allow passwords.
pub fn check_method(state: &State, member_id: &str) -> Result<(), ApiError> {
    let member = state.need_member(member_id)?;
    let organization: &Organization = state.need_organization(member.organization_id())?;
    let login = passwords::login(state, "", member.email(), None);
    if may_use(organization, Some(member), &login) {
        Ok(())
    } else {
        Err(ApiError::of(
            "operation_restricted_by_organization_auth_methods",
        ))
    }
}

/// The member of this organization with the id or external id in the request, or else with the address.
pub fn member_by_any(
    state: &State,
    organization: &Organization,
    request: &ApiRequest,
) -> Result<String, ApiError> {
    let email = address(request)?;
    let by_email = state.member_by_email(organization.id(), &email);
    let member = by_email.ok_or_else(|| ApiError::of("member_not_found"))?;
    if let Some(reference) = request.text("member_id")?
        && need_member(state, organization, reference)?.id() != member.id()
    {
        return Err(ApiError::of("member_not_found"));
    }
    Ok(member.id().to_owned())
}
