//! Between leaving for Stytch and coming back: what a callback belongs to.

use super::{Begun, BrowserSession, Parked, Pending, Rotate, TEN_MINUTES, TokenType, state::Kept};
use crate::{
    error::{AppError, Reason, StartAgain},
    stytch::{pkce, secret::CallbackToken},
};

/// What a callback turned out to be.
pub enum Callback {
    /// Begun here: the verifier is ready to be sent along.
    Begun(Box<Pending>),
    /// The same token as before: a reload, or "back".
    Again,
    /// Not begun here: ask the visitor.
    Unasked,
}

impl BrowserSession {
    /// Remembers a sign-in that leaves for Stytch now. The last start of a kind wins.
    pub async fn begin(&self, kind: TokenType, pending: Pending) -> Result<(), AppError> {
        let change = |kept: &mut Kept| kept.pending.insert(kind, pending);
        self.write(Rotate::No, change).await.map(drop)
    }

    /// Takes the begun sign-in that a callback belongs to. It is gone from the session before Stytch is called, so
    /// no verifier is ever used twice.
    ///
    /// # Errors
    /// "Start again" when it was begun ten minutes ago or more.
    pub async fn take(&self, kind: TokenType, token: &CallbackToken) -> Result<Callback, AppError> {
        let kept = self.kept().await?;
        let hash = pkce::sha256(token.expose());
        if kept.last_token.as_ref() == Some(&hash) {
            return Ok(Callback::Again);
        }
        if !kept.pending.contains_key(&kind) {
            return Ok(Callback::Unasked);
        }
        let take = |kept: &mut Kept| {
            kept.last_token = Some(hash);
            kept.pending.remove(&kind)
        };
        match self.write(Rotate::No, take).await? {
            Some(pending) if pending.at + TEN_MINUTES > self.now() => {
                Ok(Callback::Begun(Box::new(pending)))
            }
            Some(pending) => Err(StartAgain::after(Reason::TookTooLong, &pending.begun)),
            None => Err(AppError::SessionGone),
        }
    }

    /// Forgets the begun sign-ins of these kinds, one of which came back without a token, and says how the last of them
    /// began.
    pub async fn cancel(&self, kinds: &[TokenType]) -> Result<Option<Begun>, AppError> {
        let pending = self.kept().await?.pending;
        if !kinds.iter().any(|kind| pending.contains_key(kind)) {
            return Ok(None);
        }
        let take = |kept: &mut Kept| {
            let taken = kinds.iter().filter_map(|kind| kept.pending.remove(kind));
            taken.max_by_key(|pending| pending.at)
        };
        let pending = self.write(Rotate::No, take).await?;
        Ok(pending.map(|pending| pending.begun))
    }

    /// Keeps an unasked callback's token, unspent, until the visitor has answered. Who is signed in stays.
    pub async fn park(
        &self,
        token_type: TokenType,
        token: CallbackToken,
        slug: Option<String>,
    ) -> Result<(), AppError> {
        let parked = Parked {
            token_type,
            token,
            slug,
            at: self.now(),
        };
        let change = |kept: &mut Kept| kept.parked = Some(parked);
        self.write(Rotate::No, change).await
    }

    /// The callback that waits for an answer.
    pub async fn parked(&self) -> Result<Parked, AppError> {
        match self.kept().await?.parked {
            Some(parked) if parked.at + TEN_MINUTES > self.now() => Ok(parked),
            Some(_) => Err(StartAgain::plain(Reason::TookTooLong)),
            None => Err(StartAgain::plain(Reason::NotBegun)),
        }
    }

    /// Takes that callback: the visitor said yes to `which`, as [`Parked::which`] names it. `None` when another one has
    /// come since the question was asked: it must be asked again.
    pub async fn take_parked(&self, which: &str) -> Result<Option<Parked>, AppError> {
        if self.parked().await?.which() != which {
            return Ok(None);
        }
        let take = |kept: &mut Kept| {
            let parked = kept.parked.take_if(|parked| parked.which() == which)?;
            kept.last_token = Some(parked.which());
            Some(parked)
        };
        self.write(Rotate::No, take).await
    }

    /// Puts a callback back that could not be spent: Stytch was never reached.
    pub async fn park_again(&self, parked: Parked) -> Result<(), AppError> {
        let change = |kept: &mut Kept| {
            kept.last_token = None;
            kept.parked = Some(parked);
        };
        self.write(Rotate::No, change).await
    }
}
