//! Checks the fields of a member in a request. The error types are from the API description or, if they are missing
//! there, from the vendor's Android SDK. See `docs/stytch.md#members`.

use crate::{
    http::ApiRequest,
    model::{
        ApiError, Member, Organization, Policy, State, ids,
        people::{domain, is_email},
    },
    rules::{
        email_updates::is_kept_for_another,
        membership::{claimed_by_another, holds_retired},
        rbac::{EVERYONES_ROLE, has_role},
    },
};

/// The address in the request, for a member of this organization. It is refused if another member of the organization
/// has or had it, or if another organization claims its domain. `own_id` is the id of the member, `""` for a new one.
pub fn email<'a>(
    state: &State,
    organization: &Organization,
    request: &'a ApiRequest,
    own_id: &str,
) -> Result<&'a str, ApiError> {
    let email = request.need_text("email_address")?;
    if !is_email(email) {
        return Err(ApiError::of("invalid_email"));
    }
    let holder = state.member_by_email(organization.id(), email);
    if holder.is_some_and(|member| member.id() != own_id) {
        return Err(ApiError::of("duplicate_member_email"));
    }
    if is_kept_for_another(state, organization.id(), email, own_id) {
        return Err(ApiError::of("duplicate_member_email"));
    }
    if holds_retired(state, organization.id(), email, own_id) {
        return Err(ApiError::of("retired_member_email"));
    }
    if claimed_by_another(state, organization.id(), domain(email)) {
        return Err(ApiError::of("action_not_allowed_email_domain_is_claimed"));
    }
    Ok(email)
}

/// Whether another member has or had this member's address or external id.
pub fn is_taken(state: &State, organization: &Organization, member: &Member) -> bool {
    state
        .member_by_email(organization.id(), member.email())
        .is_some_and(|holder| holder.id() != member.id())
        || holds_retired(state, organization.id(), member.email(), member.id())
        || others(state, organization, member.id()).any(|it| {
            !it.text("external_id").is_empty()
                && it.text("external_id") == member.text("external_id")
        })
}

/// Refuses an address that the organization does not allow to be invited. Only invitations by members are checked.
pub fn check_invites(organization: &Organization, email: &str) -> Result<(), ApiError> {
    let open = match organization.text("email_invites") {
        "NOT_ALLOWED" => false,
        "RESTRICTED" => organization.lists_domain("email_allowed_domains", domain(email)),
        _ => true,
    };
    if open {
        Ok(())
    } else {
        Err(ApiError::of("invalid_email_for_invites"))
    }
}

/// The phone number in the request: in E.164 format, and unique in the organization.
pub fn phone<'a>(
    state: &State,
    organization: &Organization,
    request: &'a ApiRequest,
    own_id: &str,
) -> Result<Option<&'a str>, ApiError> {
    let Some(phone) = request.raw_text("mfa_phone_number")? else {
        return Ok(None);
    };
    if !is_phone(phone) {
        return Err(ApiError::of("invalid_phone_number"));
    }
    if others(state, organization, own_id).any(|it| it.text("mfa_phone_number") == phone) {
        return Err(ApiError::of("duplicate_member_phone_number"));
    }
    Ok(Some(phone))
}

/// Whether the text is `+` and 8 to 15 digits, of which the first is not zero.
pub fn is_phone(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (8..=15).contains(&digits.len())
            && !digits.starts_with('0')
            && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// The external id in the request: unique in the organization, and not in the format of the vendor's ids.
pub fn external_id<'a>(
    state: &State,
    organization: &Organization,
    request: &'a ApiRequest,
    own_id: &str,
) -> Result<Option<&'a str>, ApiError> {
    let Some(id) = request.raw_text("external_id")? else {
        return Ok(None);
    };
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '|');
    if id.is_empty() || id.len() > 128 || !id.chars().all(allowed) || ids::is_id("member", id) {
        return Err(ApiError::bad_request(
            "external_id may have up to 128 alphanumerics, '.', '_', '-' and '|'.",
        ));
    }
    if others(state, organization, own_id).any(|it| it.text("external_id") == id) {
        return Err(ApiError::of("duplicate_member_external_id"));
    }
    Ok(Some(id))
}

/// The roles in the request: roles of the organization, except the one that every member has implicitly.
pub fn roles<'a>(
    policy: &Policy,
    organization: &Organization,
    request: &'a ApiRequest,
) -> Result<Option<Vec<&'a str>>, ApiError> {
    let roles = request.texts("roles")?;
    if roles
        .as_ref()
        .is_some_and(|roles| roles.contains(&EVERYONES_ROLE))
    {
        let message = format!("{EVERYONES_ROLE} cannot be assigned: every member has it.");
        return Err(ApiError::new(400, "invalid_role", message));
    }
    let unknown = |role: &&str| !has_role(policy, organization, role);
    if roles
        .as_ref()
        .is_some_and(|roles| roles.iter().any(unknown))
    {
        return Err(ApiError::of("invalid_role"));
    }
    Ok(roles)
}

/// The other members of the organization, without deleted ones.
fn others<'a>(
    state: &'a State,
    organization: &'a Organization,
    own_id: &'a str,
) -> impl Iterator<Item = &'a Member> {
    let members = state.members_of(organization.id());
    members.filter(move |member| member.id() != own_id && member.status() != "deleted")
}
