//! `GET`+`POST /login/{organization_id}` — enter a discovered organization, or switch to another one.

use axum::{
    Form,
    extract::{Path, State},
    response::{Html, Redirect},
};
use serde::Deserialize;

use super::{Options, organizations};
use crate::{
    error::{AppError, Reason, StartAgain},
    session::{Begun, BrowserSession, SignedInMember},
    stytch::{Login, SessionOptions, Stytch},
    views::{self, LoginPage, Shell},
};

/// Who the visitor was when the form was shown: a member's organization by its slug, or the address that was proved.
#[derive(Deserialize)]
pub struct LoginForm {
    #[serde(default)]
    here: String,
}

/// Asks. A link can't sign anybody in: only the button does.
pub async fn ask(
    State(stytch): State<Stytch>,
    session: BrowserSession,
    shell: Shell,
    Path(wanted): Path<String>,
) -> Result<Html<String>, AppError> {
    let member = session.member().await?;
    let is_member = member.is_some();
    let (email, here, offered, until) = if let Some(member) = member {
        let offered = organizations::offered(&stytch, &session, &member, &wanted).await?;
        let here = member.organization.organization_slug;
        (member.member.email_address, here, offered, None)
    } else {
        let (choosing, offered) = session.chosen(&wanted).await?;
        let email = choosing.email;
        (email.clone(), email, offered, Some(choosing.until))
    };
    views::render(&LoginPage {
        shell,
        email,
        here,
        is_member,
        offered,
        until,
        once: views::once(),
    })
}

/// Trades the intermediate session, or the session of another organization, for a member session of this one.
pub async fn login(
    State(stytch): State<Stytch>,
    session: BrowserSession,
    Options(options): Options,
    Path(wanted): Path<String>,
    Form(form): Form<LoginForm>,
) -> Result<Redirect, AppError> {
    match session.member().await? {
        Some(member) => switch(&stytch, &session, &options, &member, &wanted, &form.here).await,
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
    // Only what the list showed.
    let (choosing, offered) = session.chosen(wanted).await?;
    if choosing.email != here {
        // Somebody else's form, or a member's: another tab has begun a sign-in since.
        return Err(StartAgain::plain(Reason::NotBegun));
    }
    let discovery = stytch.discovery();
    match discovery
        .exchange(&choosing.ist, &offered.id, options)
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
        Err(error) => {
            let begun = choosing.again_at(&offered);
            let error = session.refused(error, &begun).await;
            Err(error.at(&offered.organization()))
        }
    }
}

/// The session at hand ends, here and at Stytch, as soon as the new one or what it still lacks is kept.
async fn switch(
    stytch: &Stytch,
    session: &BrowserSession,
    options: &SessionOptions,
    member: &SignedInMember,
    wanted: &str,
    here: &str,
) -> Result<Redirect, AppError> {
    still_here(member, here)?;
    let offered = organizations::offered(stytch, session, member, wanted).await?;
    if offered.id == member.organization.organization_id {
        return Ok(Redirect::to(&member.home()));
    }
    let begun = Begun {
        since: Some(member.since),
        ..Begun::at(&offered.slug, None)
    };
    let sessions = stytch.sessions();
    match sessions
        .exchange(&member.session_token, &offered.id, options)
        .await
    {
        Ok(Login::SignedIn(new)) => {
            let home = session.switch(&new, member.since).await?;
            Ok(Redirect::to(&home))
        }
        Ok(Login::StepUp(due)) => {
            session.step_up(*due, begun).await?;
            Ok(Redirect::to("/step_up"))
        }
        Ok(Login::Mfa(due)) => {
            session.mfa(*due, begun).await?;
            Ok(Redirect::to("/mfa"))
        }
        Err(error) => {
            let error = session.refused(error, &begun).await;
            Err(error.at(&offered.organization()))
        }
    }
}

/// The form must be of this session's organization: another tab may have switched meanwhile.
fn still_here(member: &SignedInMember, here: &str) -> Result<(), AppError> {
    if here.is_empty() {
        return Err(StartAgain::plain(Reason::NotBegun));
    }
    member.is_at(here)
}
