//! `POST /logout` — sign out here and at Stytch. Also ends a half-done sign-in ("use another account").

use axum::{Extension, extract::State, response::Redirect};
use tokio::time::timeout;

use crate::{
    error::AppError,
    session::{BrowserSession, SignIn},
    state::AppState,
    web::cookie::ForgetCookie,
};

/// Here first, whatever Stytch does; then there, in a task that outlives this request. The start page says so if
/// Stytch has not confirmed within a second.
///
/// The cookie goes in any case: another tab may have changed the session while this one asked to end it.
pub async fn logout(
    State(app): State<AppState>,
    session: BrowserSession,
) -> Result<(Extension<ForgetCookie>, Redirect), AppError> {
    let to = |url| Ok((Extension(ForgetCookie), Redirect::to(url)));
    let was = session.sign_in_state().await?;
    let member = match (session.end().await, was) {
        (Err(AppError::SessionGone), _) | (Ok(()), SignIn::Nobody) => return to("/"),
        (Err(error), _) => return Err(error),
        (Ok(()), SignIn::Member(member)) => member,
        // An intermediate session can't be revoked; nobody knows it any more.
        (Ok(()), SignIn::Choosing(_) | SignIn::StepUp(_) | SignIn::Mfa(_)) => {
            return to("/?signed_out=half");
        }
    };
    let stytch = app.stytch.clone();
    let revoke = app.spawn(async move {
        let answer = stytch.sessions().revoke(&member.session_token).await;
        // Gone already is as good as ended.
        answer.is_ok_and(|()| true)
    });
    match timeout(app.logout_wait, revoke).await {
        Ok(Ok(true)) => to("/?signed_out=yes"),
        _ => to("/?signed_out=here"),
    }
}
