//! Settings that depend on each other. See `docs/stytch.md#organizations`.

use serde_json::{Map, Value};

use crate::model::{ApiError, Organization};

/// A setting that can be `RESTRICTED`, the list that must then not be empty, and the error otherwise. The error type
/// `invalid_restricted_email_setting` is from the vendor's Android SDK.
#[rustfmt::skip] // a table: one pair per line
const RESTRICTED: &[(&str, &str, &str)] = &[
    ("auth_methods", "allowed_auth_methods", "allowed_auth_methods_required_for_restricted"),
    ("mfa_methods", "allowed_mfa_methods", "allowed_mfa_methods_required_for_restricted"),
    ("sso_jit_provisioning", "sso_jit_provisioning_allowed_connections", "invalid_restricted_sso_setting"),
    ("oauth_tenant_jit_provisioning", "allowed_oauth_tenants", "invalid_restricted_oauth_tenants_setting"),
    ("email_jit_provisioning", "email_allowed_domains", "invalid_restricted_email_setting"),
    ("email_invites", "email_allowed_domains", "invalid_restricted_email_setting"),
];

/// The ways to become a member. At least one must be open.
const WAYS_IN: [&str; 4] = [
    "sso_jit_provisioning",
    "email_jit_provisioning",
    "email_invites",
    "oauth_tenant_jit_provisioning",
];

/// Checks whether these settings are consistent with the organization's other ones. Settings that are not related to
/// the change are not checked.
pub fn check(before: &Organization, settings: &Map<String, Value>) -> Result<(), ApiError> {
    let touches = |name: &str| settings.contains_key(name);
    let mut after = before.clone();
    after.merge(settings.clone());
    for (setting, list, error) in RESTRICTED {
        if (touches(setting) || touches(list))
            && after.text(setting) == "RESTRICTED"
            && is_empty(after.value(list))
        {
            return Err(ApiError::of(error));
        }
    }
    if WAYS_IN.iter().any(|name| touches(name))
        && WAYS_IN.iter().all(|name| after.text(name) == "NOT_ALLOWED")
    {
        let message = format!(
            "At least one of {} must be ALL_ALLOWED or RESTRICTED.",
            WAYS_IN.join(", ")
        );
        return Err(ApiError::new(
            400,
            "invalid_organization_auth_factor_setting",
            message,
        ));
    }
    Ok(())
}

/// Whether the value is an empty list, or an object with nothing but empty lists.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map
            .values()
            .all(|ids| ids.as_array().is_none_or(Vec::is_empty)),
        _ => true,
    }
}
