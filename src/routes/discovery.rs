//! `GET /discovery` — the browser is back from the provider, with a one-time token.

use axum::{
    extract::{Query, State},
    response::Redirect,
};

use super::{CallbackQuery, Came};
use crate::{
    error::{AppError, Reason, StartAgain},
    session::{Begun, BrowserSession, Callback, TokenType},
    stytch::{PkceVerifier, Stytch, secret::CallbackToken},
};

const KIND: TokenType = TokenType::DiscoveryOauth;

/// Spends the token if this browser began the sign-in, and asks first if it did not (login CSRF). Answers a redirect
/// to a clean URL, so the token stands in no history and no `Referer`.
pub async fn callback(
    State(stytch): State<Stytch>,
    session: BrowserSession,
    Query(query): Query<CallbackQuery>,
) -> Result<Redirect, AppError> {
    let token = match query.read(&[KIND])? {
        Came::Token(_, token) => token,
        Came::Cancelled => {
            let begun = session.cancel(&[KIND]).await?.unwrap_or_default();
            return Err(StartAgain::after(Reason::Cancelled, &begun));
        }
    };
    match session.take(KIND, &token).await? {
        Callback::Begun(it) => {
            finish(&stytch, &session, &token, Some(&it.verifier), it.begun).await
        }
        Callback::Again => Ok(Redirect::to(&session.sign_in_state().await?.home())),
        Callback::Unasked => {
            session.park(KIND, token).await?;
            Ok(Redirect::to("/confirm"))
        }
    }
}

/// Nobody is signed in by this: an address is proved, and an organization must be chosen.
pub(super) async fn finish(
    stytch: &Stytch,
    session: &BrowserSession,
    token: &CallbackToken,
    verifier: Option<&PkceVerifier>,
    begun: Begun,
) -> Result<Redirect, AppError> {
    let found = stytch.oauth().discovery_authenticate(token, verifier).await;
    let found = found.map_err(|error| AppError::from(error).beginning_with(&begun))?;
    session.choose(found, begun).await?;
    Ok(Redirect::to("/organizations"))
}
