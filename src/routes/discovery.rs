//! `GET /discovery` — the browser is back from the provider or comes from a link in an e-mail, with a one-time token.

use axum::{
    extract::{Query, State},
    response::Redirect,
};

use super::{CallbackQuery, Came};
use crate::{
    error::{AppError, StartAgain},
    session::{Begun, BrowserSession, Callback, Pending, TokenType},
    stytch::{PkceVerifier, Stytch, discovery::Discovered, secret::CallbackToken},
};

const KINDS: [TokenType; 2] = [TokenType::DiscoveryOauth, TokenType::Discovery];

/// Spends the token if this browser began the sign-in, and asks first if it did not (login CSRF). Answers a redirect
/// to a clean URL, so the token stands in no history and no `Referer`.
pub async fn callback(
    State(stytch): State<Stytch>,
    session: BrowserSession,
    Query(query): Query<CallbackQuery>,
) -> Result<Redirect, AppError> {
    let (kind, token) = match query.read(&KINDS)? {
        Came::Token(kind, token, _) => (kind, token),
        Came::Stopped(reason) => {
            let begun = session.cancel(&KINDS).await?.unwrap_or_default();
            return Err(StartAgain::after(reason, &begun));
        }
    };
    match session.take(kind, &token).await? {
        Callback::Begun(it) => finish(&stytch, &session, kind, &token, Some(*it)).await,
        Callback::Again => Ok(Redirect::to(&session.sign_in_state().await?.home())),
        Callback::Unasked => {
            session.park(kind, token, None).await?;
            Ok(Redirect::to("/confirm"))
        }
    }
}

/// Nobody is signed in by this: an address is proved, and an organization must be chosen. Without `pending` the
/// visitor has confirmed a sign-in that this browser did not begin.
pub(super) async fn finish(
    stytch: &Stytch,
    session: &BrowserSession,
    kind: TokenType,
    token: &CallbackToken,
    pending: Option<Pending>,
) -> Result<Redirect, AppError> {
    let (verifier, begun) = match pending {
        Some(pending) => (Some(pending.verifier), pending.begun),
        None if kind == TokenType::Discovery => (None, Begun::by_email()),
        None => (None, Begun::default()),
    };
    let found = spend(stytch, kind, token, verifier.as_ref()).await;
    let found = found.map_err(|error| AppError::from(error).beginning_with(&begun))?;
    session.choose(found, begun).await?;
    Ok(Redirect::to("/organizations"))
}

/// Each kind of token has a call of its own.
async fn spend(
    stytch: &Stytch,
    kind: TokenType,
    token: &CallbackToken,
    verifier: Option<&PkceVerifier>,
) -> crate::stytch::Result<Discovered> {
    match kind {
        TokenType::Discovery => stytch.magic_links().discovery_authenticate(token).await,
        // The last three come to another route.
        TokenType::DiscoveryOauth
        | TokenType::Oauth
        | TokenType::Sso
        | TokenType::MultiTenantMagicLinks => {
            stytch.oauth().discovery_authenticate(token, verifier).await
        }
    }
}
