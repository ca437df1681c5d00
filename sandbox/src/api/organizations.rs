//! `organizations.create`, `.get`, `.update`, `.delete`, `.metrics` and `.delete_external_id`.
//! See `docs/stytch.md#organizations`.

use serde_json::{Map, Value, json};

use crate::{
    api::organization_settings,
    http::ApiRequest,
    model::{ApiError, Organization, Reply, State, clock::wire, fields::fields, ids},
    rules::{Rights, grants::forget_factors, naming, roles, sso::forget_all},
};

/// The action that a call with a member's session requires for each field. Other fields can be changed with the
/// project's rights only.
#[rustfmt::skip] // a table: one field per line
const ACTIONS: &[(&str, &str)] = &[
    ("organization_name", "update.info.name"),
    ("organization_slug", "update.info.slug"),
    ("organization_logo_url", "update.info.logo-url"),
    ("sso_default_connection_id", "update.settings.default-sso-connection"),
    ("sso_jit_provisioning", "update.settings.sso-jit-provisioning"),
    ("sso_jit_provisioning_allowed_connections", "update.settings.sso-jit-provisioning"),
    ("email_allowed_domains", "update.settings.allowed-domains"),
    ("email_jit_provisioning", "update.settings.email-jit-provisioning"),
    ("email_invites", "update.settings.email-invites"),
    ("auth_methods", "update.settings.allowed-auth-methods"),
    ("allowed_auth_methods", "update.settings.allowed-auth-methods"),
    ("mfa_policy", "update.settings.mfa-policy"),
    ("mfa_methods", "update.settings.allowed-mfa-methods"),
    ("allowed_mfa_methods", "update.settings.allowed-mfa-methods"),
    ("rbac_email_implicit_role_assignments", "update.settings.implicit-roles"),
    ("oauth_tenant_jit_provisioning", "update.settings.oauth-tenant-jit-provisioning"),
    ("allowed_oauth_tenants", "update.settings.allowed-oauth-tenants"),
];

/// Fields that members can't change: trusted metadata, because the vendor's documentation says so, and the others
/// because it names no action for them.
const PROJECT_ONLY: &[&str] = &[
    "trusted_metadata",
    "organization_external_id",
    "claimed_email_domains",
    "first_party_connected_apps_allowed_type",
    "allowed_first_party_connected_apps",
    "third_party_connected_apps_allowed_type",
    "allowed_third_party_connected_apps",
];

/// `POST /v1/b2b/organizations`: takes a name, a slug (made from the name if omitted) and settings, and returns the
/// organization.
pub fn create(state: &mut State, request: &ApiRequest) -> Reply {
    let name = request
        .text("organization_name")?
        .ok_or_else(|| ApiError::of("organization_name_missing"))?;
    naming::check_name(name)?;
    let slug = match request.text("organization_slug")? {
        Some(slug) => {
            naming::check_slug(slug, &state.organizations)?;
            slug.to_owned()
        }
        None => naming::free_slug(name, &state.organizations),
    };
    let mut settings =
        organization_settings::for_new(request, &state.organizations, &state.policy)?;
    if let Some(claimed) =
        organization_settings::claimed_domains(request, &state.organizations, "")?
    {
        settings.insert("claimed_email_domains".to_owned(), claimed);
    }
    let mut organization = Organization::new(&ids::mint("organization"), name, &slug, state.now());
    organization.merge(settings);
    let answer = answer(&organization);
    state.organizations.push(organization);
    Ok(answer)
}

/// `GET /v1/b2b/organizations/{organization_id}`: by id, slug or external id.
pub fn get(state: &mut State, request: &ApiRequest) -> Reply {
    Ok(answer(
        state.need_organization(request.part("organization_id"))?,
    ))
}

/// `PUT /v1/b2b/organizations/{organization_id}`: takes the fields to change and returns the organization. Omitted
/// fields stay. With a member's session, it requires that member's right to change each field.
pub fn update(state: &mut State, request: &ApiRequest) -> Reply {
    let rights = Rights::of(state, &request.acting)?;
    let before = state.need_organization(request.part("organization_id"))?;
    rights.in_organization(before)?;
    if PROJECT_ONLY.iter().any(|field| request.gives(field)) {
        rights.project_only()?;
    }
    for (field, action) in ACTIONS {
        if request.gives(field) {
            rights.need(state, "stytch.organization", action)?;
        }
    }

    let mut changes =
        organization_settings::for_change(request, &state.organizations, &state.policy, before)?;
    if let Some(name) = request.raw_text("organization_name")? {
        naming::check_name(name)?;
        changes.insert("organization_name".to_owned(), json!(name));
    }
    if let Some(slug) = request.raw_text("organization_slug")? {
        naming::check_new_slug(slug, &state.organizations, before.id())?;
        changes.insert("organization_slug".to_owned(), json!(slug));
    }
    changes.insert("updated_at".to_owned(), wire(state.now()));
    let id = before.id().to_owned();
    change(state, &id, changes)
}

/// `DELETE /v1/b2b/organizations/{organization_id}`: also removes its members, their sessions, and the tokens of
/// sign-ins to it.
pub fn delete(state: &mut State, request: &ApiRequest) -> Reply {
    let rights = Rights::of(state, &request.acting)?;
    let organization = state.need_organization(request.part("organization_id"))?;
    rights.in_organization(organization)?;
    rights.need(state, "stytch.organization", "delete")?;
    let id = organization.id().to_owned();
    let deleted = organization.clone();
    let members: Vec<String> = state
        .members_of(&id)
        .map(|member| member.id().to_owned())
        .collect();
    for member in &members {
        forget_factors(state, member);
    }
    forget_all(state, &deleted);
    state.organizations.retain(|it| it.id() != id);
    state.members.retain(|it| it.organization_id() != id);
    state.end_sessions(|it| it.organization_id == id);
    let bound = |to: &Option<String>| to.as_ref() == Some(&id);
    state.end_intermediates(|_, it| bound(&it.organization_id));
    state
        .oauth_tokens
        .retain(|_, it| !bound(&it.organization_id));
    Ok(fields(json!({ "organization_id": id })))
}

/// `GET /v1/b2b/organizations/{organization_id}/metrics`: returns the number of members, without deleted ones.
pub fn metrics(state: &mut State, request: &ApiRequest) -> Reply {
    let organization = state.need_organization(request.part("organization_id"))?;
    let members = state.members_of(organization.id());
    let members = members.filter(|member| member.status() != "deleted");
    Ok(fields(json!({ "member_count": members.count() })))
}

/// `DELETE /v1/b2b/organizations/{organization_id}/external_id`
pub fn delete_external_id(state: &mut State, request: &ApiRequest) -> Reply {
    let rights = Rights::of(state, &request.acting)?;
    let organization = state.need_organization(request.part("organization_id"))?;
    rights.in_organization(organization)?;
    rights.project_only()?;
    let id = organization.id().to_owned();
    let changes =
        fields(json!({ "organization_external_id": Value::Null, "updated_at": wire(state.now()) }));
    change(state, &id, changes)
}

/// Writes the fields, updates the members' roles, and returns the organization.
fn change(state: &mut State, id: &str, changes: Map<String, Value>) -> Reply {
    let moves_roles = changes.contains_key("rbac_email_implicit_role_assignments");
    if let Some(organization) = state.organization_mut(id) {
        organization.merge(changes);
    }
    if moves_roles {
        roles::assign_by_email(state, id);
    }
    Ok(answer(state.need_organization(id)?))
}

fn answer(organization: &Organization) -> Map<String, Value> {
    fields(json!({ "organization": organization.object() }))
}
