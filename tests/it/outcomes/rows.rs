//! What can go wrong with the last request of a flow, and what the visitor gets. Also the outcomes that are not errors.
//! `tests/browser` uses the rows, too.

use super::columns::{Flow, Flow as F};

/// An error that a test arranges.
#[derive(Clone, Copy)]
pub enum Trouble {
    /// Stytch refuses with this status and `error_type`.
    Says(u16, &'static str),
    /// The same, this many seconds after the start.
    LaterSays(u64, u16, &'static str),
    /// Stytch is busy, and asks to wait this many seconds.
    Busy(u64),
    /// Stytch returns 500.
    Down,
    /// Stytch does not respond.
    Silent,
    /// Stytch returns something other than JSON.
    Garbage,
    /// Stytch returns another organization than the one that was requested.
    Elsewhere,
    /// All sessions have ended at Stytch.
    Revoked,
    /// The visitor continues after this many seconds.
    Late(u64),
    /// The person presses Cancel on the provider's page.
    Cancel,
    /// The browser returns with this query instead of a token.
    Query(&'static str),
}

/// A row of the table.
pub struct Row {
    pub name: &'static str,
    pub trouble: fn(Flow) -> Trouble,
    pub status: u16,
    /// Text on the page.
    pub words: &'static str,
    pub flows: &'static [Flow],
}

/// Outcomes that are not errors: the text of the row, and the flows that can end like that.
pub const GOOD_OUTCOMES: [(&str, &[Flow]); 4] = [
    (
        DONE,
        &[
            F::Choose,
            F::Create,
            F::Organization,
            F::Sso,
            F::Elsewhere,
            F::Invitation,
            F::StepUpCode,
            F::StepUpLink,
            F::StepUpProvider,
            F::StepUpSso,
            F::Mfa,
            F::Totp,
            F::Recovery,
            F::Switch,
        ],
    ),
    (CHOICE, &[F::Discovery, F::EmailCode, F::EmailLink]),
    (
        STEP_UP,
        &[
            F::Choose,
            F::Create,
            F::Organization,
            F::StepUpCode,
            F::StepUpLink,
            F::StepUpProvider,
            F::Switch,
        ],
    ),
    (
        MFA,
        &[
            F::Choose,
            F::Organization,
            F::Sso,
            F::Elsewhere,
            F::Invitation,
            F::StepUpCode,
            F::StepUpLink,
            F::StepUpProvider,
            F::StepUpSso,
            F::Switch,
        ],
    ),
];

pub const DONE: &str = "signed in → `/org/{slug}`";
pub const CHOICE: &str = "address proved → `/organizations`";
pub const STEP_UP: &str = "another first factor is required → `/step_up`";
pub const MFA: &str = "a second factor is required → `/mfa`";

const CALLBACKS: &[Flow] = &[
    F::Discovery,
    F::Organization,
    F::Sso,
    F::StepUpProvider,
    F::StepUpSso,
];
const SIGN_INS_IN_PROGRESS: &[Flow] = &[
    F::Choose,
    F::Create,
    F::StepUpCode,
    F::StepUpLink,
    F::StepUpProvider,
    F::StepUpSso,
    F::Mfa,
    F::Totp,
    F::Recovery,
    F::Enrol,
];
const OF_MEMBERS: &[Flow] = &[
    F::Choose,
    F::Organization,
    F::Sso,
    F::Elsewhere,
    F::Invitation,
    F::StepUpCode,
    F::StepUpLink,
    F::StepUpProvider,
    F::StepUpSso,
    F::Mfa,
    F::Totp,
    F::Recovery,
    F::Enrol,
    F::Switch,
];
const JOINING: &[Flow] = &[F::Choose, F::Organization, F::Invitation];

#[rustfmt::skip] // a table
pub const ROWS: &[Row] = &[
    Row { name: "canceled at the provider", trouble: |_| Trouble::Cancel, status: 400, words: "Sign-in was canceled", flows: CALLBACKS },
    Row { name: "the provider failed", trouble: |_| Trouble::Query("error=server_error"), status: 400, words: "could not sign you in", flows: CALLBACKS },
    Row { name: "another kind of token", trouble: |_| Trouble::Query("stytch_token_type=multi_tenant_passwords&token=x"), status: 400, words: "We do not recognize this sign-in", flows: CALLBACKS },
    Row { name: "token used or expired", trouble: spent, status: 400, words: "already used", flows: &[F::Discovery, F::EmailLink, F::Organization, F::Sso, F::Elsewhere, F::Invitation, F::StepUpLink, F::StepUpProvider, F::StepUpSso] },
    Row { name: "token unknown right after the start", trouble: unknown, status: 400, words: "belongs to another project", flows: CALLBACKS },
    Row { name: "sign-in started in another browser (PKCE)", trouble: |_| Trouble::Says(400, "pkce_mismatch"), status: 400, words: "can't be finished here", flows: CALLBACKS },
    Row { name: "later than ten minutes", trouble: |_| Trouble::Late(601), status: 410, words: "Your sign-in has expired", flows: &[F::Discovery, F::EmailCode, F::EmailLink, F::Choose, F::Create, F::Organization, F::Sso, F::Elsewhere, F::Invitation, F::StepUpCode, F::StepUpLink, F::StepUpProvider, F::StepUpSso, F::Mfa, F::Totp, F::Recovery, F::Enrol] },
    Row { name: "intermediate session gone", trouble: |_| Trouble::Says(404, "intermediate_session_not_found"), status: 410, words: "Your sign-in has expired", flows: SIGN_INS_IN_PROGRESS },
    Row { name: "session ended", trouble: |_| Trouble::Revoked, status: 401, words: "Your session expired", flows: &[F::Switch, F::Provider, F::Jit] },
    Row { name: "wrong code", trouble: wrong, status: 422, words: "That code is not", flows: &[F::EmailCode, F::StepUpCode, F::Mfa, F::Totp, F::Recovery] },
    Row { name: "code used or expired", trouble: |_| Trouble::Says(401, "unable_to_auth_otp_code"), status: 422, words: "Request a new one", flows: &[F::EmailCode, F::StepUpCode, F::Mfa] },
    Row { name: "code from the app used before", trouble: |_| Trouble::Says(400, "totp_code_already_authenticated"), status: 422, words: "Wait for the app to show the next one", flows: &[F::Totp] },
    Row { name: "address taken", trouble: |_| Trouble::Says(400, "organization_slug_already_used"), status: 422, words: "Another organization has this address", flows: &[F::Create] },
    Row { name: "email domain that anyone can use", trouble: |_| Trouble::Says(400, "organization_settings_domain_too_common"), status: 422, words: "You can't use your email domain", flows: &[F::Jit] },
    Row { name: "another account", trouble: |_| Trouble::Says(400, "member_session_member_id_mismatch"), status: 409, words: "That was another account", flows: &[F::StepUpCode, F::StepUpLink, F::StepUpProvider, F::StepUpSso] },
    Row { name: "way not allowed", trouble: |_| Trouble::Says(403, "operation_restricted_by_organization_auth_methods"), status: 403, words: "You can't sign in this way", flows: OF_MEMBERS },
    Row { name: "second factor not allowed", trouble: |_| Trouble::Says(403, "operation_restricted_by_organization_mfa_methods"), status: 403, words: "This second factor is not allowed", flows: &[F::Mfa, F::Totp, F::Recovery, F::Enrol] },
    Row { name: "already has a second factor", trouble: |_| Trouble::Says(401, "insufficient_factors"), status: 403, words: "You already have a second factor", flows: &[F::Enrol] },
    Row { name: "no such member", trouble: |_| Trouble::Says(404, "member_does_not_exist_in_organization"), status: 403, words: "has no member with your email address", flows: &[F::Organization, F::Sso, F::Elsewhere, F::Invitation, F::Switch] },
    Row { name: "JIT by email domain is off", trouble: |_| Trouble::Says(400, "email_jit_provisioning_not_allowed"), status: 403, words: "does not let people join by email domain", flows: JOINING },
    Row { name: "JIT by email domain: not this one", trouble: |_| Trouble::Says(400, "invalid_email_for_jit_provisioning"), status: 403, words: "does not let people with your email domain join", flows: JOINING },
    Row { name: "JIT by tenant is off", trouble: |_| Trouble::Says(400, "oauth_tenant_jit_provisioning_not_allowed"), status: 403, words: "does not let people join through a workspace", flows: JOINING },
    Row { name: "JIT by tenant: not this one", trouble: |_| Trouble::Says(400, "invalid_oauth_tenant_for_jit_provisioning"), status: 403, words: "Your workspace is not allowed", flows: JOINING },
    Row { name: "JIT by this connection is off", trouble: |_| Trouble::Says(400, "invalid_connection_for_jit_provisioning"), status: 403, words: "through this single sign-on", flows: &[F::Sso, F::Elsewhere] },
    Row { name: "email domain claimed by another", trouble: |_| Trouble::Says(400, "action_not_allowed_email_domain_is_claimed"), status: 403, words: "belongs to another organization", flows: &[F::Choose, F::Create, F::Organization] },
    Row { name: "address retired", trouble: |_| Trouble::Says(400, "inactive_email"), status: 403, words: "This email address is no longer in use", flows: JOINING },
    Row { name: "factors valid in one organization only", trouble: |_| Trouble::Says(400, "insufficient_factors_for_session_exchange"), status: 403, words: "A separate sign-in is required", flows: &[F::Switch] },
    Row { name: "no permission", trouble: |_| Trouble::Says(403, "session_authorization_error"), status: 403, words: "You do not have permission", flows: &[F::Jit] },
    Row { name: "no token from that provider", trouble: |_| Trouble::Says(404, "member_oauth_token_not_found"), status: 400, words: "No token from that provider", flows: &[F::Provider] },
    Row { name: "organization gone", trouble: |_| Trouble::Says(404, "organization_not_found"), status: 404, words: "This organization no longer exists", flows: &[F::Choose, F::Organization, F::Switch, F::Jit] },
    Row { name: "organization suspended", trouble: |_| Trouble::Says(403, "organization_suspended"), status: 403, words: "is suspended", flows: OF_MEMBERS },
    Row { name: "member locked", trouble: |_| Trouble::Says(429, "user_lock_limit_reached"), status: 429, words: "locked for now", flows: OF_MEMBERS },
    Row { name: "sign-in for another organization than requested", trouble: |_| Trouble::Elsewhere, status: 409, words: "The sign-in was for another organization", flows: &[F::Organization, F::Sso, F::StepUpProvider, F::StepUpSso] },
    Row { name: "response about another organization", trouble: |_| Trouble::Elsewhere, status: 500, words: "on our side", flows: &[F::Choose, F::StepUpCode, F::Switch, F::Jit] },
    Row { name: "rate limited", trouble: |_| Trouble::Busy(7), status: 429, words: "Try again in 7 seconds", flows: &Flow::ALL },
    Row { name: "wrong project credentials", trouble: |_| Trouble::Says(401, "unauthorized_credentials"), status: 500, words: "This app is not set up correctly", flows: &Flow::ALL },
    Row { name: "Stytch is down", trouble: |_| Trouble::Down, status: 503, words: "The sign-in service is not responding", flows: &Flow::ALL },
    Row { name: "unreadable response from Stytch", trouble: |_| Trouble::Garbage, status: 503, words: "The sign-in service is not responding", flows: &Flow::ALL },
    Row { name: "no response from Stytch in time", trouble: |_| Trouble::Silent, status: 504, words: "The sign-in service took too long to respond", flows: &Flow::ALL },
];

/// Each kind of token has its own error. More than a minute after the start, the token was used or has expired.
fn spent(flow: Flow) -> Trouble {
    let (status, error_type) = not_found(flow);
    Trouble::LaterSays(61, status, error_type)
}

fn unknown(flow: Flow) -> Trouble {
    let (status, error_type) = not_found(flow);
    Trouble::Says(status, error_type)
}

fn not_found(flow: Flow) -> (u16, &'static str) {
    match flow {
        F::Sso | F::Elsewhere | F::StepUpSso => (400, "sso_token_not_found"),
        F::EmailLink | F::Invitation | F::StepUpLink => (401, "unable_to_auth_magic_link"),
        _ => (400, "oauth_token_not_found"),
    }
}

/// Each kind of code has its own error, too.
fn wrong(flow: Flow) -> Trouble {
    match flow {
        F::Totp => Trouble::Says(401, "unable_to_authenticate_totp"),
        F::Recovery => Trouble::Says(401, "unable_to_authenticate_recovery_code"),
        _ => Trouble::Says(404, "otp_code_not_found"),
    }
}
