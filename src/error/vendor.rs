//! The one table from the vendor's words to ours.

use std::time::Duration;

use super::{AppError, Cause, NotAllowed, Reason, StartAgain, TryLater};
use crate::stytch;

/// To wait, where Stytch does not say how long.
const UNTOLD: Duration = Duration::from_secs(30);

/// Nobody is told to wait for longer: its windows are minutes.
const LONGEST: Duration = Duration::from_mins(5);

impl From<stytch::Error> for AppError {
    fn from(error: stytch::Error) -> Self {
        use stytch::Error as E;
        let may_have_happened = error.may_have_happened();
        let later = |cause| {
            Self::TryLater(TryLater {
                cause,
                may_have_happened,
                begun: None,
            })
        };
        match error {
            E::TimedOut => later(Cause::Slow),
            E::Unavailable { .. } | E::Unreadable { .. } => later(Cause::Down),
            E::OtherOrganization => Self::ours(error),
            E::RateLimited { ref error_type, .. } if error_type == "user_lock_limit_reached" => {
                NotAllowed::Locked.into()
            }
            E::RateLimited { after, .. } => {
                Self::busy(after.map_or(UNTOLD, |after| after.min(LONGEST)))
            }
            E::Rejected { ref error_type, .. } => {
                let reason = start_again(error_type).map(StartAgain::plain);
                let rule = || rule(error_type).map(Self::from);
                let missing = || is_missing(error_type).then_some(Self::NotFound);
                // The rest is a mistake in our set-up or our request.
                reason
                    .or_else(rule)
                    .or_else(missing)
                    .unwrap_or_else(|| Self::ours(error))
            }
        }
    }
}

fn start_again(error_type: &str) -> Option<Reason> {
    Some(match error_type {
        "oauth_token_not_found"
        | "sso_token_not_found"
        | "magic_link_not_found"
        | "unable_to_auth_magic_link" => Reason::TokenSpent,
        "pkce_mismatch" | "pkce_expected_code_verifier" | "pkce_did_not_expect_code_verifier" => {
            Reason::BegunElsewhere
        }
        "oauth_discovery_flow_callback_error" | "oauth_non_discovery_flow_callback_error" => {
            Reason::BadCallback
        }
        "intermediate_session_not_found"
        | "invalid_session_token"
        | "invalid_intermediate_session_token_for_organization" => Reason::TookTooLong,
        "session_not_found" => Reason::SessionEnded,
        "member_oauth_token_not_found"
        | "missing_oauth_refresh_token"
        | "unable_to_refresh_oauth_token" => Reason::ProviderTokenGone,
        _ => return None,
    })
}

fn rule(error_type: &str) -> Option<NotAllowed> {
    Some(match error_type {
        "operation_restricted_by_organization_auth_methods" => NotAllowed::Method,
        "operation_restricted_by_organization_mfa_methods" => NotAllowed::MfaMethod,
        "insufficient_factors" | "active_totp_exists" => NotAllowed::UseYours,
        "member_does_not_exist_in_organization" | "member_not_found" => NotAllowed::NotAMember,
        "email_jit_provisioning_not_allowed" => NotAllowed::EmailJitClosed,
        "invalid_email_for_jit_provisioning" => NotAllowed::EmailDomain,
        "oauth_tenant_jit_provisioning_not_allowed" => NotAllowed::TenantJitClosed,
        "invalid_oauth_tenant_for_jit_provisioning" => NotAllowed::Tenant,
        "invalid_connection_for_jit_provisioning" => NotAllowed::Connection,
        "action_not_allowed_email_domain_is_claimed" => NotAllowed::DomainClaimed,
        "inactive_email" => NotAllowed::AddressRetired,
        "organization_suspended" => NotAllowed::Suspended,
        "member_session_member_id_mismatch" => NotAllowed::OtherAccount,
        "insufficient_factors_for_session_exchange" => NotAllowed::FactorsStay,
        "session_authorization_error" | "unauthorized_action" => NotAllowed::NoRight,
        _ => return None,
    })
}

fn is_missing(error_type: &str) -> bool {
    matches!(
        error_type,
        "organization_not_found" | "sso_connection_not_found"
    )
}
