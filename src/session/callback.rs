//! Between leaving for Stytch and coming back: to which sign-in a callback belongs.

use super::browser_session::{BrowserSession, Rotate};
use crate::{
    crypto,
    error::{AppError, Reason},
    sign_in::{PendingSignIn, TEN_MINUTES, TokenType},
    stytch::secret::CallbackToken,
};

/// To which sign-in a callback belongs.
pub enum Arrival {
    /// This browser started it. The verifier has not been used yet.
    Started(Box<PendingSignIn>),
    /// The same token as before: a reload, or the Back button.
    Reload,
    /// This browser did not start it: ask the visitor before spending the token.
    Unsolicited,
}

impl BrowserSession {
    /// Stores a sign-in that leaves for Stytch now. The last start of a type wins.
    pub async fn start(
        &self,
        token_type: TokenType,
        pending: &PendingSignIn,
    ) -> Result<(), AppError> {
        self.write(Rotate::No, |data| {
            data.pending.insert(token_type, pending.clone());
        })
        .await
    }

    /// Takes the pending sign-in to which a callback belongs. It is deleted before Stytch is called, so that no verifier
    /// is used twice.
    ///
    /// # Errors
    /// "Start again" when it was started ten minutes ago or earlier.
    pub async fn take(
        &self,
        token_type: TokenType,
        token: &CallbackToken,
    ) -> Result<Arrival, AppError> {
        let data = self.data().await?;
        let hash = crypto::sha256(token.expose());
        if data.last_token.as_ref() == Some(&hash) {
            return Ok(Arrival::Reload);
        }
        if !data.pending.contains_key(&token_type) {
            return Ok(Arrival::Unsolicited);
        }
        let pending = self.write(Rotate::No, |data| {
            data.last_token = Some(hash.clone());
            data.pending.remove(&token_type)
        });
        match pending.await? {
            Some(pending) if pending.started_at + TEN_MINUTES > self.now() => {
                Ok(Arrival::Started(Box::new(pending)))
            }
            Some(pending) => {
                Err(AppError::start_again(Reason::TookTooLong).with_origin(&pending.origin))
            }
            None => Err(AppError::SessionGone),
        }
    }

    /// Deletes the pending sign-ins of these types, one of which came back without a token, and returns the error that
    /// offers to start the last of them again.
    pub async fn cancel(
        &self,
        token_types: &[TokenType],
        reason: Reason,
    ) -> Result<AppError, AppError> {
        let error = AppError::start_again(reason);
        let pending = &self.data().await?.pending;
        if !token_types.iter().any(|it| pending.contains_key(it)) {
            return Ok(error);
        }
        let taken = self.write(Rotate::No, |data| {
            let taken = token_types.iter().filter_map(|it| data.pending.remove(it));
            taken.max_by_key(|pending| pending.started_at)
        });
        Ok(match taken.await? {
            Some(pending) => error.with_origin(&pending.origin),
            None => error,
        })
    }
}
