//! The settings of an organization that are lists: domains, tenants, role assignments. See
//! `docs/stytch.md#organizations`.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use crate::{
    http::ApiRequest,
    model::{
        ApiError, Organization, Policy,
        people::{is_common, is_disposable, is_domain},
    },
    rules::rbac::{EVERYONES_ROLE, has_role},
};

/// The errors for invalid domains in a list.
pub struct Refusals {
    invalid: &'static str,
    too_common: &'static str,
    disposable: &'static str,
    duplicate: &'static str,
}

/// Errors for `email_allowed_domains`.
pub const ALLOWED: Refusals = Refusals {
    invalid: "organization_settings_invalid_domain",
    too_common: "organization_settings_domain_too_common",
    disposable: "organization_settings_disposable_domain",
    duplicate: "organization_settings_duplicate_domain",
};

/// Errors for `claimed_email_domains`.
pub const CLAIMED: Refusals = Refusals {
    invalid: "organization_settings_invalid_claimed_domain",
    too_common: "organization_settings_claimed_domain_too_common",
    disposable: "organization_settings_disposable_domain",
    duplicate: "organization_settings_duplicate_claimed_domain",
};

/// Refuses texts that are not domains, domains of public providers such as gmail.com, and duplicates.
pub fn check_domains(domains: &[&str], refusals: &Refusals) -> Result<(), ApiError> {
    let mut earlier = HashSet::new();
    for domain in domains {
        let error = if !is_domain(domain) {
            refusals.invalid
        } else if is_common(domain) {
            refusals.too_common
        } else if is_disposable(domain) {
            refusals.disposable
        } else if !earlier.insert(domain.to_ascii_lowercase()) {
            refusals.duplicate
        } else {
            continue;
        };
        return Err(ApiError::of(error));
    }
    Ok(())
}

/// Refuses anything but lists of tenant ids under `slack`, `hubspot` and `github`.
pub fn check_tenants(tenants: &Map<String, Value>) -> Result<(), ApiError> {
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

/// Reads `rbac_email_implicit_role_assignments`: pairs of a domain and a role of the organization.
pub fn assignments(
    request: &ApiRequest,
    policy: &Policy,
    organization: &Organization,
) -> Result<Option<Value>, ApiError> {
    const FIELD: &str = "rbac_email_implicit_role_assignments";
    let pairs = match request.body.get(FIELD) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Array(pairs)) => pairs,
        Some(_) => {
            return Err(ApiError::bad_request(format!("{FIELD} must be an array.")));
        }
    };
    let mut kept = Vec::new();
    for pair in pairs {
        let (Some(domain), Some(role)) = (pair["domain"].as_str(), pair["role_id"].as_str()) else {
            return Err(ApiError::of("invalid_rbac_role_assignment"));
        };
        if !is_domain(domain) {
            return Err(ApiError::of("rbac_invalid_domain"));
        }
        if is_common(domain) {
            return Err(ApiError::of("rbac_domain_too_common"));
        }
        if role == EVERYONES_ROLE || !has_role(policy, organization, role) {
            return Err(ApiError::of("invalid_rbac_role_assignment"));
        }
        kept.push(json!({ "domain": domain, "role_id": role }));
    }
    Ok(Some(kept.into()))
}
