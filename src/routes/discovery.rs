//! `GET /discovery`: the browser returns from a provider, or from a link in an email, with a one-time token.
//!
//! - Needs: [`Stytch`], [`BrowserSession`].
//! - Relies on: the layers of every page ([`super`]), `speculation` (otherwise HEAD and prefetch spend the token,
//!   and the `Referer` of an error page contains it), `detached` (otherwise a disconnect loses the sign-in after
//!   the token was spent), `replay` (otherwise a second click signs the visitor out), `one_at_a_time` (otherwise
//!   a callback that another tab sends while Stytch handles this one looks unsolicited), and a log without
//!   query strings, as `request_id` writes it (they contain tokens).

use axum::{
    extract::{Query, State},
    response::Redirect,
};

use super::callback_query::CallbackQuery;
use crate::{
    error::AppError,
    session::{Arrival, BrowserSession},
    sign_in::{Callback, DiscoveryCallback, Origin, TokenType},
    stytch::{PkceVerifier, Provider, Stytch},
};

/// Uses the token if this browser has the pending sign-in. Otherwise, as for every link in an email, asks the visitor
/// first, because of login CSRF.
/// Redirects to a URL without the token, which would otherwise stay in the history and in the `Referer`.
pub async fn callback(
    State(stytch): State<Stytch>,
    session: BrowserSession,
    Query(query): Query<CallbackQuery>,
) -> Result<Redirect, AppError> {
    if let Some(reason) = query.stopped() {
        let types = [TokenType::DiscoveryOauth];
        return Err(session.stopped(&types, None, reason).await?);
    }
    let callback = query.discovery()?;
    match session
        .claim(callback.token_type(), None, callback.token())
        .await?
    {
        Arrival::Started(pending) => {
            let verifier = Some(&pending.verifier);
            let origin = pending.origin.clone();
            let finished = finish(&stytch, &session, &callback, verifier, origin).await;
            session.with_setup_hint(&pending, finished)
        }
        Arrival::Reload => session.to_home().await,
        Arrival::Unsolicited => {
            let callback = Callback::Discovery(callback);
            session.hold_for_confirmation(callback, None).await
        }
    }
}

/// Spends the token. Stytch returns the person's email address (after OAuth, the one that the provider reports), an
/// intermediate session, and the person's organizations. The visitor is not signed in yet, and must choose an
/// organization. The verifier is missing if this browser did not start the sign-in and the visitor has confirmed it.
pub(super) async fn finish(
    stytch: &Stytch,
    session: &BrowserSession,
    callback: &DiscoveryCallback,
    verifier: Option<&PkceVerifier>,
    origin: Origin,
) -> Result<Redirect, AppError> {
    let found = match callback {
        DiscoveryCallback::Oauth(token) => {
            stytch.oauth().discovery_authenticate(token, verifier).await
        }
        DiscoveryCallback::MagicLink(token) => {
            stytch.magic_links().discovery_authenticate(token).await
        }
    };
    match found {
        Ok(found) => {
            let origin = Origin {
                used_provider: Provider::of_type(&found.provider_type),
                ..origin
            };
            session.to_choosing(found, origin).await
        }
        Err(error) => Err(AppError::from(error).with_origin(&origin)),
    }
}
