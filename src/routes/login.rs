//! `GET`+`POST /login/{organization_id}` — enter a discovered organization.

use axum::{
    extract::{Path, State},
    response::{Html, Redirect},
};

use super::Options;
use crate::{
    error::AppError,
    session::BrowserSession,
    stytch::{Login, Stytch},
    views::{self, LoginPage, Shell},
};

/// Asks. A link can't sign anybody in: only the button does.
pub async fn ask(
    session: BrowserSession,
    shell: Shell,
    Path(wanted): Path<String>,
) -> Result<Html<String>, AppError> {
    let choosing = session.choosing().await?;
    let offered = choosing.offers(&wanted).ok_or(AppError::NotFound)?;
    views::render(&LoginPage {
        shell,
        email: choosing.email.clone(),
        offered: offered.clone(),
        once: views::once(),
    })
}

/// Trades the intermediate session for a member session.
pub async fn login(
    State(stytch): State<Stytch>,
    session: BrowserSession,
    Options(options): Options,
    Path(wanted): Path<String>,
) -> Result<Redirect, AppError> {
    let choosing = session.choosing().await?;
    // Only what the list showed.
    let offered = choosing.offers(&wanted).ok_or(AppError::NotFound)?;
    match stytch
        .discovery()
        .exchange(&choosing.ist, &offered.id, &options)
        .await
    {
        Ok(Login::SignedIn(member)) => Ok(Redirect::to(&session.sign_in(&member).await?)),
        Ok(Login::StepUp(due)) => {
            session.step_up(*due, choosing.begun).await?;
            Ok(Redirect::to("/step_up"))
        }
        Ok(Login::Mfa(due)) => {
            session.mfa(*due, choosing.begun).await?;
            Ok(Redirect::to("/mfa"))
        }
        Err(error) => Err(session.refused(error, &choosing.begun).await),
    }
}
