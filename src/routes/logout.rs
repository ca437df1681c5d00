//! `POST /logout`: sign out here and at Stytch. Also ends a sign-in in progress ("use another account").
//!
//! - Needs: [`Context`], [`BrowserSession`].
//! - Relies on: the layers of every page ([`super`]), `csrf` (otherwise a sibling subdomain signs the visitor
//!   out), `session_cookie` (removes the cookie), `detached` (otherwise a disconnect signs out here and not at
//!   Stytch).

use std::time::Duration;

use axum::{Extension, extract::State, response::Redirect};
use tokio::time::timeout;

use crate::{
    error::{AppError, vendor},
    session::{BrowserSession, Context},
    sign_in::SignIn,
    web::session_cookie::ForgetCookie,
};

/// How long the response waits for Stytch to confirm that the session has ended.
const CONFIRMATION: Duration = Duration::from_secs(1);

/// Signs out. The cookie is removed in any case: another tab may have changed the session meanwhile, and the session store
/// may be down.
pub async fn logout(
    State(context): State<Context>,
    session: BrowserSession,
) -> (Extension<ForgetCookie>, Result<Redirect, AppError>) {
    let done = sign_out(&context, &session).await;
    (
        Extension(ForgetCookie),
        done.map_err(AppError::while_signing_out),
    )
}

/// Signs out here first, whatever Stytch does, and then at Stytch, in a task that outlives this request. The start page
/// tells if Stytch has not confirmed in time.
async fn sign_out(context: &Context, session: &BrowserSession) -> Result<Redirect, AppError> {
    let to = |url| Ok(Redirect::to(url));
    let was = session.sign_in_state().await?;
    let member = match (session.end().await, was) {
        (Err(AppError::SessionGone), _) | (Ok(()), SignIn::Nobody) => return to("/"),
        (Err(error), SignIn::Member(member)) => {
            // The record stays, but it is worth nothing once Stytch has ended the session.
            session.revoke(member.session_token.clone());
            return Err(error);
        }
        (Err(error), _) => return Err(error),
        (Ok(()), SignIn::Member(member)) => member,
        // An intermediate session can't be revoked; nobody knows it any longer.
        (Ok(()), SignIn::Choosing(_) | SignIn::StepUp(_) | SignIn::Mfa(_)) => {
            return to("/?signed_out=half");
        }
    };
    let stytch = context.stytch.clone();
    let revoked = context.spawn(async move {
        let revoked = stytch.sessions().revoke(&member.session_token).await;
        revoked.inspect_err(vendor::log_setup).is_ok()
    });
    match timeout(CONFIRMATION, revoked).await {
        Ok(Ok(true)) => to("/?signed_out=yes"),
        _ => to("/?signed_out=here"),
    }
}
