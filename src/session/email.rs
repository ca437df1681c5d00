//! The discovery email that was sent for an anonymous visitor.

use super::browser_session::BrowserSession;
use crate::{
    error::AppError,
    sign_in::{SentEmail, TEN_MINUTES},
};

impl BrowserSession {
    /// The last email, for ten minutes.
    pub async fn sent_email(&self) -> Result<Option<SentEmail>, AppError> {
        let data = self.data().await?;
        let sent = data.sent_email.as_ref();
        let is_recent =
            |it: &&SentEmail| it.sent_at().is_some_and(|at| at + TEN_MINUTES > self.now());
        Ok(sent.filter(is_recent).cloned())
    }

    /// Stores an email that was sent.
    pub async fn save_sent_email(&self, sent: &SentEmail) -> Result<(), AppError> {
        self.update(|data| data.sent_email = Some(sent.clone()))
            .await
    }
}
