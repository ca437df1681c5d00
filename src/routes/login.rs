//! `GET`+`POST /login/{organization_id}`: signs in to an organization from the list. A member switches to it instead.
//!
//! - Needs: [`Stytch`], [`Clock`], [`BrowserSession`], [`Options`], [`Shell`].
//! - Relies on: the layers of every page ([`super`]), `csrf` (otherwise a sibling subdomain submits the form),
//!   `detached` (otherwise a disconnect loses the sign-in), `replay` (otherwise a double click signs the visitor
//!   out), `one_at_a_time` (otherwise two tabs that submit at once sign the visitor out).

use axum::{
    Form,
    extract::{Path, State},
    response::{Html, Redirect},
};
use serde::Deserialize;

use super::{options::Options, switch};
use crate::{
    clock::Clock,
    error::{AppError, Reason},
    session::BrowserSession,
    stytch::{SessionOptions, Stytch},
    views::{self, LoginPage, Shell},
};

/// Who the visitor was when the form was shown: the email address of the sign-in in progress, or the slug of a member's
/// organization.
#[derive(Deserialize)]
pub struct LoginForm {
    #[serde(default)]
    here: String,
}

/// Asks for confirmation, because a GET request must not sign in.
pub async fn ask(
    State(stytch): State<Stytch>,
    State(clock): State<Clock>,
    session: BrowserSession,
    shell: Shell,
    Path(wanted): Path<String>,
) -> Result<Html<String>, AppError> {
    if let Some(member) = session.member().await? {
        return switch::ask(&stytch, &clock, &session, shell, member, &wanted).await;
    }
    let (choosing, offered) = session.chosen(&wanted).await?;
    views::render(&LoginPage {
        shell,
        now: clock.now(),
        email: choosing.email.clone(),
        here: choosing.email.clone(),
        is_member: false,
        offered,
        until: Some(choosing.until),
        form_id: views::form_id(),
    })
}

/// Exchanges the intermediate session for a member session.
pub async fn login(
    State(stytch): State<Stytch>,
    session: BrowserSession,
    Options(options): Options,
    Path(wanted): Path<String>,
    Form(form): Form<LoginForm>,
) -> Result<Redirect, AppError> {
    match session.member().await? {
        Some(member) => {
            switch::switch(&stytch, &session, &options, &member, &wanted, &form.here).await
        }
        None => enter(&stytch, &session, &options, &wanted, &form.here).await,
    }
}

async fn enter(
    stytch: &Stytch,
    session: &BrowserSession,
    options: &SessionOptions,
    wanted: &str,
    here: &str,
) -> Result<Redirect, AppError> {
    let (choosing, offered) = session.chosen(wanted).await?;
    if choosing.email != here {
        // Another tab has started a sign-in since the form was shown.
        return Err(AppError::start_again(Reason::Replaced));
    }
    let discovery = stytch.discovery();
    match discovery
        .exchange(&choosing.ist, &offered.id, options)
        .await
    {
        Ok(login) => choosing.arrive(login).await,
        Err(error) => Err(choosing.refused_at(error, &offered).await),
    }
}
