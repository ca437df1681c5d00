//! Holds a callback that this browser did not start until the visitor confirms it, without using its token.

use axum::response::Redirect;
use time::OffsetDateTime;

use super::browser_session::{BrowserSession, Rotate};
use crate::{
    error::{AppError, Reason},
    sign_in::{Callback, SignIn, TEN_MINUTES, UnsolicitedCallback},
    stytch::Slug,
};

impl BrowserSession {
    /// Stores an unsolicited callback until the visitor confirms it. Replaces an earlier one. Neither uses the token
    /// nor changes the sign-in state. The session gets a new id, because an attacker who planted the old id could
    /// otherwise confirm the callback.
    pub async fn hold_for_confirmation(
        &self,
        callback: Callback,
        slug: Option<Slug>,
    ) -> Result<Redirect, AppError> {
        let now = self.now();
        let new = UnsolicitedCallback {
            callback,
            slug,
            received_at: now,
            is_second: false,
        };
        let is_recent = |at: OffsetDateTime| at + TEN_MINUTES > now;
        self.write(Rotate::Yes, |data| {
            let before = data
                .unsolicited
                .take()
                .filter(|it| is_recent(it.received_at));
            let is_other = |it: &UnsolicitedCallback| it.fingerprint() != new.fingerprint();
            let were_discarded = data.links_discarded_at.take().is_some_and(is_recent);
            let is_second = before.is_some_and(|it| it.is_second || is_other(&it));
            data.unsolicited = Some(UnsolicitedCallback {
                is_second: is_second || were_discarded,
                ..new.clone()
            });
        })
        .await?;
        Ok(Redirect::to("/confirm"))
    }

    /// The callback that waits for confirmation.
    ///
    /// # Errors
    /// "Start again" if no callback is waiting, if it arrived ten minutes ago or earlier, or if several were discarded.
    pub async fn unsolicited(&self) -> Result<UnsolicitedCallback, AppError> {
        let data = self.data().await?;
        let is_recent = |at: OffsetDateTime| at + TEN_MINUTES > self.now();
        match &data.unsolicited {
            Some(held) if is_recent(held.received_at) => Ok(held.clone()),
            Some(_) => Err(AppError::start_again(Reason::TookTooLong)),
            None if data.links_discarded_at.is_some_and(is_recent) => {
                Err(AppError::start_again(Reason::SeveralLinks))
            }
            None => Err(self.not_started()),
        }
    }

    /// Removes the waiting callback, which the visitor has confirmed, and returns it. `None` if another tab has
    /// confirmed the same callback and continues the sign-in.
    ///
    /// # Errors
    /// The same as [`Self::unsolicited`]. "Several links" if another callback has arrived since the page was shown. It
    /// is not clear which one the visitor means, so both are discarded.
    pub async fn take_unsolicited(
        &self,
        fingerprint: &str,
    ) -> Result<Option<UnsolicitedCallback>, AppError> {
        let data = self.data().await?;
        let is_held = |it: &UnsolicitedCallback| it.fingerprint() == fingerprint;
        let was_confirmed = data.last_token.as_deref() == Some(fingerprint)
            && !data.unsolicited.as_ref().is_some_and(is_held);
        if was_confirmed && !matches!(data.sign_in, SignIn::Anonymous) {
            return Ok(None);
        }
        self.unsolicited().await?;
        let taken = self.write(Rotate::No, |data| {
            let held = data.unsolicited.take()?;
            if held.fingerprint() != fingerprint {
                data.links_discarded_at = Some(self.now());
                return None;
            }
            data.last_token = Some(held.fingerprint());
            Some(held)
        });
        let several = || AppError::start_again(Reason::SeveralLinks);
        taken.await?.ok_or_else(several).map(Some)
    }

    /// Stores a confirmed callback again, because Stytch could not be reached and the token was not used.
    pub async fn hold_again(&self, held: &UnsolicitedCallback) -> Result<(), AppError> {
        self.write(Rotate::No, |data| {
            data.last_token = None;
            data.unsolicited = Some(held.clone());
        })
        .await
    }
}
