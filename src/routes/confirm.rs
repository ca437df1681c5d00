//! `GET`+`POST /confirm` — a sign-in arrived that this browser did not begin. Go on?
//!
//! An identity provider's portal or a link in a mail begins sign-ins elsewhere; so does an attacker who wants the
//! visitor to work in the attacker's account. Only a person can tell them apart.

use axum::{
    Form,
    extract::State,
    response::{Html, Redirect},
};
use serde::Deserialize;

use super::{
    Options,
    authenticate::{self, Arrived},
    discovery,
};
use crate::{
    error::AppError,
    session::{BrowserSession, Parked, TokenType},
    state::AppState,
    stytch::SessionOptions,
    views::{self, ConfirmPage, Shell},
};

/// Which sign-in the page asked about.
#[derive(Deserialize)]
pub struct ConfirmForm {
    #[serde(default)]
    which: String,
}

/// Asks. Nothing is spent and nobody is signed out by looking.
pub async fn ask(session: BrowserSession, shell: Shell) -> Result<Html<String>, AppError> {
    let parked = session.parked().await?;
    views::render(&ConfirmPage {
        shell,
        sign_in: session.sign_in_state().await?,
        by_link: matches!(
            parked.token_type,
            TokenType::Discovery | TokenType::MultiTenantMagicLinks
        ),
        which: parked.which(),
        once: views::once(),
    })
}

/// Goes on as the callback would have. What Stytch was never asked about can be asked again.
pub async fn go_on(
    State(app): State<AppState>,
    session: BrowserSession,
    Options(options): Options,
    Form(form): Form<ConfirmForm>,
) -> Result<Redirect, AppError> {
    let Some(parked) = session.take_parked(&form.which).await? else {
        return Ok(Redirect::to("/confirm"));
    };
    let finished = finish(&app, &session, options, &parked).await;
    if let Err(AppError::TryLater(later)) = &finished
        && !later.may_have_happened
    {
        session.park_again(parked).await?;
    }
    finished
}

async fn finish(
    app: &AppState,
    session: &BrowserSession,
    options: SessionOptions,
    parked: &Parked,
) -> Result<Redirect, AppError> {
    let token = &parked.token;
    match parked.token_type {
        kind @ (TokenType::DiscoveryOauth | TokenType::Discovery) => {
            discovery::finish(&app.stytch, session, kind, token, None).await
        }
        kind @ (TokenType::Oauth | TokenType::Sso | TokenType::MultiTenantMagicLinks) => {
            let came = Arrived::unasked(kind, token.clone(), parked.slug.as_deref());
            authenticate::finish(app, session, options, came).await
        }
    }
}
