//! Pending sign-ins, and finding the one that a callback belongs to.

use time::Duration;

use super::browser_session::{BrowserSession, Rotate};
use crate::{
    crypto,
    error::{AppError, Reason, UNKNOWN_TOKEN},
    sign_in::{PendingSignIn, SessionData, TEN_MINUTES, TokenType},
    stytch::{Slug, secret::CallbackToken},
};

/// Maximum number of pending sign-ins per session. The oldest are dropped first.
const MOST_PENDING: usize = 8;

/// Maximum size of all pending sign-ins of a session, in bytes. One usually has 200 to 400. The latest one always
/// stays; no part of it has more than 800 bytes.
const MOST_PENDING_BYTES: usize = 4096;

/// Within this time after the start of a sign-in, its token can't have expired, and was probably not used.
const A_MOMENT: Duration = Duration::minutes(1);

/// The sign-in that a callback belongs to.
pub enum Arrival {
    /// This browser started it. The verifier has not been used yet.
    Started(Box<PendingSignIn>),
    /// The same token as before: a reload, or the Back button.
    Reload,
    /// The callback does not belong to a pending sign-in of this browser. Ask the visitor before using the token.
    Unsolicited,
}

impl BrowserSession {
    /// Stores a sign-in that starts now. It replaces one of the same type for the same organization.
    pub async fn start(&self, pending: &PendingSignIn) -> Result<(), AppError> {
        self.write(Rotate::No, |data| {
            let all = &mut data.pending_sign_ins;
            let is_old = |it: &PendingSignIn| it.started_at + 2 * TEN_MINUTES <= pending.started_at;
            all.retain(|it| !it.is_like(pending) && !is_old(it));
            all.push(pending.clone());
            while all.len() > MOST_PENDING || (all.len() > 1 && bytes(all) > MOST_PENDING_BYTES) {
                all.remove(0);
            }
        })
        .await
    }

    /// Finds the pending sign-in that a callback belongs to. `slug` is the organization named in the callback. Stores
    /// the token's hash before Stytch is called, so the same token is not sent twice. The sign-in stays pending until
    /// its own token is accepted, so the visitor does not lose it to the token of another tab, or of a stranger.
    ///
    /// # Errors
    /// "Start again" if it was started ten minutes ago or earlier.
    pub async fn claim(
        &self,
        token_type: TokenType,
        slug: Option<&Slug>,
        token: &CallbackToken,
    ) -> Result<Arrival, AppError> {
        let data = self.data().await?;
        let hash = crypto::sha256(token.expose());
        if data.last_token.as_ref() == Some(&hash) {
            return Ok(Arrival::Reload);
        }
        if find(&data, token_type, slug).is_none() {
            return Ok(Arrival::Unsolicited);
        }
        let claimed = self.write(Rotate::No, |data| {
            // Another request may have been faster.
            if data.last_token.as_ref() == Some(&hash) {
                return Arrival::Reload;
            }
            let Some(pending) = find(data, token_type, slug).cloned() else {
                return Arrival::Unsolicited;
            };
            data.last_token = Some(hash.clone());
            Arrival::Started(Box::new(pending))
        });
        let claimed = claimed.await?;
        if let Arrival::Started(pending) = &claimed {
            if pending.started_at + TEN_MINUTES <= self.now() {
                let late = AppError::start_again(Reason::TookTooLong);
                return Err(late.with_origin(&pending.origin));
            }
            self.complete_at_change(&pending.verifier);
        }
        Ok(claimed)
    }

    /// Corrects the error of a callback of this pending sign-in. If Stytch does not recognize a token shortly after the
    /// sign-in started, the setup is wrong: the token can't have expired, and was not used.
    pub fn with_setup_hint<T>(
        &self,
        pending: &PendingSignIn,
        result: Result<T, AppError>,
    ) -> Result<T, AppError> {
        match result {
            Err(AppError::StartAgain(again))
                if again.reason == Reason::TokenSpent
                    && pending.started_at + A_MOMENT > self.now() =>
            {
                tracing::warn!(
                    "Stytch does not know a token less than a minute after its sign-in started; if this happens at every sign-in, {UNKNOWN_TOKEN}"
                );
                Err(AppError::start_again(Reason::TokenUnknown).with_origin(&pending.origin))
            }
            result => result,
        }
    }

    /// The error for a callback of one of these types without a token. It offers to start the latest pending sign-in
    /// again. No sign-in is deleted, because the callback does not say which one it belongs to, and because anyone can
    /// make a link to it.
    pub async fn stopped(
        &self,
        token_types: &[TokenType],
        slug: Option<&Slug>,
        reason: Reason,
    ) -> Result<AppError, AppError> {
        let error = AppError::start_again(reason);
        let data = self.data().await?;
        let pending = token_types.iter().filter_map(|it| find(&data, *it, slug));
        let latest = pending.max_by_key(|pending| pending.started_at);
        Ok(match latest {
            Some(pending) => error.with_origin(&pending.origin),
            None => error,
        })
    }
}

/// Size of pending sign-ins in the record.
fn bytes(all: &[PendingSignIn]) -> usize {
    serde_json::to_string(all).map_or(0, |text| text.len())
}

/// The sign-in that a callback belongs to: the latest one of this type and, if the callback names one, of this
/// organization.
fn find<'a>(
    data: &'a SessionData,
    token_type: TokenType,
    slug: Option<&Slug>,
) -> Option<&'a PendingSignIn> {
    data.pending_sign_ins.iter().rfind(|pending| {
        let is_there = slug.is_none_or(|slug| pending.slug().is_none_or(|it| it == slug));
        pending.token_type == token_type && is_there
    })
}
