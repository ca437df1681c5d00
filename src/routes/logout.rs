//! `POST /logout` — sign out here and at Stytch. Also ends a half-done sign-in ("use another account").

use axum::{extract::State, response::Redirect};
use tokio::time::timeout;

use crate::{
    error::AppError,
    session::{BrowserSession, SignIn},
    state::AppState,
};

/// Here first, whatever Stytch does; then there, in a task that outlives this request. The start page says so if
/// Stytch has not confirmed within a second.
pub async fn logout(
    State(app): State<AppState>,
    session: BrowserSession,
) -> Result<Redirect, AppError> {
    let was = session.sign_in_state().await?;
    session.end().await?;
    let member = match was {
        SignIn::Member(member) => member,
        SignIn::Nobody => return Ok(Redirect::to("/")),
        // An intermediate session can't be revoked; nobody knows it any more.
        _ => return Ok(Redirect::to("/?signed_out=half")),
    };
    let stytch = app.stytch.clone();
    let revoke = app.spawn(async move {
        let answer = stytch.sessions().revoke(&member.session_token).await;
        // Gone already is as good as ended.
        answer.is_ok_and(|()| true)
    });
    match timeout(app.logout_wait, revoke).await {
        Ok(Ok(true)) => Ok(Redirect::to("/?signed_out=yes")),
        _ => Ok(Redirect::to("/?signed_out=here")),
    }
}
