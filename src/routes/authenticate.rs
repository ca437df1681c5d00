//! `GET /authenticate` — the browser is back from signing in to one organization.

use axum::{
    extract::{Query, State},
    response::Redirect,
};

use super::{CallbackQuery, Came, Options};
use crate::{
    error::{AppError, Reason, StartAgain},
    session::{BrowserSession, Callback, Pending, TokenType},
    stytch::{
        Along, Login, SessionOptions, Stytch, objects::OrganizationId, secret::CallbackToken,
    },
};

const KINDS: [TokenType; 2] = [TokenType::Oauth, TokenType::Sso];

/// As [`super::discovery::callback`], for the organization flow: by a provider or by the organization's own SSO.
pub async fn callback(
    State(stytch): State<Stytch>,
    session: BrowserSession,
    Options(options): Options,
    Query(query): Query<CallbackQuery>,
) -> Result<Redirect, AppError> {
    let (kind, token) = match query.read(&KINDS)? {
        Came::Token(kind, token) => (kind, token),
        Came::Cancelled => {
            let begun = session.cancel(&KINDS).await?.unwrap_or_default();
            return Err(StartAgain::after(Reason::Cancelled, &begun));
        }
    };
    match session.take(kind, &token).await? {
        Callback::Begun(it) => finish(&stytch, &session, kind, &token, Some(it), options).await,
        Callback::Again => Ok(Redirect::to(&session.sign_in_state().await?.home())),
        Callback::Unasked => {
            session.park(kind, token).await?;
            Ok(Redirect::to("/confirm"))
        }
    }
}

/// Without `pending` the visitor has confirmed a sign-in that this browser did not begin.
pub(super) async fn finish(
    stytch: &Stytch,
    session: &BrowserSession,
    kind: TokenType,
    token: &CallbackToken,
    pending: Option<Pending>,
    options: SessionOptions,
) -> Result<Redirect, AppError> {
    let along = Along {
        pkce_code_verifier: pending.as_ref().map(|pending| &pending.verifier),
        options,
        ..Along::default()
    };
    let begun = pending
        .as_ref()
        .map(|it| it.begun.clone())
        .unwrap_or_default();
    let (login, organization_id) = spend(stytch, kind, token, &along)
        .await
        .map_err(|error| AppError::from(error).beginning_with(&begun))?;
    if let Some(asked) = pending.and_then(|pending| pending.organization)
        && asked.organization_id != organization_id
    {
        tracing::warn!(asked = %asked.organization_id, came = %organization_id, "another organization");
        return Err(AppError::WrongOrganization { asked });
    }
    match login {
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

/// Each kind of token has a call of its own.
async fn spend(
    stytch: &Stytch,
    kind: TokenType,
    token: &CallbackToken,
    along: &Along<'_>,
) -> crate::stytch::Result<(Login, OrganizationId)> {
    if kind == TokenType::Sso {
        let answer = stytch.sso().authenticate(token, along).await?;
        return Ok((answer.login, answer.organization_id));
    }
    let answer = stytch.oauth().authenticate(token, along).await?;
    Ok((answer.login, answer.organization_id))
}
