//! A callback that this browser did not start: held, its token unspent, until the visitor confirms it.

use axum::response::Redirect;

use super::browser_session::{BrowserSession, Rotate};
use crate::{
    error::{AppError, Reason},
    sign_in::{Callback, TEN_MINUTES, UnsolicitedCallback},
    stytch::Slug,
};

impl BrowserSession {
    /// Keeps an unsolicited callback, its token unspent, until the visitor confirms it. The sign-in state stays as it is.
    pub async fn hold_for_confirmation(
        &self,
        callback: Callback,
        slug: Option<Slug>,
    ) -> Result<Redirect, AppError> {
        let unsolicited = UnsolicitedCallback {
            callback,
            slug,
            received_at: self.now(),
        };
        self.write(Rotate::No, |data| {
            data.unsolicited = Some(unsolicited.clone());
        })
        .await?;
        Ok(Redirect::to("/confirm"))
    }

    /// The callback that waits for confirmation.
    ///
    /// # Errors
    /// "Start again" when there is none, or it arrived ten minutes ago or earlier.
    pub async fn unsolicited(&self) -> Result<UnsolicitedCallback, AppError> {
        match &self.data().await?.unsolicited {
            Some(held) if held.received_at + TEN_MINUTES > self.now() => Ok(held.clone()),
            Some(_) => Err(AppError::start_again(Reason::TookTooLong)),
            None => Err(self.not_started()),
        }
    }

    /// Takes that callback, because the visitor confirmed it. `None` when another one has arrived since the page was
    /// shown: the visitor must be asked again.
    pub async fn take_unsolicited(
        &self,
        fingerprint: &str,
    ) -> Result<Option<UnsolicitedCallback>, AppError> {
        if self.unsolicited().await?.fingerprint() != fingerprint {
            return Ok(None);
        }
        self.write(Rotate::No, |data| {
            let is_same = |held: &mut UnsolicitedCallback| held.fingerprint() == fingerprint;
            let held = data.unsolicited.take_if(is_same)?;
            data.last_token = Some(held.fingerprint());
            Some(held)
        })
        .await
    }

    /// Puts a callback back whose token was not spent, because Stytch could not be reached.
    pub async fn hold_again(&self, held: &UnsolicitedCallback) -> Result<(), AppError> {
        self.write(Rotate::No, |data| {
            data.last_token = None;
            data.unsolicited = Some(held.clone());
        })
        .await
    }
}
