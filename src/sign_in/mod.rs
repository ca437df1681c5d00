//! The data of a browser session: who the visitor is, and which sign-ins are pending.

pub mod callback;
mod from_stytch;
pub mod member;
mod milliseconds;
pub mod origin;
pub mod partial;
mod typed;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

pub use self::{
    callback::{
        Callback, DiscoveryCallback, OrganizationCallback, PendingSignIn, TokenType,
        UnsolicitedCallback,
    },
    member::{EmailJit, JitRule, OrganizationSummary, ProviderTokens, SignedInMember},
    origin::{Origin, StartMethod},
    partial::{Choosing, Enrollment, Mfa, OfferedOrganization, PartialSession, StepUp},
    typed::{EmailKind, OrganizationDraft, RefusedEmail, SentEmail},
};

/// Lifetime of a pending sign-in, of an unsolicited callback and of an intermediate session.
pub const TEN_MINUTES: Duration = Duration::minutes(10);

/// How long a record stays after everything in it has expired.
const LATE: Duration = Duration::minutes(1);

/// The stored data of a session. The state of the sign-in is one enum, so a session has exactly one state.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "named after its type")]
pub struct SessionData {
    pub sign_in: SignIn,
    /// Sign-ins that have not returned from Stytch, oldest first: at most one for Discovery, and per organization one
    /// for each type of callback token.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pending_sign_ins: Vec<PendingSignIn>,
    /// A callback that this browser did not start, waiting for the visitor's confirmation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unsolicited: Option<UnsolicitedCallback>,
    /// When callbacks that waited for confirmation were discarded, because several had arrived.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub links_discarded_at: Option<OffsetDateTime>,
    /// The last discovery email sent for this anonymous visitor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_email: Option<SentEmail>,
    /// Values that the visitor entered for an organization that could not be created.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub draft: Option<OrganizationDraft>,
    /// SHA-256 of the last accepted callback token. A callback with the same token is a reload.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_token: Option<String>,
}

/// Who the visitor is.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the undocumented names say it all")]
pub enum SignIn {
    #[default]
    Anonymous,
    /// Has completed Discovery, and must choose or create an organization.
    Choosing(Choosing),
    /// The organization requires another first factor.
    StepUp(StepUp),
    Mfa(Mfa),
    /// Shared, because each part of a request that asks who the visitor is gets a copy.
    Member(Arc<SignedInMember>),
}

impl SessionData {
    /// When the record can be deleted. The data of an anonymous visitor expires after ten minutes. The record stays for
    /// another minute, so that a visitor who is slightly late is told so and can start again with the same provider.
    /// The record of a member, or of a sign-in in progress, stays for eleven minutes after its expiry. Until then, it
    /// expires later than the record of any anonymous visitor, so a full Redis with the policy `volatile-ttl` evicts
    /// those first.
    pub fn delete_at(&self, now: OffsetDateTime) -> OffsetDateTime {
        let until = self.sign_in.until().unwrap_or(now);
        until.max(now).saturating_add(TEN_MINUTES + LATE)
    }
}

impl SignIn {
    /// When the state expires; `None` for an anonymous visitor.
    pub fn until(&self) -> Option<OffsetDateTime> {
        match self {
            Self::Anonymous => None,
            Self::Choosing(choosing) => Some(choosing.until),
            Self::StepUp(step_up) => Some(step_up.partial.until),
            Self::Mfa(mfa) => Some(mfa.partial.until),
            Self::Member(member) => Some(member.until),
        }
    }

    /// Path of the page where the visitor continues.
    pub fn home(&self) -> String {
        match self {
            Self::Anonymous => "/".to_owned(),
            Self::Choosing(_) => "/organizations".to_owned(),
            Self::StepUp(_) => "/step_up".to_owned(),
            Self::Mfa(_) => "/mfa".to_owned(),
            Self::Member(member) => member.home(),
        }
    }
}
