//! `magic_links.email.invite` (fact sheet §5.9).

use serde_json::{Map, Value};

use super::magic_links::{link_lifetime, redirect_url};
use super::recipient::{address, check_email_locale, member_fields};
use crate::sandbox::clock::wire;
use crate::sandbox::error::ApiError;
use crate::sandbox::factors::links::{self, Kind, Link};
use crate::sandbox::factors::locks;
use crate::sandbox::ids;
use crate::sandbox::member::Member;
use crate::sandbox::organization::Organization;
use crate::sandbox::people::domain;
use crate::sandbox::public::redirect_urls;
use crate::sandbox::rules::acting::Rights;
use crate::sandbox::rules::standing::{claimed_by_another, holds_retired};
use crate::sandbox::server::request::ApiRequest;
use crate::sandbox::state::State;

/// `POST /v1/b2b/magic_links/email/invite`: an address that is no active member's in; its row is `invited` then.
pub fn invite(state: &mut State, request: &ApiRequest) -> Result<Map<String, Value>, ApiError> {
    let rights = Rights::of(state, request)?;
    check_email_locale(request)?;
    let lives = link_lifetime(request, "invite_expiration_minutes", 10_080)?;
    let organization = state.need_organization(request.need_text("organization_id")?)?;
    let (organization_id, slug) = (organization.id().to_owned(), organization.slug().to_owned());
    check_rights(state, request, &rights, organization)?;
    let email = address(request)?;
    check_invitation(state, organization, &email)?;
    let row = state.member_by_email(&organization_id, &email);
    if row.is_some_and(|member| member.status() == "active") {
        return Err(ApiError::of("duplicate_member_email"));
    }
    let known = row.map(|member| member.id().to_owned());
    if let Some(id) = &known {
        locks::check(state, id)?;
    }
    if let Some(inviter) = request.text("invited_by_member_id")? {
        let inviter = state.member(inviter).filter(|inviter| {
            inviter.organization_id() == organization_id && inviter.status() != "deleted"
        });
        inviter.ok_or_else(|| ApiError::of("member_not_found"))?;
    }
    let mut fields = invited_fields(request, organization)?;
    let kind = redirect_urls::Kind::Invite;
    let redirect_url = redirect_url(state, request, "invite_redirect_url", kind)?;
    let subject = format!("You are invited to {}", organization.name());

    let now = state.now();
    let member_id = known.unwrap_or_else(|| {
        let id = ids::mint("member");
        let member = Member::new(&id, &organization_id, &email, "", now);
        state.members.push(member);
        id
    });
    fields.insert("status".into(), "invited".into());
    fields.insert("updated_at".into(), wire(now));
    if let Some(member) = state.member_mut(&member_id) {
        member.merge(fields);
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

/// What a member needs who invites: the right to create members, and to give them roles where it does. Trusted
/// metadata is for the project alone.
fn check_rights(
    state: &State,
    request: &ApiRequest,
    rights: &Rights,
    organization: &Organization,
) -> Result<(), ApiError> {
    rights.in_organization(organization)?;
    rights.need(state, "stytch.member", "create")?;
    if request.gives("roles") {
        rights.need(state, "stytch.member", "update.settings.roles")?;
    }
    if request.gives("trusted_metadata") {
        rights.project_only()?;
    }
    Ok(())
}

/// Whether the organization lets this address be invited. One that has `RESTRICTED` invites lets those in of its
/// allowed domains; that `NOT_ALLOWED` has the same error is unconfirmed.
fn check_invitation(
    state: &State,
    organization: &Organization,
    email: &str,
) -> Result<(), ApiError> {
    let domain = domain(email);
    let allowed = match organization.text("email_invites") {
        "ALL_ALLOWED" => true,
        "RESTRICTED" => organization.lists_domain("email_allowed_domains", domain),
        _ => false,
    };
    if !allowed {
        return Err(ApiError::of("invalid_email_for_invites"));
    }
    if holds_retired(state, organization.id(), email, "") {
        return Err(ApiError::of("retired_member_email"));
    }
    if claimed_by_another(state, organization.id(), domain) {
        return Err(ApiError::of("action_not_allowed_email_domain_is_claimed"));
    }
    if !organization.allows("magic_link") {
        return Err(ApiError::of(
            "operation_restricted_by_organization_auth_methods",
        ));
    }
    Ok(())
}

/// Name, metadata and roles for the row. Roles must be the vendor's default ones or the organization's own.
fn invited_fields(
    request: &ApiRequest,
    organization: &Organization,
) -> Result<Map<String, Value>, ApiError> {
    let mut fields = Map::new();
    if let Some(name) = request.text("name")? {
        fields.insert("name".into(), name.into());
    }
    for field in ["trusted_metadata", "untrusted_metadata"] {
        if let Some(metadata) = request.object(field)? {
            fields.insert(field.into(), Value::Object(metadata.clone()));
        }
    }
    if let Some(roles) = request.texts("roles")? {
        let own = organization.value("custom_roles").as_array();
        let known = |role: &str| {
            matches!(role, "stytch_member" | "stytch_admin")
                || own.is_some_and(|own| own.iter().any(|it| it["role_id"] == role))
        };
        if let Some(unknown) = roles.iter().find(|role| !known(role)) {
            return Err(ApiError::bad_request(format!(
                "There is no role {unknown}."
            )));
        }
        fields.insert("roles".into(), roles.into());
    }
    Ok(fields)
}
