//! `POST /logout`: signs out here and at Stytch. Also ends a sign-in in progress ("Use another account").
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

/// Maximum time that the response waits for Stytch to confirm that the session has ended.
const CONFIRMATION: Duration = Duration::from_secs(1);

/// Signs out. Always removes the cookie, because another tab may have changed the session, or the session store may be
/// down.
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

/// Signs out here first, and then at Stytch, in a task that can outlive the request. If Stytch does not confirm in
/// time, the start page says so.
async fn sign_out(context: &Context, session: &BrowserSession) -> Result<Redirect, AppError> {
    let to = |url| Ok(Redirect::to(url));
    let was = session.sign_in_state().await?;
    let member = match (session.end().await, was) {
        (Err(AppError::SessionGone), _) | (Ok(()), SignIn::Anonymous) => return to("/"),
        (Err(error), SignIn::Member(member)) => {
            // The record stays in the store, but it is useless after Stytch has ended the session.
            session.revoke(member.session_token.clone());
            return Err(error);
        }
        (Err(error), _) => return Err(error),
        (Ok(()), SignIn::Member(member)) => member,
        // An intermediate session can't be revoked. Its token was only in the record that is deleted now.
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
