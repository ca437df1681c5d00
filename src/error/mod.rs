//! Errors, named after what the *visitor* can do next. The table of the vendor's errors is in [`vendor`], the text of
//! the pages in [`crate::views::error_words`].

mod response;
pub mod vendor;

use std::{error::Error, sync::Arc, time::Duration};

use crate::{
    sign_in::{OrganizationSummary, Origin},
    stytch::Slug,
};

/// The error that made a request fail, for the log.
pub type Cause = Arc<dyn Error + Send + Sync>;

/// Why a handler can't continue. [`crate::views::error_page`] turns it into a page and logs its cause; handlers only
/// use `?`. Without that layer the response is the bare status.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the other names say it all")]
pub enum AppError {
    /// Start the sign-in again.
    StartAgain(StartAgain),
    /// Wait, then try the same request again.
    TryLater(TryLater),
    /// The sign-in succeeded, in another organization than the visitor asked for. Nobody is signed in.
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
    /// A rule of the organization or the provider forbids it. Use another method, or ask an administrator.
    NotAllowed {
        why: NotAllowed,
        organization: Option<OrganizationSummary>,
        refusal: Option<Box<Refusal>>,
    },
    NotFound,
    /// No organization has this slug. Nothing was revealed about any other one.
    NoOrganization {
        /// What the visitor typed, or what stood in the URL.
        typed: String,
    },
    /// The session disappeared while the request ran, because another tab signed out. The response redirects to the
    /// start page and sets no cookie, so that a newer session of the same browser stays valid.
    SessionGone,
    /// The visitor signed out while the session store failed. This browser forgets the session; its record stays in the
    /// store until it expires.
    SignOutUnfinished(TryLater),
    /// A fault of this app. The log has the cause under the request id.
    Ours(Cause),
}

/// What Stytch answered, for the details of an error page: nothing secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The vendor's identifier of the error; empty for one that this app does not know.
    pub error_type: String,
    /// For a question to the vendor's support.
    pub request_id: String,
}

/// Why and how to start again.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "named after its type")]
pub struct StartAgain {
    pub reason: Reason,
    /// The sign-in to start again; without it, the link leads to the start page.
    pub origin: Option<Box<Origin>>,
    /// What Stytch answered, if it refused.
    pub refusal: Option<Box<Refusal>>,
}

/// Why a sign-in can't go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the other names say it all")]
pub enum Reason {
    /// Ten minutes are over, or Stytch says so.
    TookTooLong,
    /// No sign-in is in progress in this browser.
    NotStarted,
    /// No sign-in is in progress, and the browser sent no cookie: it may store none.
    NoCookie,
    /// The browser stores no cookies, so what it asks for would be of no use.
    CookiesBlocked,
    /// The form belongs to a sign-in that another one has replaced since.
    Replaced,
    /// Another sign-in arrived while the visitor was asked to confirm one. Neither goes on.
    SeveralLinks,
    /// The page is private and the visitor is anonymous.
    SignedOut,
    SessionEnded,
    Canceled,
    ProviderFailed,
    /// The provider's own tokens have expired, or there are none.
    ProviderTokenGone,
    TokenSpent,
    /// As [`Self::TokenSpent`], less than a minute after the sign-in started.
    TokenUnknown,
    /// The token does not belong to the latest sign-in that this browser started (PKCE).
    NotLatest,
    BadCallback,
}

/// Why the request failed for now, and what to try again.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "named after its type")]
pub struct TryLater {
    pub outage: Outage,
    /// Whether the request may have taken effect although it failed.
    pub may_have_happened: bool,
    /// The sign-in to start again, for requests that have no page to go back to.
    pub origin: Option<Box<Origin>>,
    /// The underlying error, if nothing has logged it yet.
    pub cause: Option<Cause>,
    /// What Stytch answered, if it refused.
    pub refusal: Option<Box<Refusal>>,
}

/// What failed for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outage {
    /// Stytch did not respond in time.
    Slow,
    /// Stytch gave no usable response.
    Down,
    /// The session store can't be read or written.
    Store,
    /// Too many requests. They are accepted again after this time, at least one second.
    Busy(Duration),
}

/// The rule that forbids a sign-in or a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the other names say it all")]
pub enum NotAllowed {
    /// The organization does not allow this first factor.
    Method,
    MfaMethod,
    /// The member has a second factor and can't add another one before using it.
    UseYours,
    NotAMember,
    /// Nobody can join by email domain.
    EmailJitClosed,
    /// People with other email domains can join, but not with this one.
    EmailDomain,
    /// Nobody can join by workspace or organization at the provider.
    TenantJitClosed,
    /// People from other workspaces can join, but not from this one.
    Tenant,
    Connection,
    /// The organization was deleted while the visitor was signing in to it.
    OrganizationGone,
    /// The organization is not, or no longer, in the visitor's list.
    NotOffered,
    /// The single sign-on was removed while the visitor was signing in with it.
    ConnectionGone,
    /// The address's domain belongs to another organization.
    DomainClaimed,
    /// The address belonged to a member and is retired.
    AddressRetired,
    Locked,
    Suspended,
    /// The factor is for another address than the first one.
    OtherAccount,
    /// The factors of the session count only in its own organization.
    FactorsStay,
    /// The member's roles do not allow it.
    NoPermission,
}

/// What the operator must change if Stytch knows none of the tokens that it has just issued. It issues them for the project
/// of the public token, and looks them up in the project of the secret.
pub const UNKNOWN_TOKEN: &str = "STYTCH_PUBLIC_TOKEN belongs to another project than STYTCH_PROJECT_ID: copy all three credentials from one API keys page of the dashboard";

impl AppError {
    /// A fault of this app. Visitors never see the cause.
    pub fn ours(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Ours(Arc::from(cause.into()))
    }

    /// The session store failed. Visitors never see the cause.
    pub fn store(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::TryLater(TryLater {
            cause: Some(Arc::from(cause.into())),
            ..Outage::Store.into()
        })
    }

    /// Too many requests; none of them took effect. The time is rounded up to whole seconds: after a shorter one, the
    /// request would be refused again.
    pub fn busy(after: Duration) -> Self {
        let seconds = after.as_secs() + u64::from(after.subsec_nanos() > 0);
        Outage::Busy(Duration::from_secs(seconds.max(1))).into()
    }

    /// Start again from the start page.
    pub fn start_again(reason: Reason) -> Self {
        Self::StartAgain(StartAgain {
            reason,
            origin: None,
            refusal: None,
        })
    }

    /// What the operator must change, and where, if Stytch refused the call because the setup is wrong.
    pub fn setup_advice(&self) -> Option<&'static str> {
        match self {
            Self::StartAgain(again) if again.reason == Reason::TokenUnknown => Some(UNKNOWN_TOKEN),
            Self::Ours(cause) => vendor::setup_advice(cause.downcast_ref()?),
            _ => None,
        }
    }

    /// What Stytch answered, if it refused.
    pub fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::StartAgain(StartAgain { refusal, .. })
            | Self::NotAllowed { refusal, .. }
            | Self::TryLater(TryLater { refusal, .. }) => refusal.as_deref().cloned(),
            Self::Ours(cause) => vendor::refusal(cause.downcast_ref()?),
            _ => None,
        }
    }

    /// Keeps what Stytch answered for the page.
    fn with_refusal(mut self, answer: Option<Refusal>) -> Self {
        if let Self::StartAgain(StartAgain { refusal, .. })
        | Self::NotAllowed { refusal, .. }
        | Self::TryLater(TryLater { refusal, .. }) = &mut self
        {
            *refusal = answer.map(Box::new);
        }
        self
    }

    /// Stytch did what was asked, but the result could not be stored.
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

    /// The session store failed while the visitor was signing out.
    #[must_use]
    pub fn while_signing_out(self) -> Self {
        match self {
            Self::TryLater(later) if later.outage == Outage::Store => {
                Self::SignOutUnfinished(later)
            }
            other => other,
        }
    }

    /// Names the sign-in that the visitor can start again.
    #[must_use]
    pub fn with_origin(self, origin: &Origin) -> Self {
        match self {
            Self::StartAgain(again) => Self::StartAgain(StartAgain {
                origin: Some(Box::new(Origin {
                    // After ten minutes, the sign-in that lacked a factor has expired too.
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

    /// Names the organization whose rule forbids it.
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

/// An outage before anything took effect.
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
