//! The discovery email that was sent for an anonymous visitor.

use super::browser_session::{BrowserSession, Rotate};
use crate::{
    error::{AppError, Reason},
    sign_in::{
        EmailKind, Origin, SentEmail, TEN_MINUTES, origin::ReturnPath,
        partial::seconds_until_resend,
    },
};

/// An email that is marked as sent, with the data to restore if it was not sent.
pub struct MarkedEmail {
    before: Option<SentEmail>,
    is_new_record: bool,
}

impl BrowserSession {
    /// The last email, for ten minutes.
    pub async fn sent_email(&self) -> Result<Option<SentEmail>, AppError> {
        let data = self.data().await?;
        let sent = data.sent_email.as_ref();
        let is_recent = |it: &&SentEmail| {
            it.changed_at()
                .is_some_and(|at| at + TEN_MINUTES > self.now())
        };
        Ok(sent.filter(is_recent).cloned())
    }

    /// The email whose code the visitor enters.
    ///
    /// # Errors
    /// "Start again" if no code was sent during the last ten minutes.
    pub async fn email_with_code(&self) -> Result<SentEmail, AppError> {
        if let Some(sent) = self.sent_email().await?.filter(SentEmail::takes_code) {
            return Ok(sent);
        }
        let error = match &self.data().await?.sent_email {
            Some(sent) if sent.takes_code() => AppError::start_again(Reason::TookTooLong),
            // Another tab has changed the address, or requested a link.
            Some(_) => AppError::start_again(Reason::Replaced),
            None => self.not_started(),
        };
        Err(error.with_origin(&Origin::email()))
    }

    /// Stores an email that a limit refused.
    pub async fn save_sent_email(&self, sent: &SentEmail) -> Result<(), AppError> {
        self.update(|data| data.sent_email = Some(sent.clone()))
            .await
    }

    /// Marks an email as sent now. Call it before asking Stytch to send the email, so that simultaneous requests of
    /// this session, here and at other instances, send only one. It replaces an email to another address.
    ///
    /// Returns what was stored before, for [`Self::unmark_email_sent`]; `None` if it can't be sent yet.
    pub async fn mark_email_sent(
        &self,
        address: &str,
        kind: EmailKind,
        return_to: Option<&ReturnPath>,
    ) -> Result<Option<MarkedEmail>, AppError> {
        let now = self.now();
        self.data().await?;
        let is_new_record = !self.has_record();
        self.write(Rotate::No, |data| {
            let before = data.sent_email.take();
            let same = before.clone().filter(|it| it.email_address == address);
            let mut sent = same.unwrap_or_else(|| SentEmail::to(address));
            if seconds_until_resend(sent.sent_at_of(kind), now) > 0 {
                data.sent_email = before;
                return None;
            }
            sent.set_sent(kind, now);
            sent.return_to = return_to.cloned();
            data.sent_email = Some(sent);
            Some(MarkedEmail {
                before,
                is_new_record,
            })
        })
        .await
    }

    /// Removes the mark, because it is certain that the email was not sent.
    pub async fn unmark_email_sent(&self, marked: MarkedEmail) -> Result<(), AppError> {
        if marked.is_new_record {
            return self.end().await;
        }
        self.write(Rotate::No, |data| {
            data.sent_email.clone_from(&marked.before);
        })
        .await
    }
}
