//! `organizations.members`: create, get, `dangerously_get`, delete, reactivate. See `docs/stytch.md#members`.

use serde_json::{Map, Value, json};

use crate::{
    api::{member_fields as fields, metadata},
    http::ApiRequest,
    model::{ApiError, Member, Organization, Reply, State, clock::wire, fields::fields, lookup},
    rules::{Rights, grants::forget_factors, roles},
};

/// `POST …/members`: takes an address and the member's fields, and returns the member: active, or pending if
/// `create_member_as_pending` is set. The address is not verified yet.
pub fn create(state: &mut State, request: &ApiRequest) -> Reply {
    let rights = Rights::of(state, &request.acting)?;
    let organization = state.need_organization(request.part("organization_id"))?;
    rights.in_organization(organization)?;
    rights.need(state, "stytch.member", "create")?;
    if request.gives("trusted_metadata") {
        rights.project_only()?;
    }
    // The vendor documents no action for these fields at creation. Without a check, a member who can invite could
    // create administrators.
    for (field, action) in [
        ("roles", "update.settings.roles"),
        ("is_breakglass", "update.settings.is-breakglass"),
    ] {
        if request.gives(field) {
            rights.need(state, "stytch.member", action)?;
        }
    }

    let email = fields::email(state, organization, request, "")?;
    if matches!(rights, Rights::Member { .. }) {
        fields::check_invites(organization, email)?;
    }
    let pending = request.flag("create_member_as_pending")?.unwrap_or(false);
    let phone = fields::phone(state, organization, request, "")?;
    if phone.is_some() && pending {
        return Err(ApiError::of("action_available_only_for_active_members"));
    }
    let name = request.text("name")?.unwrap_or_default();
    let mut member = Member::minted(organization.id(), email, name, state.now());
    member.set("status", if pending { "pending" } else { "active" });
    member.set("mfa_phone_number", phone.unwrap_or_default());
    for flag in ["is_breakglass", "mfa_enrolled"] {
        member.set(flag, request.flag(flag)?.unwrap_or(false));
    }
    if let Some(id) = fields::external_id(state, organization, request, "")? {
        member.set("external_id", id);
    }
    for kind in ["trusted_metadata", "untrusted_metadata"] {
        if let Some(metadata) = metadata::merged(request, kind, &Value::Null)? {
            member.set(kind, metadata);
        }
    }
    if let Some(given) = fields::roles(&state.policy, organization, request)? {
        roles::assign_directly(&mut member, &given);
    }
    roles::assign(organization, &mut member);
    let answer = answer(organization, &member);
    state.members.push(member);
    Ok(answer)
}

/// `GET …/member?member_id=` or `?email_address=`: exactly one of the two parameters. Deleted members are not found.
pub fn get(state: &mut State, request: &ApiRequest) -> Reply {
    let organization = state.need_organization(request.part("organization_id"))?;
    let by_id = request.parameter("member_id");
    let by_email = request.parameter("email_address");
    let member = match (by_id, by_email) {
        (Some(id), None) => need_member(state, organization, id)?,
        (None, Some(email)) => state
            .member_by_email(organization.id(), email)
            .ok_or_else(|| ApiError::of("member_not_found"))?,
        _ => return Err(ApiError::of("invalid_member_get_fields")),
    };
    Ok(answer(organization, member))
}

/// `GET /v1/b2b/organizations/members/dangerously_get/{member_id}`: a member of any organization. Deleted members are
/// found only with `include_deleted`.
pub fn dangerously_get(state: &mut State, request: &ApiRequest) -> Reply {
    let include_deleted = request.parameter_flag("include_deleted")?;
    let member = state
        .member(request.part("member_id"))
        .filter(|member| include_deleted || member.status() != "deleted")
        .ok_or_else(|| ApiError::of("member_not_found"))?;
    let organization = state.need_organization(member.organization_id())?;
    Ok(answer(organization, member))
}

/// `DELETE …/members/{member_id}`: keeps the member with the status deleted, ends the sessions, and removes provider
/// tokens.
pub fn delete(state: &mut State, request: &ApiRequest) -> Reply {
    let (_, id) = target(state, request, "delete")?;
    let now = wire(state.now());
    if let Some(member) = state.member_mut(&id) {
        member.set("status", "deleted");
        member.set("updated_at", now);
    }
    state.end_sessions(|session| session.member_id == id);
    forget_factors(state, &id);
    Ok(fields(json!({ "member_id": id })))
}

/// `PUT …/members/{member_id}/reactivate`: reactivates a deleted member whose address was verified. It accepts the
/// vendor's id only.
pub fn reactivate(state: &mut State, request: &ApiRequest) -> Reply {
    let rights = Rights::of(state, &request.acting)?;
    let organization = state.need_organization(request.part("organization_id"))?;
    rights.in_organization(organization)?;
    rights.need(state, "stytch.member", "create")?;
    let member = state
        .member(request.part("member_id"))
        .filter(|member| member.organization_id() == organization.id())
        .ok_or_else(|| ApiError::of("member_not_found"))?;
    if member.status() != "deleted" {
        return Err(ApiError::bad_request("The member is not deleted."));
    }
    if !member.is("email_address_verified") {
        return Err(ApiError::of("email_unverified_for_reactivation"));
    }
    if fields::is_taken(state, organization, member) {
        return Err(ApiError::of("reactivation_email_belongs_to_another_member"));
    }
    let id = member.id().to_owned();
    change(state, &id, |member| member.set("status", "active"))
}

/// The member of this organization with this id or external id, unless deleted.
pub fn need_member<'a>(
    state: &'a State,
    organization: &Organization,
    reference: &str,
) -> Result<&'a Member, ApiError> {
    let keys = [lookup::id(reference), lookup::external(reference)];
    let mut found = keys.iter().flat_map(|key| state.members.with_key(key));
    let found = found.find(|member| {
        member.organization_id() == organization.id()
            && member.status() != "deleted"
            && (member.id() == reference || member.text("external_id") == reference)
    });
    found.ok_or_else(|| ApiError::of("member_not_found"))
}

/// The ids of the organization and the member in the path, if the call has the right to this action on that member.
pub fn target(
    state: &State,
    request: &ApiRequest,
    action: &str,
) -> Result<(String, String), ApiError> {
    let rights = Rights::of(state, &request.acting)?;
    let organization = state.need_organization(request.part("organization_id"))?;
    rights.in_organization(organization)?;
    let member = need_member(state, organization, request.part("member_id"))?;
    rights.need_on(state, member.id(), action)?;
    Ok((organization.id().to_owned(), member.id().to_owned()))
}

/// Changes the member and returns it.
pub fn change(state: &mut State, id: &str, change: impl FnOnce(&mut Member)) -> Reply {
    let now = wire(state.now());
    if let Some(member) = state.member_mut(id) {
        change(member);
        member.set("updated_at", now);
    }
    let member = state.need_member(id)?;
    let organization = state.need_organization(member.organization_id())?;
    Ok(answer(organization, member))
}

/// The fields `member_id`, `member` and `organization`.
pub fn answer(organization: &Organization, member: &Member) -> Map<String, Value> {
    fields(
        json!({ "member_id": member.id(), "member": member.object(), "organization": organization.object() }),
    )
}
