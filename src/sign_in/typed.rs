//! Values that a visitor entered in a form and that must be kept: an email address, or a new organization.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::origin::{Origin, ReturnPath};
use crate::crypto;

/// A discovery link or code that was sent by email.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SentEmail {
    /// The address as the visitor typed it.
    pub email_address: String,
    /// When the last code was sent. Only this browser can use it.
    pub code_sent_at: Option<OffsetDateTime>,
    /// When the last link was sent. Any browser can open it.
    pub link_sent_at: Option<OffsetDateTime>,
    /// Random id of the last code. Attempts are counted per code, so one visitor can't use up another's.
    #[serde(default)]
    pub code_id: String,
    /// Set when the last request sent nothing, because of a limit.
    #[serde(default)]
    pub refused: Option<RefusedEmail>,
    /// The private page that the visitor asked for before signing in.
    #[serde(default)]
    pub return_to: Option<ReturnPath>,
}

/// A request for an email that a limit refused. The visitor can enter a code that another browser had sent.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct RefusedEmail {
    /// When it was refused.
    pub at: OffsetDateTime,
    /// When an email can be sent again.
    pub until: OffsetDateTime,
}

/// The kinds of Discovery emails. A link works in any browser, and a code only in the browser that requested it.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it all")]
pub enum EmailKind {
    Link,
    Code,
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
    /// Longest address, in bytes (RFC 5321 §4.5.3.1: 64, the `@`, and 255).
    pub const LONGEST_ADDRESS: usize = 320;

    /// Creates the entry for an address to which no email was sent yet.
    pub fn to(email_address: &str) -> Self {
        Self {
            email_address: email_address.to_owned(),
            code_sent_at: None,
            link_sent_at: None,
            code_id: String::new(),
            refused: None,
            return_to: None,
        }
    }

    /// Origin of the sign-in with this email.
    pub fn origin(&self) -> Origin {
        Origin {
            return_to: self.return_to.clone(),
            ..Origin::email()
        }
    }

    /// When the last one of this kind was sent.
    pub fn sent_at_of(&self, kind: EmailKind) -> Option<OffsetDateTime> {
        match kind {
            EmailKind::Link => self.link_sent_at,
            EmailKind::Code => self.code_sent_at,
        }
    }

    /// Records that one of this kind is sent now. A code replaces the last one.
    pub fn set_sent(&mut self, kind: EmailKind, now: OffsetDateTime) {
        self.refused = None;
        match kind {
            EmailKind::Link => self.link_sent_at = Some(now),
            EmailKind::Code => {
                self.code_sent_at = Some(now);
                self.code_id = crypto::random();
            }
        }
    }

    /// When the last message was sent.
    pub fn sent_at(&self) -> Option<OffsetDateTime> {
        self.code_sent_at.max(self.link_sent_at)
    }

    /// When a message was last sent or refused.
    pub fn changed_at(&self) -> Option<OffsetDateTime> {
        self.sent_at().max(self.refused.map(|refused| refused.at))
    }

    /// Whether the visitor may have a code to enter.
    pub fn takes_code(&self) -> bool {
        self.code_sent_at.is_some() || self.refused.is_some()
    }
}
