//! Errors, by what the *visitor* can do next. The words are in [`crate::views::error`], the vendor's names in
//! [`vendor`].

mod vendor;

use std::{sync::Arc, time::Duration};

use axum::{
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};

use crate::session::{Begun, OrganizationSummary};

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
    /// The page or form belongs to one organization, the session to another: it was changed in another tab. Nothing
    /// was done.
    OtherTab {
        /// Where the visitor is signed in.
        here: OrganizationSummary,
        /// Slug of the one that the page belongs to.
        there: String,
    },
    /// The organization's or the provider's rules say no: take another way in, or ask somebody who can change them.
    NotAllowed {
        /// Which rule.
        why: NotAllowed,
        /// Whose, where it is known.
        organization: Option<OrganizationSummary>,
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
    pub begun: Option<Box<Begun>>,
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
    /// The person pressed Cancel.
    Cancelled,
    /// The provider could not sign the person in.
    ProviderFailed,
    /// The provider's own tokens have run out, or there are none.
    ProviderTokenGone,
    /// The one-time token was used already or has run out.
    TokenSpent,
    /// The token belongs to a sign-in that was begun elsewhere (PKCE).
    BegunElsewhere,
    /// The callback URL is not one that this page takes.
    BadCallback,
}

/// Why it does not work now, and what to try again.
#[derive(Clone, Debug)]
pub struct TryLater {
    /// Why.
    pub cause: Cause,
    /// Whether what was asked for may have been done all the same.
    pub may_have_happened: bool,
    /// The sign-in to begin again, where no page of it can be gone back to.
    pub begun: Option<Box<Begun>>,
}

/// Why it does not work now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// No answer in time.
    Slow,
    /// No usable answer.
    Down,
    /// Our sessions can't be read or written.
    Store,
    /// Too many calls; after this long, a second at least, they are welcome again.
    Busy(Duration),
}

/// Which rule says no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAllowed {
    /// The organization does not let members sign in this way.
    Method,
    /// The organization does not let members use this second factor.
    MfaMethod,
    /// The member has a second factor, and may bring no other before it was used.
    UseYours,
    /// The person is no member.
    NotAMember,
    /// Nobody may join by e-mail domain.
    EmailJitClosed,
    /// People with some e-mail domains may join, but not with this one.
    EmailDomain,
    /// Nobody may join by workspace or organization at the provider.
    TenantJitClosed,
    /// People of some workspaces may join, but not of this one.
    Tenant,
    /// Nobody may join by this connection.
    Connection,
    /// The address's domain belongs to another organization.
    DomainClaimed,
    /// The address was a member's once and is retired.
    AddressRetired,
    /// Too many failed tries.
    Locked,
    /// The organization is suspended.
    Suspended,
    /// The proof is of another address than the first one.
    OtherAccount,
    /// How the member signed in counts in that organization only.
    FactorsStay,
    /// The member's roles do not allow it.
    NoRight,
}

impl AppError {
    /// Our own fault: logs the cause, once, and shows none of it.
    pub fn ours(cause: impl std::fmt::Display) -> Self {
        tracing::error!(%cause, "request failed");
        Self::Ours
    }

    /// The store does not work: logs the cause, once, and shows none of it.
    pub fn store(cause: impl std::fmt::Display) -> Self {
        tracing::error!(%cause, "the session store failed");
        Cause::Store.into()
    }

    /// What was asked of Stytch is done, and its result could not be kept.
    #[must_use]
    pub fn after_the_call(self) -> Self {
        match self {
            Self::TryLater(later) => Self::TryLater(TryLater {
                may_have_happened: true,
                ..later
            }),
            other => other,
        }
    }

    /// Too many calls, none of which was made: welcome again after this long, a second at least.
    pub fn busy(after: Duration) -> Self {
        Cause::Busy(Duration::from_secs(after.as_secs().max(1))).into()
    }

    /// Names the sign-in that can be begun again.
    #[must_use]
    pub fn beginning_with(self, begun: &Begun) -> Self {
        match self {
            Self::StartAgain(again) => Self::StartAgain(StartAgain {
                begun: Some(Box::new(Begun {
                    // Nothing is half done any more.
                    step_up: begun.step_up && again.reason != Reason::TookTooLong,
                    ..begun.clone()
                })),
                ..again
            }),
            Self::TryLater(later) => Self::TryLater(TryLater {
                begun: Some(Box::new(begun.clone())),
                ..later
            }),
            other => other,
        }
    }

    /// Names the organization whose rules said no.
    #[must_use]
    pub fn at(self, organization: &OrganizationSummary) -> Self {
        match self {
            Self::NotAllowed { why, .. } => Self::NotAllowed {
                why,
                organization: Some(organization.clone()),
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
                Cause::Down | Cause::Store => StatusCode::SERVICE_UNAVAILABLE,
                Cause::Busy(_) => StatusCode::TOO_MANY_REQUESTS,
            },
            Self::NotAllowed {
                why: NotAllowed::Locked,
                ..
            } => StatusCode::TOO_MANY_REQUESTS,
            Self::WrongOrganization { .. }
            | Self::OtherTab { .. }
            | Self::NotAllowed {
                why: NotAllowed::OtherAccount,
                ..
            } => StatusCode::CONFLICT,
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

/// Before anything was done.
impl From<Cause> for AppError {
    fn from(cause: Cause) -> Self {
        Self::TryLater(TryLater {
            cause,
            may_have_happened: false,
            begun: None,
        })
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
