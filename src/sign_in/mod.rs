//! What a browser session holds, as plain data: who the visitor is, and which sign-ins are in progress.

pub mod callback;
pub mod member;
pub mod origin;
pub mod partial;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

pub use self::{
    callback::{
        Callback, DiscoveryCallback, OrganizationCallback, PendingSignIn, TokenType,
        UnsolicitedCallback,
    },
    member::{EmailJit, OrganizationSummary, ProviderTokens, SignedInMember},
    origin::{Origin, StartMethod},
    partial::{Choosing, Enrollment, Mfa, OfferedOrganization, PartialSession, StepUp},
};

/// Lifetime of a pending sign-in, of an unsolicited callback and of an intermediate session.
pub const TEN_MINUTES: Duration = Duration::minutes(10);

/// The stored value of a session. The sign-in is one enum, so that two states can't exist side by side.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SessionData {
    /// Who the visitor is.
    pub sign_in: SignIn,
    /// Sign-ins that left for Stytch, at most one per type of callback token: the last start wins.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub pending: BTreeMap<TokenType, PendingSignIn>,
    /// A callback that this browser did not start, waiting for the visitor's confirmation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unsolicited: Option<UnsolicitedCallback>,
    /// The last discovery email sent for this anonymous visitor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_email: Option<SentEmail>,
    /// What the visitor typed for an organization that could not be created.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub draft: Option<OrganizationDraft>,
    /// SHA-256 of the last callback token that was accepted: the same token again is a reload.
    pub last_token: Option<String>,
}

/// Who the visitor is.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub enum SignIn {
    /// Anonymous.
    #[default]
    Nobody,
    /// Has a verified email address and must choose or create an organization.
    Choosing(Choosing),
    /// Must complete another first factor for the chosen organization.
    StepUp(StepUp),
    /// Must complete a second factor.
    Mfa(Mfa),
    /// Signed in.
    Member(Box<SignedInMember>),
}

/// A discovery link or code that was sent by email.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SentEmail {
    /// The address as the visitor typed it.
    pub email_address: String,
    /// When the last code was sent. Only this browser can use it.
    pub code_sent_at: Option<OffsetDateTime>,
    /// When the last link was sent. Any browser can open it.
    pub link_sent_at: Option<OffsetDateTime>,
    /// Random id of the last code. Attempts are counted per code, so nobody can use up another visitor's attempts.
    #[serde(default)]
    pub code_id: String,
}

/// What the visitor typed for a new organization. Name and slug may be empty.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names say it all")]
pub struct OrganizationDraft {
    pub email: String,
    pub organization_name: String,
    pub organization_slug: String,
}

impl SentEmail {
    /// An address to which nothing was sent yet.
    pub fn to(email_address: &str) -> Self {
        Self {
            email_address: email_address.to_owned(),
            code_sent_at: None,
            link_sent_at: None,
            code_id: String::new(),
        }
    }

    /// When the last message was sent.
    pub fn sent_at(&self) -> Option<OffsetDateTime> {
        self.code_sent_at.max(self.link_sent_at)
    }
}

impl SessionData {
    /// When the record can be deleted: ten minutes after everything in it has expired, so that a late visitor is told
    /// what happened and can start again with the same provider.
    pub fn delete_at(&self, now: OffsetDateTime) -> OffsetDateTime {
        let pending = self.pending.values().map(|pending| pending.started_at);
        let unsolicited = self.unsolicited.iter().map(|it| it.received_at);
        let sent_email = self.sent_email.iter().filter_map(SentEmail::sent_at);
        pending
            .chain(unsolicited)
            .chain(sent_email)
            .map(|at| at + TEN_MINUTES)
            .chain(self.sign_in.until())
            .fold(now, OffsetDateTime::max)
            + TEN_MINUTES
    }
}

impl SignIn {
    /// When the state expires; `None` for an anonymous visitor.
    pub fn until(&self) -> Option<OffsetDateTime> {
        match self {
            Self::Nobody => None,
            Self::Choosing(choosing) => Some(choosing.until),
            Self::StepUp(step_up) => Some(step_up.partial.until),
            Self::Mfa(mfa) => Some(mfa.partial.until),
            Self::Member(member) => Some(member.until),
        }
    }

    /// Path of the page where the visitor continues.
    pub fn home(&self) -> String {
        match self {
            Self::Nobody => "/".to_owned(),
            Self::Choosing(_) => "/organizations".to_owned(),
            Self::StepUp(_) => "/step_up".to_owned(),
            Self::Mfa(_) => "/mfa".to_owned(),
            Self::Member(member) => member.home(),
        }
    }
}
