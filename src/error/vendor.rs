//! The table of Stytch's errors: what each `error_type` means for the visitor.

use std::time::Duration;

use super::{AppError, NotAllowed, Outage, Reason, Refusal, TryLater};
use crate::stytch::Error;

/// What the visitor can do after an error. It determines the status and the page.
#[derive(Clone, Copy)]
enum Meaning {
    StartAgain(Reason),
    NotAllowed(NotAllowed),
    /// Correct this field. The text says how.
    Correct(Field, &'static str),
    /// The member's second factors have changed since the session read them. The handler reads them again.
    FactorsChanged,
    /// Nothing: the operator must change the setup. The text says what and where.
    Setup(&'static str),
}

/// A form field whose value Stytch refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are clear")]
pub enum Field {
    Code,
    EmailAddress,
    PhoneNumber,
    OrganizationName,
    OrganizationSlug,
    JitDomain,
}

use self::Meaning as M;

/// The names are from Stytch's API reference and from its Android SDK, which lists all of them. An error that is not in
/// the table means a mistake in our request.
#[rustfmt::skip]
const TABLE: &[(&str, Meaning)] = &[
    ("oauth_token_not_found", M::StartAgain(Reason::TokenSpent)),
    ("sso_token_not_found", M::StartAgain(Reason::TokenSpent)),
    ("magic_link_not_found", M::StartAgain(Reason::TokenSpent)),
    ("unable_to_auth_magic_link", M::StartAgain(Reason::TokenSpent)),
    ("pkce_mismatch", M::StartAgain(Reason::NotLatest)),
    ("pkce_expected_code_verifier", M::StartAgain(Reason::NotLatest)),
    ("pkce_did_not_expect_code_verifier", M::StartAgain(Reason::NotLatest)),
    ("oauth_discovery_flow_callback_error", M::StartAgain(Reason::BadCallback)),
    ("oauth_non_discovery_flow_callback_error", M::StartAgain(Reason::BadCallback)),
    ("intermediate_session_not_found", M::StartAgain(Reason::TookTooLong)),
    ("invalid_session_token", M::StartAgain(Reason::TookTooLong)),
    ("invalid_intermediate_session_token_for_organization", M::StartAgain(Reason::TookTooLong)),
    ("session_not_found", M::StartAgain(Reason::SessionEnded)),
    ("member_oauth_token_not_found", M::StartAgain(Reason::ProviderTokenGone)),
    ("missing_oauth_refresh_token", M::StartAgain(Reason::ProviderTokenGone)),
    ("unable_to_refresh_oauth_token", M::StartAgain(Reason::ProviderTokenGone)),

    ("operation_restricted_by_organization_auth_methods", M::NotAllowed(NotAllowed::Method)),
    ("operation_restricted_by_organization_mfa_methods", M::NotAllowed(NotAllowed::MfaMethod)),
    ("insufficient_factors", M::NotAllowed(NotAllowed::UseYours)),
    ("active_totp_exists", M::NotAllowed(NotAllowed::UseYours)),
    ("member_does_not_exist_in_organization", M::NotAllowed(NotAllowed::NotAMember)),
    ("member_not_found", M::NotAllowed(NotAllowed::NotAMember)),
    ("email_jit_provisioning_not_allowed", M::NotAllowed(NotAllowed::EmailJitClosed)),
    ("invalid_email_for_jit_provisioning", M::NotAllowed(NotAllowed::EmailDomain)),
    ("oauth_tenant_jit_provisioning_not_allowed", M::NotAllowed(NotAllowed::TenantJitClosed)),
    ("invalid_oauth_tenant_for_jit_provisioning", M::NotAllowed(NotAllowed::Tenant)),
    ("invalid_connection_for_jit_provisioning", M::NotAllowed(NotAllowed::Connection)),
    ("action_not_allowed_email_domain_is_claimed", M::NotAllowed(NotAllowed::DomainClaimed)),
    ("inactive_email", M::NotAllowed(NotAllowed::AddressRetired)),
    ("user_lock_limit_reached", M::NotAllowed(NotAllowed::Locked)),
    ("organization_suspended", M::NotAllowed(NotAllowed::Suspended)),
    ("organization_not_found", M::NotAllowed(NotAllowed::OrganizationGone)),
    ("sso_connection_not_found", M::NotAllowed(NotAllowed::ConnectionGone)),
    ("member_session_member_id_mismatch", M::NotAllowed(NotAllowed::OtherAccount)),
    ("insufficient_factors_for_session_exchange", M::NotAllowed(NotAllowed::FactorsStay)),
    ("session_authorization_error", M::NotAllowed(NotAllowed::NoPermission)),
    ("unauthorized_action", M::NotAllowed(NotAllowed::NoPermission)),

    ("otp_code_not_found", M::Correct(Field::Code, "That code is not correct. Check it and try again.")),
    ("totp_code_not_found", M::Correct(Field::Code, "That code is not correct. Check it and try again.")),
    ("unable_to_authenticate_totp", M::Correct(Field::Code, "That code is not correct. Check it and try again.")),
    ("unable_to_auth_otp_code", M::Correct(Field::Code, "That code was already used or has expired. Request a new one.")),
    ("invalid_code", M::Correct(Field::Code, SIX_DIGITS)),
    ("invalid_totp_code", M::Correct(Field::Code, SIX_DIGITS)),
    ("totp_code_already_authenticated", M::Correct(Field::Code, "That code was already used. Wait for the app to show the next one.")),
    ("unable_to_authenticate_recovery_code", M::Correct(Field::Code, "That code is not one of your recovery codes, or it was already used.")),
    ("invalid_recovery_code", M::Correct(Field::Code, "That code is not one of your recovery codes, or it was already used.")),
    ("recovery_code_not_found", M::Correct(Field::Code, "That code is not one of your recovery codes, or it was already used.")),
    ("totp_code_used_as_recovery_code", M::Correct(Field::Code, "That is a code from the app. Enter it above, or enter a recovery code here.")),
    ("recovery_code_used_as_totp_code", M::Correct(Field::Code, "That is a recovery code. Enter it below, or enter a code from the app here.")),
    ("invalid_phone_number", M::Correct(Field::PhoneNumber, PHONE_FORM)),
    ("invalid_phone_number_country_code", M::Correct(Field::PhoneNumber, PHONE_FORM)),
    ("duplicate_member_phone_number", M::Correct(Field::PhoneNumber, "This number can't be used here. Enter another one.")),
    ("unsubscribed_phone_number", M::Correct(Field::PhoneNumber, "This phone has unsubscribed from our messages. Choose another way, or ask an administrator.")),
    ("invalid_email", M::Correct(Field::EmailAddress, "That is not an email address. Check it and try again.")),
    ("organization_name_missing", M::Correct(Field::OrganizationName, "Enter a name.")),
    ("invalid_organization_name", M::Correct(Field::OrganizationName, "The name must have 1 to 128 characters.")),
    ("organization_name_includes_banned_words", M::Correct(Field::OrganizationName, "This name contains a word that is not allowed. Choose another one.")),
    ("invalid_organization_slug", M::Correct(Field::OrganizationSlug, "The address must have 2 to 128 characters: letters, digits and - . _ ~, with at least one letter or digit.")),
    ("organization_slug_already_used", M::Correct(Field::OrganizationSlug, "Another organization has this address. Choose another one.")),
    ("organization_settings_domain_too_common", M::Correct(Field::JitDomain, "You can't use your email domain, because anyone can get an address there, not only your colleagues.")),
    ("organization_settings_disposable_domain", M::Correct(Field::JitDomain, "You can't use your email domain, because it is for disposable addresses.")),
    ("organization_settings_invalid_domain", M::Correct(Field::JitDomain, "You can't use your email domain.")),

    ("totp_not_found", M::FactorsChanged),
    ("expired_totp", M::FactorsChanged),
    ("recovery_codes_not_found", M::FactorsChanged),
    ("no_active_recovery_code_backed_factor", M::FactorsChanged),
    ("secondary_factor_not_found", M::FactorsChanged),
    ("member_phone_number_not_found", M::FactorsChanged),
    ("duplicate_member_phone_number_for_member", M::FactorsChanged),

    ("unauthorized_credentials", M::Setup(CREDENTIALS)),
    ("invalid_authorization_header", M::Setup(CREDENTIALS)),
    ("invalid_project_id_authentication", M::Setup(CREDENTIALS)),
    ("invalid_secret_authentication", M::Setup(CREDENTIALS)),
    ("unauthorized_project_id_test", M::Setup(ENVIRONMENT)),
    ("unauthorized_project_id_live", M::Setup(ENVIRONMENT)),
    ("wrong_stack_test", M::Setup(ENVIRONMENT)),
    ("wrong_stack_live", M::Setup(ENVIRONMENT)),
    ("test_id_used_in_live_environment", M::Setup(ENVIRONMENT)),
    ("use_https", M::Setup("STYTCH_BASE_URL must begin with https://")),
    ("invalid_b2b_endpoint", M::Setup("STYTCH_PROJECT_ID is a Consumer project: create a B2B project in the dashboard, and set STYTCH_PROJECT_ID, STYTCH_SECRET and STYTCH_PUBLIC_TOKEN from its API keys page")),
    ("invalid_session_duration", M::Setup("SESSION_MINUTES is more than the maximum session duration of the project: lower it, or raise the maximum in the dashboard")),
    ("invalid_session_duration_minutes", M::Setup("SESSION_MINUTES must be from 5 to 527040")),
    ("no_match_for_provided_magic_link_url", M::Setup(REDIRECT_URLS)),
    ("no_match_for_provided_oauth_url", M::Setup(REDIRECT_URLS)),
    ("no_match_for_provided_sso_url", M::Setup(REDIRECT_URLS)),
    ("invalid_login_redirect_url", M::Setup(REDIRECT_URLS)),
    ("invalid_signup_redirect_url", M::Setup(REDIRECT_URLS)),
    ("invalid_discovery_redirect_url", M::Setup(REDIRECT_URLS)),
    ("oauth_config_not_found", M::Setup(PROVIDER)),
    ("default_provider_not_allowed", M::Setup(PROVIDER)),
];

/// Error for a code that does not have six digits.
pub const SIX_DIGITS: &str = "The code must have six digits.";
/// Error for a phone number that is not in the E.164 format.
pub const PHONE_FORM: &str = "Enter the number with its country code, like +1 555 555 0100.";

const CREDENTIALS: &str = "check STYTCH_PROJECT_ID and STYTCH_SECRET against the dashboard's API keys page, https://stytch.com/dashboard/api-keys";
const ENVIRONMENT: &str = "STYTCH_BASE_URL and STYTCH_PROJECT_ID belong to different environments: test projects are at https://test.stytch.com, live ones at https://api.stytch.com";
const REDIRECT_URLS: &str = "on the dashboard's Redirect URLs page, https://stytch.com/dashboard/redirect-urls, register APP_URL/discovery with the type Discovery and APP_URL/authenticate with the types Login, Signup and Invite, or correct APP_URL";
const PROVIDER: &str = "the project has no configuration of this OAuth provider: set it up in the dashboard, or remove it from OAUTH_PROVIDERS";

/// Errors that mean that a member session has ended: Stytch no longer has the session, its member or its organization.
/// Any other error, such as one about a wrong secret or duration, is our own mistake and must not sign the visitor out.
const ENDS_SESSION: [&str; 6] = [
    "session_not_found",
    "invalid_session_token",
    "unauthorized_session",
    "member_not_found",
    "organization_not_found",
    "organization_suspended",
];

/// Wait after a rate limit, if Stytch does not say how long.
const DEFAULT_WAIT: Duration = Duration::from_secs(30);

/// Longest wait that a page asks for. Stytch's rate limits are per minute.
const LONGEST_WAIT: Duration = Duration::from_mins(5);

/// Whether Stytch said that this member session has ended.
pub fn ends_session(error: &Error) -> bool {
    error
        .error_type()
        .is_some_and(|it| ENDS_SESSION.contains(&it))
}

/// Whether Stytch said that the member is locked after too many wrong codes.
pub fn is_lock(error: &Error) -> bool {
    matches!(meaning(error), Some(M::NotAllowed(NotAllowed::Locked)))
}

/// The field that the visitor must correct, and how. `None` if correcting a field does not help.
pub fn correction(error: &Error) -> Option<(Field, &'static str)> {
    match meaning(error)? {
        M::Correct(field, text) => Some((field, text)),
        _ => None,
    }
}

/// Whether Stytch said that the member's second factors have changed since the session read them.
pub fn factors_changed(error: &Error) -> bool {
    matches!(meaning(error), Some(M::FactorsChanged))
}

/// Whether the member's second factors may have changed since the session read them. This includes unknown errors,
/// because Stytch has no `error_type` for sending a code to a phone number that was removed.
pub fn factors_may_have_changed(error: &Error) -> bool {
    match meaning(error) {
        Some(M::FactorsChanged | M::NotAllowed(NotAllowed::UseYours)) => true,
        None => matches!(error, Error::Rejected { error_type, .. } if !error_type.is_empty()),
        Some(_) => false,
    }
}

/// What the operator must change, and where, if the setup is wrong.
pub fn setup_advice(error: &Error) -> Option<&'static str> {
    match meaning(error) {
        Some(M::Setup(advice)) => Some(advice),
        // A proxy's own refusal has no `error_type`.
        _ if error.refuses_us() => Some(CREDENTIALS),
        _ => None,
    }
}

/// Logs what the operator must change, if the setup is wrong. Call it for an error that does not become a page, because
/// the visitor can continue without the call.
pub fn log_setup(error: &Error) {
    if let Some(advice) = setup_advice(error) {
        tracing::error!(%error, "the app is not set up correctly: {advice}");
    }
}

/// Stytch's error, if Stytch refused the call.
pub fn refusal(error: &Error) -> Option<Refusal> {
    match error {
        Error::Rejected {
            error_type,
            request_id,
            ..
        }
        | Error::RateLimited {
            error_type,
            request_id,
            ..
        } => Some(Refusal {
            // An unknown error type could contain anything, so it is not shown.
            error_type: meaning(error).map_or_else(String::new, |_| error_type.clone()),
            request_id: request_id.clone(),
        }),
        _ => None,
    }
}

fn meaning(error: &Error) -> Option<Meaning> {
    let error_type = error.error_type()?;
    let row = TABLE.iter().find(|(name, _)| *name == error_type);
    row.map(|(_, meaning)| *meaning)
}

impl From<Error> for AppError {
    fn from(error: Error) -> Self {
        let answer = refusal(&error);
        match meaning(&error) {
            Some(M::StartAgain(reason)) => return Self::start_again(reason).with_refusal(answer),
            Some(M::NotAllowed(why)) => return Self::from(why).with_refusal(answer),
            // The handler has not handled this error at its field.
            Some(M::Correct(..) | M::FactorsChanged | M::Setup(_)) | None => {}
        }
        let outage = match error {
            Error::TimedOut => Outage::Slow,
            Error::Unavailable { .. } | Error::Unreadable { .. } => Outage::Down,
            Error::RateLimited { after, .. } => {
                let after = after.map_or(DEFAULT_WAIT, |after| after.min(LONGEST_WAIT));
                return Self::busy(after).with_refusal(answer);
            }
            Error::OtherOrganization | Error::Rejected { .. } => return Self::ours(error),
        };
        Self::TryLater(TryLater {
            may_have_happened: error.may_have_happened(),
            ..outage.into()
        })
    }
}
