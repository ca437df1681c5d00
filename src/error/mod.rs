//! Errors of handlers, named after what the *visitor* can do next. [`vendor`] has the table of Stytch's errors, and
//! [`crate::views::error_words`] the text of the pages.

mod response;
pub mod vendor;

use std::{error::Error, sync::Arc, time::Duration};

use crate::{
    sign_in::{OrganizationSummary, Origin},
    stytch::Slug,
};

/// The underlying error of a failed request, for the log.
pub type Cause = Arc<dyn Error + Send + Sync>;

/// Error of a handler. Handlers return it with `?`, and [`crate::views::error_page`] renders its page and logs its
/// cause. Without that layer, the response has a status and no body.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the names of the others are clear")]
pub enum AppError {
    /// The visitor must start the sign-in again.
    StartAgain(StartAgain),
    /// The visitor must wait, and then try the same request again.
    TryLater(TryLater),
    /// Stytch completed the sign-in for a different organization than the requested one. The visitor is not signed in.
    WrongOrganization {
        asked: OrganizationSummary,
    },
    /// The page or form belongs to one organization and the session to another, because another tab switched. Nothing
    /// was done.
    OtherTab {
        /// Where the visitor is signed in.
        here: OrganizationSummary,
        /// Slug of the organization to which the page belongs.
        there: Slug,
    },
    /// A rule of the organization or the provider forbids the request. The visitor must use another method, or ask an
    /// administrator.
    NotAllowed {
        why: NotAllowed,
        organization: Option<OrganizationSummary>,
        refusal: Option<Box<Refusal>>,
    },
    NotFound,
    /// No organization has this slug.
    NoOrganization {
        /// The slug as the visitor typed it, or as it was in the URL.
        typed: String,
    },
    /// The session was deleted while the request ran, because another tab signed out. The response redirects to the
    /// start page. It sets no cookie, which could replace that of a newer session in the same browser.
    SessionGone,
    /// The session store failed while the visitor signed out. The response deletes the cookie, but the record stays in
    /// the store until it expires.
    SignOutUnfinished(TryLater),
    /// An error in this app or its setup. The log has the cause, under the request id.
    Ours(Cause),
}

/// Stytch's error, for the details of an error page. It contains no secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Stytch's `error_type`; empty for one that this app does not know.
    pub error_type: String,
    /// Stytch's id of the request, which its support asks for.
    pub request_id: String,
}

/// Why a sign-in must be started again, and how.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "named after its type")]
pub struct StartAgain {
    pub reason: Reason,
    /// The sign-in to start again. If it is `None`, the link leads to the start page.
    pub origin: Option<Box<Origin>>,
    /// Stytch's error, if Stytch refused the call.
    pub refusal: Option<Box<Refusal>>,
}

/// Why a sign-in can't continue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the others are clear")]
pub enum Reason {
    /// The sign-in is older than ten minutes, or Stytch says that it has expired.
    TookTooLong,
    /// This browser has no sign-in in progress.
    NotStarted,
    /// The browser has no sign-in in progress and did not send a cookie, so it may be blocking cookies.
    NoCookie,
    /// The browser blocks cookies, so sending an email or a code would be useless.
    CookiesBlocked,
    /// The form belongs to a sign-in that another one has replaced.
    Replaced,
    /// Another callback arrived while the visitor was asked to confirm one. Neither sign-in continues.
    SeveralLinks,
    /// The page is private and the visitor is not signed in.
    SignedOut,
    SessionEnded,
    Canceled,
    ProviderFailed,
    /// Stytch has no valid token from the provider.
    ProviderTokenGone,
    TokenSpent,
    /// The same as [`Self::TokenSpent`], but less than a minute after the sign-in started. The setup may be wrong.
    TokenUnknown,
    /// The token does not belong to the latest sign-in that this browser started (PKCE).
    NotLatest,
    BadCallback,
}

/// Why a request failed for now, and what the visitor can try again.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "named after its type")]
pub struct TryLater {
    pub outage: Outage,
    /// Whether the request may have taken effect although it failed.
    pub may_have_happened: bool,
    /// The sign-in to start again, for a request without a page to go back to.
    pub origin: Option<Box<Origin>>,
    /// The underlying error, if it is not in the log yet.
    pub cause: Option<Cause>,
    /// Stytch's error, if Stytch refused the call.
    pub refusal: Option<Box<Refusal>>,
}

/// The kind of a temporary failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outage {
    /// Stytch did not respond in time.
    Slow,
    /// Stytch could not be reached, or its response could not be read.
    Down,
    /// The session store could not be read or written.
    Store,
    /// There were too many requests. The next one is accepted after this time, at least one second.
    Busy(Duration),
}

/// The rule that forbids a sign-in or a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the others are clear")]
pub enum NotAllowed {
    /// The organization does not allow this first factor.
    Method,
    MfaMethod,
    /// The member already has a second factor, and must use it before adding another one.
    UseYours,
    NotAMember,
    /// The organization does not let people join by email domain.
    EmailJitClosed,
    /// The organization lets people with other email domains join, but not with this one.
    EmailDomain,
    /// The organization does not let people join by tenant.
    TenantJitClosed,
    /// The organization lets people from other tenants join, but not from this one.
    Tenant,
    Connection,
    /// The organization was deleted while the visitor was signing in to it.
    OrganizationGone,
    /// The organization is not in the visitor's list.
    NotOffered,
    /// The single sign-on connection was deleted while the visitor was signing in with it.
    ConnectionGone,
    /// Another organization has claimed the domain of the visitor's address.
    DomainClaimed,
    /// The address belonged to a member who has a newer one.
    AddressRetired,
    Locked,
    Suspended,
    /// The second sign-in was with a different address than the first.
    OtherAccount,
    /// The factors of the session are valid only in its own organization, so it can't be exchanged.
    FactorsStay,
    /// The member's roles do not allow it.
    NoPermission,
}

/// Advice to the operator if Stytch does not recognize a token that it has just issued. Stytch issues tokens for the
/// project of the public token, and looks them up in the project of the secret.
pub const UNKNOWN_TOKEN: &str = "STYTCH_PUBLIC_TOKEN belongs to another project than STYTCH_PROJECT_ID: copy all three credentials from one API keys page of the dashboard";

impl AppError {
    /// An error in this app or its setup. Visitors never see the cause.
    pub fn ours(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Ours(Arc::from(cause.into()))
    }

    /// A failure of the session store. Visitors never see the cause.
    pub fn store(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::TryLater(TryLater {
            cause: Some(Arc::from(cause.into())),
            ..Outage::Store.into()
        })
    }

    /// Too many requests; this one had no effect. The wait is rounded up to whole seconds, because a request after a
    /// shorter one would be refused again.
    pub fn busy(after: Duration) -> Self {
        let seconds = after.as_secs() + u64::from(after.subsec_nanos() > 0);
        Outage::Busy(Duration::from_secs(seconds.max(1))).into()
    }

    /// The visitor must start again, from the start page.
    pub fn start_again(reason: Reason) -> Self {
        Self::StartAgain(StartAgain {
            reason,
            origin: None,
            refusal: None,
        })
    }

    /// Advice to the operator, if Stytch refused the call because the setup is wrong.
    pub fn setup_advice(&self) -> Option<&'static str> {
        match self {
            Self::StartAgain(again) if again.reason == Reason::TokenUnknown => Some(UNKNOWN_TOKEN),
            Self::Ours(cause) => vendor::setup_advice(cause.downcast_ref()?),
            _ => None,
        }
    }

    /// Stytch's error, if Stytch refused the call.
    pub fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::StartAgain(StartAgain { refusal, .. })
            | Self::NotAllowed { refusal, .. }
            | Self::TryLater(TryLater { refusal, .. }) => refusal.as_deref().cloned(),
            Self::Ours(cause) => vendor::refusal(cause.downcast_ref()?),
            _ => None,
        }
    }

    /// Adds Stytch's error, for the page.
    fn with_refusal(mut self, answer: Option<Refusal>) -> Self {
        if let Self::StartAgain(StartAgain { refusal, .. })
        | Self::NotAllowed { refusal, .. }
        | Self::TryLater(TryLater { refusal, .. }) = &mut self
        {
            *refusal = answer.map(Box::new);
        }
        self
    }

    /// The same error after a call to Stytch succeeded, so that the request may have taken effect.
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

    /// The same error during a sign-out, if the session store failed.
    #[must_use]
    pub fn while_signing_out(self) -> Self {
        match self {
            Self::TryLater(later) if later.outage == Outage::Store => {
                Self::SignOutUnfinished(later)
            }
            other => other,
        }
    }

    /// Adds the sign-in that the visitor can start again.
    #[must_use]
    pub fn with_origin(self, origin: &Origin) -> Self {
        match self {
            Self::StartAgain(again) => Self::StartAgain(StartAgain {
                origin: Some(Box::new(Origin {
                    // The sign-in that needed the step-up has also expired after ten minutes.
                    step_up: origin.step_up && again.reason != Reason::TookTooLong,
                    ..origin.clone()
                })),
                ..again
            }),
            Self::TryLater(later) => Self::TryLater(TryLater {
                origin: Some(Box::new(origin.clone())),
                ..later
            }),
            other => other,
        }
    }

    /// Adds the organization whose rule forbids the request.
    #[must_use]
    pub fn at(self, organization: &OrganizationSummary) -> Self {
        match self {
            Self::NotAllowed { why, refusal, .. } => Self::NotAllowed {
                why,
                organization: Some(organization.clone()),
                refusal,
            },
            other => other,
        }
    }
}

/// An outage in which the request had no effect.
impl From<Outage> for TryLater {
    fn from(outage: Outage) -> Self {
        Self {
            outage,
            may_have_happened: false,
            origin: None,
            cause: None,
            refusal: None,
        }
    }
}

impl From<Outage> for AppError {
    fn from(outage: Outage) -> Self {
        Self::TryLater(outage.into())
    }
}

impl From<NotAllowed> for AppError {
    fn from(why: NotAllowed) -> Self {
        Self::NotAllowed {
            why,
            organization: None,
            refusal: None,
        }
    }
}
