//! Reads and checks the settings of an organization in a request. See `docs/stytch.md#discovery` and
//! `docs/stytch.md#organizations`.

mod lists;
mod together;

use std::collections::HashSet;

use serde_json::{Map, Value};
use time::OffsetDateTime;

use crate::{
    api::metadata,
    http::ApiRequest,
    model::{
        ApiError, Indexed, Organization, Policy, lookup,
        settings::{METHODS, MFA_METHODS, SETTINGS},
    },
};

/// The settings of a new organization as fields of its object, without omitted ones.
pub fn for_new(
    request: &ApiRequest,
    organizations: &Indexed<Organization>,
    policy: &Policy,
) -> Result<Map<String, Value>, ApiError> {
    let blank = Organization::new("", "", "", OffsetDateTime::UNIX_EPOCH);
    let mut settings = read(request, organizations, policy, &blank)?;
    close_invites(&mut settings);
    together::check(&blank, &settings)?;
    Ok(settings)
}

/// The settings that the request changes in this organization. Lists are replaced, and metadata is merged.
pub fn for_change(
    request: &ApiRequest,
    organizations: &Indexed<Organization>,
    policy: &Policy,
    before: &Organization,
) -> Result<Map<String, Value>, ApiError> {
    let mut settings = read(request, organizations, policy, before)?;
    if let Some(claimed) = claimed_domains(request, organizations, before.id())? {
        settings.insert("claimed_email_domains".to_owned(), claimed);
    }
    if let Some(connections) = request.texts("sso_jit_provisioning_allowed_connections")? {
        if connections.iter().any(|id| !before.has_connection(id)) {
            return Err(ApiError::of("invalid_restricted_sso_setting"));
        }
        settings.insert(
            "sso_jit_provisioning_allowed_connections".to_owned(),
            connections.into(),
        );
    }
    if let Some(id) = request.raw_text("sso_default_connection_id")? {
        if !before.has_connection(id) {
            return Err(ApiError::of("invalid_sso_default_connection_id"));
        }
        settings.insert("sso_default_connection_id".to_owned(), id.into());
    }
    together::check(before, &settings)?;
    Ok(settings)
}

/// Reads `claimed_email_domains`, which only `organizations.create` and `.update` accept. Two organizations never claim
/// the same domain.
pub fn claimed_domains(
    request: &ApiRequest,
    organizations: &Indexed<Organization>,
    organization_id: &str,
) -> Result<Option<Value>, ApiError> {
    let Some(domains) = request.texts("claimed_email_domains")? else {
        return Ok(None);
    };
    lists::check_domains(&domains, &lists::CLAIMED)?;
    let wanted: HashSet<String> = domains.iter().map(|it| it.to_ascii_lowercase()).collect();
    let mut taken = wanted
        .iter()
        .flat_map(|domain| organizations.with_key(&lookup::claims(domain)))
        .filter(|organization| organization.id() != organization_id)
        .flat_map(|organization| organization.list("claimed_email_domains"));
    if taken.any(|domain| wanted.contains(&domain.to_ascii_lowercase())) {
        return Err(ApiError::of("action_not_allowed_email_domain_is_claimed"));
    }
    Ok(Some(domains.into()))
}

/// Reads the settings that both creation and updates accept.
fn read(
    request: &ApiRequest,
    organizations: &Indexed<Organization>,
    policy: &Policy,
    before: &Organization,
) -> Result<Map<String, Value>, ApiError> {
    let mut settings = Map::new();
    let mut keep = |name: &str, value: Value| settings.insert(name.to_owned(), value);
    for (name, words, error) in SETTINGS {
        if let Some(word) = request.raw_text(name)? {
            if !words.contains(&word) {
                let message = format!("{name} must be one of {}.", words.join(", "));
                return Err(ApiError::new(400, *error, message));
            }
            keep(name, word.into());
        }
    }
    for (name, allowed, error) in [
        (
            "allowed_auth_methods",
            &METHODS[..],
            "invalid_organization_allowed_auth_methods",
        ),
        (
            "allowed_mfa_methods",
            &MFA_METHODS[..],
            "invalid_organization_allowed_mfa_methods",
        ),
    ] {
        if let Some(methods) = request.texts(name)? {
            if methods.iter().any(|method| !allowed.contains(method)) {
                let message = format!("{name} may list {}.", allowed.join(", "));
                return Err(ApiError::new(400, error, message));
            }
            keep(name, methods.into());
        }
    }
    for name in [
        "allowed_first_party_connected_apps",
        "allowed_third_party_connected_apps",
    ] {
        if let Some(apps) = request.texts(name)? {
            keep(name, apps.into());
        }
    }
    if let Some(domains) = request.texts("email_allowed_domains")? {
        lists::check_domains(&domains, &lists::ALLOWED)?;
        keep("email_allowed_domains", domains.into());
    }
    if let Some(tenants) = request.object("allowed_oauth_tenants")? {
        lists::check_tenants(tenants)?;
        keep("allowed_oauth_tenants", Value::Object(tenants.clone()));
    }
    if let Some(assignments) = lists::assignments(request, policy, before)? {
        keep("rbac_email_implicit_role_assignments", assignments);
    }
    let metadata = metadata::merged(
        request,
        "trusted_metadata",
        before.value("trusted_metadata"),
    )?;
    if let Some(metadata) = metadata {
        keep("trusted_metadata", metadata);
    }
    if let Some(url) = request.raw_text("organization_logo_url")? {
        if url.len() > 2048 {
            return Err(ApiError::of("organization_logo_url_too_long"));
        }
        keep("organization_logo_url", url.into());
    }
    if let Some(id) = request.raw_text("organization_external_id")? {
        check_external_id(id, organizations, before.id())?;
        keep("organization_external_id", id.into());
    }
    Ok(settings)
}

fn check_external_id(
    id: &str,
    organizations: &Indexed<Organization>,
    own_id: &str,
) -> Result<(), ApiError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '|');
    if id.is_empty() || id.len() > 128 || !id.chars().all(allowed) {
        return Err(ApiError::of("invalid_organization_external_id"));
    }
    if organizations
        .with_key(&lookup::reference(id))
        .any(|organization| organization.id() != own_id && organization.answers_to(id))
    {
        return Err(ApiError::of("organization_external_id_already_used"));
    }
    Ok(())
}

/// Sets `email_invites` to `NOT_ALLOWED` by default if any other setting is given.
fn close_invites(settings: &mut Map<String, Value>) {
    if SETTINGS
        .iter()
        .any(|(name, ..)| settings.contains_key(*name))
    {
        let invites = settings.entry("email_invites");
        invites.or_insert_with(|| "NOT_ALLOWED".into());
    }
}
