//! The meaning of each of the vendor's refusals. If a row were lost, the visitor would read "our fault" instead of what
//! to do.

use std::time::Duration;

use stytch_b2b_axum::{
    error::{AppError, Outage, vendor},
    stytch::Error,
};

/// The refusals by what the visitor is told.
const MEANINGS: [(&str, &[&str]); 38] = [
    (
        "TokenSpent",
        &[
            "oauth_token_not_found",
            "sso_token_not_found",
            "magic_link_not_found",
            "unable_to_auth_magic_link",
        ],
    ),
    (
        "NotLatest",
        &[
            "pkce_mismatch",
            "pkce_expected_code_verifier",
            "pkce_did_not_expect_code_verifier",
        ],
    ),
    (
        "BadCallback",
        &[
            "oauth_discovery_flow_callback_error",
            "oauth_non_discovery_flow_callback_error",
        ],
    ),
    (
        "TookTooLong",
        &[
            "intermediate_session_not_found",
            "invalid_session_token",
            "invalid_intermediate_session_token_for_organization",
        ],
    ),
    ("SessionEnded", &["session_not_found"]),
    (
        "ProviderTokenGone",
        &[
            "member_oauth_token_not_found",
            "missing_oauth_refresh_token",
            "unable_to_refresh_oauth_token",
        ],
    ),
    (
        "Method",
        &["operation_restricted_by_organization_auth_methods"],
    ),
    (
        "MfaMethod",
        &["operation_restricted_by_organization_mfa_methods"],
    ),
    ("UseYours", &["insufficient_factors", "active_totp_exists"]),
    (
        "NotAMember",
        &["member_does_not_exist_in_organization", "member_not_found"],
    ),
    ("EmailJitClosed", &["email_jit_provisioning_not_allowed"]),
    ("EmailDomain", &["invalid_email_for_jit_provisioning"]),
    (
        "TenantJitClosed",
        &["oauth_tenant_jit_provisioning_not_allowed"],
    ),
    ("Tenant", &["invalid_oauth_tenant_for_jit_provisioning"]),
    ("Connection", &["invalid_connection_for_jit_provisioning"]),
    (
        "DomainClaimed",
        &["action_not_allowed_email_domain_is_claimed"],
    ),
    ("AddressRetired", &["inactive_email"]),
    ("Locked", &["user_lock_limit_reached"]),
    ("Suspended", &["organization_suspended"]),
    ("OtherAccount", &["member_session_member_id_mismatch"]),
    (
        "FactorsStay",
        &["insufficient_factors_for_session_exchange"],
    ),
    (
        "NoPermission",
        &["session_authorization_error", "unauthorized_action"],
    ),
    ("OrganizationGone", &["organization_not_found"]),
    ("ConnectionGone", &["sso_connection_not_found"]),
    (
        "type Code",
        &[
            "otp_code_not_found",
            "totp_code_not_found",
            "unable_to_authenticate_totp",
            "unable_to_auth_otp_code",
            "invalid_code",
            "invalid_totp_code",
            "totp_code_already_authenticated",
            "unable_to_authenticate_recovery_code",
            "invalid_recovery_code",
            "recovery_code_not_found",
            "recovery_code_used_as_totp_code",
            "totp_code_used_as_recovery_code",
        ],
    ),
    (
        "type PhoneNumber",
        &[
            "invalid_phone_number",
            "invalid_phone_number_country_code",
            "duplicate_member_phone_number",
            "unsubscribed_phone_number",
        ],
    ),
    (
        "factors have changed",
        &[
            "totp_not_found",
            "expired_totp",
            "recovery_codes_not_found",
            "no_active_recovery_code_backed_factor",
            "secondary_factor_not_found",
            "member_phone_number_not_found",
            "duplicate_member_phone_number_for_member",
        ],
    ),
    ("type EmailAddress", &["invalid_email"]),
    (
        "type OrganizationName",
        &[
            "organization_name_missing",
            "invalid_organization_name",
            "organization_name_includes_banned_words",
        ],
    ),
    (
        "type OrganizationSlug",
        &[
            "invalid_organization_slug",
            "organization_slug_already_used",
        ],
    ),
    (
        "type JitDomain",
        &[
            "organization_settings_domain_too_common",
            "organization_settings_disposable_domain",
            "organization_settings_invalid_domain",
        ],
    ),
    ("our fault", &["something_new"]),
    (
        "STYTCH_SECRET",
        &[
            "unauthorized_credentials",
            "invalid_authorization_header",
            "invalid_project_id_authentication",
            "invalid_secret_authentication",
        ],
    ),
    (
        "STYTCH_BASE_URL",
        &[
            "unauthorized_project_id_test",
            "unauthorized_project_id_live",
            "wrong_stack_test",
            "wrong_stack_live",
            "test_id_used_in_live_environment",
            "use_https",
        ],
    ),
    ("Consumer project", &["invalid_b2b_endpoint"]),
    (
        "SESSION_MINUTES",
        &[
            "invalid_session_duration",
            "invalid_session_duration_minutes",
        ],
    ),
    (
        "Redirect URLs page",
        &[
            "no_match_for_provided_magic_link_url",
            "no_match_for_provided_oauth_url",
            "no_match_for_provided_sso_url",
            "invalid_login_redirect_url",
            "invalid_signup_redirect_url",
            "invalid_discovery_redirect_url",
        ],
    ),
    (
        "OAUTH_PROVIDERS",
        &["oauth_config_not_found", "default_provider_not_allowed"],
    ),
];

fn refused(error_type: &str) -> Error {
    Error::Rejected {
        status: 400,
        error_type: error_type.to_owned(),
        request_id: String::new(),
    }
}

fn meaning(error_type: &str) -> String {
    if let Some((field, text)) = vendor::correction(&refused(error_type)) {
        assert!(text.ends_with('.'), "{error_type}: {text}");
        return format!("type {field:?}");
    }
    if vendor::factors_changed(&refused(error_type)) {
        return "factors have changed".to_owned();
    }
    if let Some(advice) = vendor::setup_advice(&refused(error_type)) {
        let is_ours = matches!(AppError::from(refused(error_type)), AppError::Ours(_));
        assert!(is_ours, "{error_type}");
        return advice.to_owned();
    }
    match AppError::from(refused(error_type)) {
        AppError::StartAgain(again) => format!("{:?}", again.reason),
        AppError::NotAllowed { why, .. } => format!("{why:?}"),
        AppError::Ours(_) => "our fault".to_owned(),
        other => panic!("{error_type}: {other:?}"),
    }
}

#[test]
fn every_refusal_has_its_meaning() {
    let mut count = 0;
    for (expected, error_types) in MEANINGS {
        for error_type in error_types {
            let meaning = meaning(error_type);
            let is_advice = meaning.len() > 30 && meaning.contains(expected);
            assert!(is_advice || meaning == expected, "{error_type}: {meaning}");
            count += 1;
        }
    }
    let rows = include_str!("../../../src/error/vendor.rs");
    let rows = rows.matches("\", M::").count();
    assert_eq!(count - 1, rows, "each row of the table has a line here");
}

/// S11: these errors end a session, and no others do.
#[test]
fn only_certain_errors_end_a_session() {
    let ends = [
        "session_not_found",
        "invalid_session_token",
        "unauthorized_session",
        "member_not_found",
        "organization_not_found",
        "organization_suspended",
    ];
    let known = MEANINGS.iter().flat_map(|(_, error_types)| *error_types);
    for error_type in known.chain(&ends) {
        let expected = ends.contains(error_type);
        let ended = vendor::ends_session(&refused(error_type));
        assert_eq!(ended, expected, "{error_type}");
    }
}

/// V4: however long Stytch asks to wait, a page says at most five minutes.
#[test]
fn a_wait_is_five_minutes_at_most() {
    for (asked, said) in [(None, 30), (Some(299), 299), (Some(301), 300)] {
        let error = Error::RateLimited {
            after: asked.map(Duration::from_secs),
            error_type: "too_many_requests".to_owned(),
            request_id: String::new(),
        };
        let AppError::TryLater(later) = AppError::from(error) else {
            panic!("another error");
        };
        assert_eq!(later.outage, Outage::Busy(Duration::from_secs(said)));
    }
}
