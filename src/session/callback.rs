//! Between leaving for Stytch and coming back: to which sign-in a callback belongs.

use time::Duration;

use super::browser_session::{BrowserSession, Rotate};
use crate::{
    crypto,
    error::{AppError, Reason, UnknownToken},
    sign_in::{PendingSignIn, SessionData, TEN_MINUTES, TokenType},
    stytch::{Slug, secret::CallbackToken},
};

/// Pending sign-ins per session, a few hundred bytes each. The oldest are dropped first.
const MOST_PENDING: usize = 8;

/// Within this time after its start, a sign-in's token is neither used nor expired.
const A_MOMENT: Duration = Duration::minutes(1);

/// To which sign-in a callback belongs.
pub enum Arrival {
    /// This browser started it. The verifier has not been used yet.
    Started(Box<PendingSignIn>),
    /// The same token as before: a reload, or the Back button.
    Reload,
    /// No pending sign-in of this browser: ask the visitor before spending the token.
    Unsolicited,
}

impl BrowserSession {
    /// Stores a sign-in that leaves for Stytch now. It replaces one of the same type for the same organization.
    pub async fn start(&self, pending: &PendingSignIn) -> Result<(), AppError> {
        self.write(Rotate::No, |data| {
            let all = &mut data.pending_sign_ins;
            let is_old = |it: &PendingSignIn| it.started_at + 2 * TEN_MINUTES <= pending.started_at;
            all.retain(|it| !it.is_like(pending) && !is_old(it));
            let too_many = (all.len() + 1).saturating_sub(MOST_PENDING);
            all.drain(..too_many);
            all.push(pending.clone());
        })
        .await
    }

    /// Takes the pending sign-in to which a callback belongs. `slug` is the organization that the callback states. The
    /// sign-in is deleted before Stytch is called, so that no two requests use its verifier.
    ///
    /// # Errors
    /// "Start again" when it was started ten minutes ago or earlier.
    pub async fn take(
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
        let pending = self.write(Rotate::No, |data| {
            data.last_token = Some(hash.clone());
            let at = find(data, token_type, slug)?;
            Some(data.pending_sign_ins.remove(at))
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

    /// Judges how a callback of this pending sign-in ended.
    ///
    /// If the verifier did not fit the token, puts the pending sign-in back: the token belongs to an earlier start in
    /// another tab, or to a stranger, and this one can still finish.
    ///
    /// # Errors
    /// Those of `result`. [`UnknownToken`] if Stytch does not know the token although the sign-in started a moment ago.
    pub async fn judge<T>(
        &self,
        pending: &PendingSignIn,
        result: Result<T, AppError>,
    ) -> Result<T, AppError> {
        let Err(AppError::StartAgain(again)) = &result else {
            return result;
        };
        match again.reason {
            Reason::NotLatest => self.put_back(pending).await?,
            Reason::TokenSpent if pending.started_at + A_MOMENT > self.now() => {
                return Err(AppError::ours(UnknownToken));
            }
            _ => {}
        }
        result
    }

    async fn put_back(&self, pending: &PendingSignIn) -> Result<(), AppError> {
        self.update(|data| {
            let all = &mut data.pending_sign_ins;
            // Another tab may have started a later one meanwhile.
            if !all.iter().any(|it| it.is_like(pending)) {
                all.insert(0, pending.clone());
            }
        })
        .await
    }

    /// The error for a callback of one of these types that came back without a token. It offers to start the latest
    /// pending sign-in again. No sign-in is deleted, because the callback does not state which one it was, and because
    /// anyone can make a link to it.
    pub async fn stopped(
        &self,
        token_types: &[TokenType],
        slug: Option<&Slug>,
        reason: Reason,
    ) -> Result<AppError, AppError> {
        let error = AppError::start_again(reason);
        let data = self.data().await?;
        let found = token_types.iter().filter_map(|it| find(&data, *it, slug));
        let pending = found.map(|at| &data.pending_sign_ins[at]);
        let latest = pending.max_by_key(|pending| pending.started_at);
        Ok(match latest {
            Some(pending) => error.with_origin(&pending.origin),
            None => error,
        })
    }
}

/// Position of the sign-in to which a callback belongs: the latest of this type, for the organization that the callback
/// states. Not every callback states one.
fn find(data: &SessionData, token_type: TokenType, slug: Option<&Slug>) -> Option<usize> {
    data.pending_sign_ins.iter().rposition(|pending| {
        let is_there = slug.is_none_or(|slug| pending.slug().is_none_or(|it| it == slug));
        pending.token_type == token_type && is_there
    })
}
