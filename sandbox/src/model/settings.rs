//! The allowed values of an organization's settings. See `docs/stytch.md#organizations`.

/// The methods that `allowed_auth_methods` may list.
pub const METHODS: [&str; 9] = [
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
/// The methods that `allowed_mfa_methods` may list.
pub const MFA_METHODS: [&str; 2] = ["sms_otp", "totp"];
const THREE: &[&str] = &["ALL_ALLOWED", "RESTRICTED", "NOT_ALLOWED"];
const TWO: &[&str] = &["ALL_ALLOWED", "RESTRICTED"];
const JIT: &[&str] = &["RESTRICTED", "NOT_ALLOWED"];

/// Enum fields with their values, and the error for any other value.
#[rustfmt::skip] // a table: one field per line
pub const SETTINGS: &[(&str, &[&str], &str)] = &[
    ("sso_jit_provisioning", THREE, "invalid_organization_auth_factor_setting"),
    ("email_invites", THREE, "invalid_organization_auth_factor_setting"),
    ("email_jit_provisioning", JIT, "invalid_organization_auth_factor_setting_for_email_jit_provisioning"),
    ("oauth_tenant_jit_provisioning", JIT, "invalid_organization_auth_factor_setting_for_oauth_tenant_jit_provisioning"),
    ("auth_methods", TWO, "invalid_organization_auth_method_settings"),
    ("mfa_policy", &["OPTIONAL", "REQUIRED_FOR_ALL"], "invalid_organization_mfa_policy"),
    ("mfa_methods", TWO, "invalid_organization_mfa_factor_setting"),
    ("first_party_connected_apps_allowed_type", THREE, "invalid_organization_auth_factor_setting"),
    ("third_party_connected_apps_allowed_type", THREE, "invalid_organization_auth_factor_setting"),
];
