//! `magic_links.email.invite`. See `docs/stytch.md#links-and-codes-by-email`.

use serde_json::{Map, Value};

use crate::{
    api::{
        magic_links::{link_lifetime, redirect_url},
        member_fields as fields, metadata,
        recipient::{address, check_email_locale, member_fields},
        sandbox_values,
    },
    http::ApiRequest,
    model::{ApiError, Kind, Link, Member, Reply, State, clock::wire},
    rules::{Rights, links, locks, redirect_urls, roles, texts::Text},
};

/// `POST /v1/b2b/magic_links/email/invite`: invites an address that belongs to no active member. Its member gets the
/// status `invited`.
pub fn invite(state: &mut State, request: &ApiRequest) -> Reply {
    let locale = check_email_locale(request)?;
    let lives = link_lifetime(request, "invite_expiration_minutes", 10_080)?;
    if sandbox_values::is_to_sample(request)? {
        return Ok(sandbox_values::sent(state));
    }
    let organization = state.need_organization(request.need_text("organization_id")?)?;
    let rights = Rights::of(state, &request.acting)?;
    rights.in_organization(organization)?;
    rights.need(state, "stytch.member", "create")?;
    if request.gives("roles") {
        rights.need(state, "stytch.member", "update.settings.roles")?;
    }
    if request.gives("trusted_metadata") {
        rights.project_only()?;
    }
    let (organization_id, slug) = (organization.id().to_owned(), organization.slug().to_owned());
    let email = address(request)?;
    let row = state.member_by_email(&organization_id, &email);
    if row.is_some_and(|member| member.status() == "active") {
        return Err(ApiError::of("duplicate_member_email"));
    }
    let known = row.map(|member| member.id().to_owned());
    fields::email(
        state,
        organization,
        request,
        known.as_deref().unwrap_or_default(),
    )?;
    fields::check_invites(organization, &email)?;
    if !organization.allows("magic_link") {
        return Err(ApiError::of(
            "operation_restricted_by_organization_auth_methods",
        ));
    }
    if let Some(id) = &known {
        locks::check(state, id)?;
    }
    if let Some(inviter) = request.text("invited_by_member_id")? {
        let inviter = state.member(inviter).filter(|inviter| {
            inviter.organization_id() == organization_id && inviter.status() != "deleted"
        });
        inviter.ok_or_else(|| ApiError::of("member_not_found"))?;
    }
    let mut given = invited_fields(request)?;
    let roles: Option<Vec<String>> = fields::roles(&state.policy, organization, request)?
        .map(|roles| roles.into_iter().map(str::to_owned).collect());
    let kind = redirect_urls::Kind::Invite;
    let redirect_url = redirect_url(state, request, "invite_redirect_url", kind)?;
    let subject = Text::Invitation(organization.name()).written(locale);

    let now = state.now();
    let member_id = known.unwrap_or_else(|| {
        let member = Member::minted(&organization_id, &email, "", now);
        roles::add_member(state, member)
    });
    given.insert("status".into(), "invited".into());
    given.insert("updated_at".into(), wire(now));
    if let Some(member) = state.member_mut(&member_id) {
        member.merge(given);
        if let Some(roles) = &roles {
            roles::assign_directly(member, roles);
        }
    }
    let link = Link {
        kind: Kind::Invite,
        email,
        member_id: Some(member_id.clone()),
        redirect_url,
        slug,
        pkce_code_challenge: None,
        expires_at: now + lives,
        used: false,
    };
    links::send(state, link, subject);
    Ok(member_fields(state, &member_id))
}

/// Name and metadata of the invited member.
fn invited_fields(request: &ApiRequest) -> Result<Map<String, Value>, ApiError> {
    let mut fields = Map::new();
    if let Some(name) = request.text("name")? {
        fields.insert("name".into(), name.into());
    }
    for field in ["trusted_metadata", "untrusted_metadata"] {
        if let Some(metadata) = metadata::merged(request, field, &Value::Null)? {
            fields.insert(field.into(), metadata);
        }
    }
    Ok(fields)
}
