//! `GET /authenticate` — the browser is back from signing in to one organization.

use axum::{
    extract::{Query, State},
    response::Redirect,
};

use super::{CallbackQuery, Came, Options};
use crate::{
    error::{AppError, Reason, StartAgain},
    session::{BrowserSession, Callback, Pending, TokenType},
    stytch::{Login, SessionOptions, Stytch, oauth::Authenticate, secret::CallbackToken},
};

const KIND: TokenType = TokenType::Oauth;

/// As [`super::discovery::callback`], for the organization flow.
pub async fn callback(
    State(stytch): State<Stytch>,
    session: BrowserSession,
    Options(options): Options,
    Query(query): Query<CallbackQuery>,
) -> Result<Redirect, AppError> {
    let token = match query.read(KIND)? {
        Came::Token(token) => token,
        Came::Cancelled => {
            let begun = session.cancel(KIND).await?.unwrap_or_default();
            return Err(StartAgain::after(Reason::Cancelled, &begun));
        }
    };
    match session.take(KIND, &token).await? {
        Callback::Begun(pending) => finish(&stytch, &session, &token, Some(pending), options).await,
        Callback::Again => Ok(Redirect::to(&session.sign_in_state().await?.home())),
        Callback::Unasked => {
            session.park(KIND, token).await?;
            Ok(Redirect::to("/confirm"))
        }
    }
}

/// Without `pending` the visitor has confirmed a sign-in that this browser did not begin.
pub(super) async fn finish(
    stytch: &Stytch,
    session: &BrowserSession,
    token: &CallbackToken,
    pending: Option<Pending>,
    options: SessionOptions,
) -> Result<Redirect, AppError> {
    let mut request = Authenticate::new(token);
    request.pkce_code_verifier = pending.as_ref().map(|pending| &pending.verifier);
    request.options = options;
    let begun = pending
        .as_ref()
        .map(|pending| pending.begun.clone())
        .unwrap_or_default();
    let answer = stytch.oauth().authenticate(&request).await;
    let answer = answer.map_err(|error| AppError::from(error).beginning_with(&begun))?;
    if let Some(asked) = pending.and_then(|pending| pending.organization)
        && asked.organization_id != answer.organization_id
    {
        tracing::warn!(asked = %asked.organization_id, came = %answer.organization_id, "another organization");
        return Err(AppError::WrongOrganization { asked });
    }
    match answer.login {
        Login::SignedIn(member) => Ok(Redirect::to(&session.sign_in(&member).await?)),
        Login::StepUp(due) => {
            session.step_up(*due, begun).await?;
            Ok(Redirect::to("/step_up"))
        }
        Login::Mfa(due) => {
            session.mfa(*due, begun).await?;
            Ok(Redirect::to("/mfa"))
        }
    }
}
