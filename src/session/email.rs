//! The discovery email that was sent for an anonymous visitor.

use super::browser_session::BrowserSession;
use crate::{
    error::{AppError, Reason},
    sign_in::{Origin, SentEmail, TEN_MINUTES},
};

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
    /// "Start again" when none was sent, or ten minutes ago or earlier.
    pub async fn email_with_code(&self) -> Result<SentEmail, AppError> {
        if let Some(sent) = self.sent_email().await?.filter(SentEmail::takes_code) {
            return Ok(sent);
        }
        let error = match &self.data().await?.sent_email {
            Some(sent) if sent.takes_code() => AppError::start_again(Reason::TookTooLong),
            // Another tab has changed the address, or asked for a link.
            Some(_) => AppError::start_again(Reason::Replaced),
            None => self.not_started(),
        };
        Err(error.with_origin(&Origin::email()))
    }

    /// Stores an email that was sent or refused.
    pub async fn save_sent_email(&self, sent: &SentEmail) -> Result<(), AppError> {
        self.update(|data| data.sent_email = Some(sent.clone()))
            .await
    }
}
