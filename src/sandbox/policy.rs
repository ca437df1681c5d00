//! The settings that a request may give a new organization, checked (fact sheet §5.4, §5.5, §6.1).

use serde_json::{Map, Value};

use super::error::ApiError;
use super::organization::Organization;
use super::people::{is_common, is_domain};
use super::server::request::ApiRequest;

const METHODS: [&str; 9] = [
    "sso",
    "magic_link",
    "email_otp",
    "password",
    "google_oauth",
    "microsoft_oauth",
    "slack_oauth",
    "github_oauth",
    "hubspot_oauth",
];
const MFA_METHODS: [&str; 2] = ["sms_otp", "totp"];
const THREE: &[&str] = &["ALL_ALLOWED", "RESTRICTED", "NOT_ALLOWED"];
const TWO: &[&str] = &["ALL_ALLOWED", "RESTRICTED"];
const JIT: &[&str] = &["RESTRICTED", "NOT_ALLOWED"];

/// Fields that are one of a few words, with the error for any other.
const WORDS: &[(&str, &[&str], &str)] = &[
    (
        "sso_jit_provisioning",
        THREE,
        "invalid_organization_auth_factor_setting",
    ),
    (
        "email_invites",
        THREE,
        "invalid_organization_auth_factor_setting",
    ),
    (
        "email_jit_provisioning",
        JIT,
        "invalid_organization_auth_factor_setting_for_email_jit_provisioning",
    ),
    (
        "oauth_tenant_jit_provisioning",
        JIT,
        "invalid_organization_auth_factor_setting_for_oauth_tenant_jit_provisioning",
    ),
    (
        "auth_methods",
        TWO,
        "invalid_organization_auth_method_settings",
    ),
    (
        "mfa_policy",
        &["OPTIONAL", "REQUIRED_FOR_ALL"],
        "invalid_organization_mfa_policy",
    ),
    (
        "mfa_methods",
        TWO,
        "invalid_organization_mfa_factor_setting",
    ),
    (
        "first_party_connected_apps_allowed_type",
        THREE,
        "invalid_organization_auth_factor_setting",
    ),
    (
        "third_party_connected_apps_allowed_type",
        THREE,
        "invalid_organization_auth_factor_setting",
    ),
];

/// The settings in the request as fields of the organization's object. Those not given are not in it.
pub fn checked(
    request: &ApiRequest,
    organizations: &[Organization],
) -> Result<Map<String, Value>, ApiError> {
    let mut settings = Map::new();
    let mut keep = |name: &str, value: Value| settings.insert(name.to_owned(), value);
    for (name, words, error) in WORDS {
        if let Some(word) = request.text(name)? {
            if !words.contains(&word) {
                return Err(ApiError::of(error));
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
                return Err(ApiError::of(error));
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
        check_domains(&domains)?;
        keep("email_allowed_domains", domains.into());
    }
    if let Some(tenants) = request.object("allowed_oauth_tenants")? {
        check_tenants(tenants)?;
        keep("allowed_oauth_tenants", Value::Object(tenants.clone()));
    }
    if let Some(metadata) = request.object("trusted_metadata")? {
        keep("trusted_metadata", Value::Object(metadata.clone()));
    }
    if let Some(url) = request.text("organization_logo_url")? {
        if url.len() > 2048 {
            return Err(ApiError::of("organization_logo_url_too_long"));
        }
        keep("organization_logo_url", url.into());
    }
    if let Some(id) = request.text("organization_external_id")? {
        check_external_id(id, organizations)?;
        keep("organization_external_id", id.into());
    }
    if let Some(assignments) = request
        .body
        .get("rbac_email_implicit_role_assignments")
        .filter(|given| !given.is_null())
    {
        if !assignments.is_array() {
            return Err(ApiError::bad_request(
                "rbac_email_implicit_role_assignments must be an array.",
            ));
        }
        keep("rbac_email_implicit_role_assignments", assignments.clone());
    }
    check_together(&settings)?;
    close_invites(&mut settings);
    Ok(settings)
}

fn check_domains(domains: &[&str]) -> Result<(), ApiError> {
    for (index, domain) in domains.iter().enumerate() {
        if !is_domain(domain) {
            return Err(ApiError::of("organization_settings_invalid_domain"));
        }
        if is_common(domain) {
            return Err(ApiError::of("organization_settings_domain_too_common"));
        }
        if domains[..index]
            .iter()
            .any(|earlier| earlier.eq_ignore_ascii_case(domain))
        {
            return Err(ApiError::of("organization_settings_duplicate_domain"));
        }
    }
    Ok(())
}

fn check_tenants(tenants: &Map<String, Value>) -> Result<(), ApiError> {
    let is_list = |value: &Value| {
        value
            .as_array()
            .is_some_and(|list| list.iter().all(Value::is_string))
    };
    let good = tenants
        .iter()
        .all(|(name, ids)| matches!(name.as_str(), "slack" | "hubspot" | "github") && is_list(ids));
    if good {
        Ok(())
    } else {
        Err(ApiError::of("invalid_oauth_allowed_tenants_format"))
    }
}

fn check_external_id(id: &str, organizations: &[Organization]) -> Result<(), ApiError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '|');
    if id.len() > 128 || !id.chars().all(allowed) {
        return Err(ApiError::of("invalid_organization_external_id"));
    }
    if organizations
        .iter()
        .any(|organization| organization.answers_to(id))
    {
        return Err(ApiError::of("organization_external_id_already_used"));
    }
    Ok(())
}

/// What must not be given without something else.
fn check_together(settings: &Map<String, Value>) -> Result<(), ApiError> {
    let restricted = |name: &str| settings.get(name).is_some_and(|word| word == "RESTRICTED");
    let empty = |name: &str| match settings.get(name) {
        Some(Value::Array(list)) => list.is_empty(),
        Some(Value::Object(map)) => map
            .values()
            .all(|ids| ids.as_array().is_none_or(Vec::is_empty)),
        _ => true,
    };
    for (setting, list, error) in [
        (
            "auth_methods",
            "allowed_auth_methods",
            "allowed_auth_methods_required_for_restricted",
        ),
        (
            "mfa_methods",
            "allowed_mfa_methods",
            "allowed_mfa_methods_required_for_restricted",
        ),
        (
            "oauth_tenant_jit_provisioning",
            "allowed_oauth_tenants",
            "invalid_restricted_oauth_tenants_setting",
        ),
    ] {
        if restricted(setting) && empty(list) {
            return Err(ApiError::of(error));
        }
    }
    let closed = |name: &str| settings.get(name).is_some_and(|word| word == "NOT_ALLOWED");
    if closed("sso_jit_provisioning") && closed("email_jit_provisioning") && closed("email_invites")
    {
        return Err(ApiError::of("invalid_organization_auth_factor_setting"));
    }
    Ok(())
}

/// `email_invites` defaults to `NOT_ALLOWED` as soon as other ways of joining are set (seen live, fact sheet §6.1),
/// unless then nobody could join at all.
fn close_invites(settings: &mut Map<String, Value>) {
    let others = [
        "sso_jit_provisioning",
        "email_jit_provisioning",
        "oauth_tenant_jit_provisioning",
        "auth_methods",
    ];
    let nobody_else = settings
        .get("sso_jit_provisioning")
        .is_some_and(|word| word == "NOT_ALLOWED")
        && settings
            .get("email_jit_provisioning")
            .is_none_or(|word| word == "NOT_ALLOWED");
    if !settings.contains_key("email_invites")
        && !nobody_else
        && others.iter().any(|name| settings.contains_key(*name))
    {
        settings.insert("email_invites".to_owned(), "NOT_ALLOWED".into());
    }
}
