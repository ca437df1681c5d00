//! Errors, by what the *visitor* can do next. The words are in [`crate::views::error`].

use std::{sync::Arc, time::Duration};

use axum::{
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};

use crate::{
    session::{Begun, OrganizationSummary},
    stytch,
};

/// What a handler answers when it can't go on. It becomes a page in [`crate::web::error_page`], which knows the
/// request id; handlers only use `?`.
#[derive(Clone, Debug)]
pub enum AppError {
    /// Begin the sign-in again.
    StartAgain(StartAgain),
    /// Wait, then try the same again.
    TryLater(TryLater),
    /// The sign-in succeeded, in another organization than the visitor asked for. Nobody is signed in.
    WrongOrganization {
        /// Where the visitor wanted to go.
        asked: OrganizationSummary,
    },
    /// The organization's or the provider's rules say no: take another way in, or ask somebody who can change them.
    NotAllowed {
        /// Which rule.
        why: NotAllowed,
        /// The slug of the organization whose page lists the other ways, where it is known.
        organization: Option<String>,
    },
    /// There is no such page, organization or provider.
    NotFound,
    /// The session vanished while the request ran: signed out in another tab. Answered by a redirect to the start
    /// that sets no cookie, so a newer session of the same browser lives on.
    SessionGone,
    /// Our fault. The log has the cause under the request id.
    Ours,
}

/// Why to begin again, and how.
#[derive(Clone, Debug)]
pub struct StartAgain {
    /// Why.
    pub reason: Reason,
    /// The sign-in to begin again; the home page otherwise.
    pub begun: Option<Begun>,
}

/// Why a sign-in can't go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Ten minutes are over, or Stytch says so.
    TookTooLong,
    /// Nothing is begun in this browser.
    NotBegun,
    /// A private page, and nobody is signed in.
    SignedOut,
    /// Stytch has ended the member session.
    SessionEnded,
    /// The person pressed Cancel, or the provider did not let them in.
    Cancelled,
    /// The one-time token was used already or has run out.
    TokenSpent,
    /// The token belongs to a sign-in that was begun elsewhere (PKCE).
    BegunElsewhere,
    /// The callback URL is not one that this page takes.
    BadCallback,
}

/// Why it does not work now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TryLater {
    /// Why.
    pub cause: Cause,
    /// Whether what was asked for may have been done all the same.
    pub may_have_happened: bool,
}

/// Why it does not work now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// No answer in time.
    Slow,
    /// No usable answer.
    Down,
    /// Too many calls; after this long, 1 to 300 seconds, they are welcome again.
    Busy(Duration),
}

/// Which rule says no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAllowed {
    /// The organization does not let members sign in this way.
    Method,
    /// The person is no member, and may not become one by this sign-in.
    NotAMember,
    /// The address's domain belongs to another organization.
    DomainClaimed,
    /// Too many failed tries.
    Locked,
    /// The organization is suspended.
    Suspended,
}

impl AppError {
    /// Our own fault: logs the cause, once, and shows none of it.
    pub fn ours(cause: impl std::fmt::Display) -> Self {
        tracing::error!(%cause, "request failed");
        Self::Ours
    }

    /// Names the sign-in that "start again" begins, or whose organization has other ways in.
    #[must_use]
    pub fn beginning_with(self, begun: &Begun) -> Self {
        match self {
            Self::StartAgain(again) => Self::StartAgain(StartAgain {
                begun: Some(begun.clone()),
                ..again
            }),
            Self::NotAllowed { why, .. } => Self::NotAllowed {
                why,
                organization: begun.organization.clone(),
            },
            other => other,
        }
    }

    /// The status of its page.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::StartAgain(again) => match again.reason {
                Reason::SignedOut | Reason::SessionEnded => StatusCode::UNAUTHORIZED,
                Reason::TookTooLong => StatusCode::GONE,
                _ => StatusCode::BAD_REQUEST,
            },
            Self::TryLater(later) => match later.cause {
                Cause::Slow => StatusCode::GATEWAY_TIMEOUT,
                Cause::Down => StatusCode::SERVICE_UNAVAILABLE,
                Cause::Busy(_) => StatusCode::TOO_MANY_REQUESTS,
            },
            Self::NotAllowed {
                why: NotAllowed::Locked,
                ..
            } => StatusCode::TOO_MANY_REQUESTS,
            Self::WrongOrganization { .. } => StatusCode::CONFLICT,
            Self::NotAllowed { .. } => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::SessionGone => StatusCode::SEE_OTHER,
            Self::Ours => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl StartAgain {
    /// Begin again from the home page.
    pub fn plain(reason: Reason) -> AppError {
        AppError::StartAgain(Self {
            reason,
            begun: None,
        })
    }

    /// Begin the same sign-in again.
    pub fn after(reason: Reason, begun: &Begun) -> AppError {
        Self::plain(reason).beginning_with(begun)
    }
}

impl From<NotAllowed> for AppError {
    fn from(why: NotAllowed) -> Self {
        Self::NotAllowed {
            why,
            organization: None,
        }
    }
}

/// The one table from the vendor's words to ours.
impl From<stytch::Error> for AppError {
    fn from(error: stytch::Error) -> Self {
        use stytch::Error as E;
        let may_have_happened = error.may_have_happened();
        let later = |cause| {
            Self::TryLater(TryLater {
                cause,
                may_have_happened,
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
                let after = after.unwrap_or(Duration::from_secs(30)).as_secs();
                later(Cause::Busy(Duration::from_secs(after.clamp(1, 300))))
            }
            E::Rejected { ref error_type, .. } => {
                if refuses_us(error_type) {
                    tracing::error!("check STYTCH_PROJECT_ID and STYTCH_SECRET");
                }
                let refusal = Self::rejected(error_type);
                refusal.unwrap_or_else(|| Self::ours(error))
            }
        }
    }
}

impl AppError {
    fn rejected(error_type: &str) -> Option<Self> {
        Some(match error_type {
            "oauth_token_not_found" => StartAgain::plain(Reason::TokenSpent),
            "pkce_mismatch"
            | "pkce_expected_code_verifier"
            | "pkce_did_not_expect_code_verifier" => StartAgain::plain(Reason::BegunElsewhere),
            "oauth_discovery_flow_callback_error" | "oauth_non_discovery_flow_callback_error" => {
                StartAgain::plain(Reason::BadCallback)
            }
            "intermediate_session_not_found" | "invalid_session_token" => {
                StartAgain::plain(Reason::TookTooLong)
            }
            "session_not_found" => StartAgain::plain(Reason::SessionEnded),
            "operation_restricted_by_organization_auth_methods" => NotAllowed::Method.into(),
            "email_jit_provisioning_not_allowed"
            | "invalid_email_for_jit_provisioning"
            | "oauth_tenant_jit_provisioning_not_allowed"
            | "invalid_oauth_tenant_for_jit_provisioning"
            | "member_does_not_exist_in_organization"
            | "member_not_found" => NotAllowed::NotAMember.into(),
            "action_not_allowed_email_domain_is_claimed" => NotAllowed::DomainClaimed.into(),
            "organization_suspended" => NotAllowed::Suspended.into(),
            "organization_not_found" => Self::NotFound,
            // The rest is a mistake in our set-up or our request.
            _ => return None,
        })
    }
}

/// Whether Stytch does not know who we are: that says nothing about the visitor.
fn refuses_us(error_type: &str) -> bool {
    matches!(
        error_type,
        "unauthorized_credentials"
            | "invalid_authorization_header"
            | "invalid_project_id_authentication"
            | "invalid_secret_authentication"
    )
}

/// The error itself travels in the response's extensions; the page is made outside, where the request id is known.
impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        if matches!(self, Self::SessionGone) {
            let mut response = Redirect::to("/").into_response();
            response.extensions_mut().insert(KeepCookie);
            return response;
        }
        let mut response = self.status().into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// Marks an answer that must not touch the visitor's cookie.
#[derive(Clone, Copy)]
pub struct KeepCookie;
