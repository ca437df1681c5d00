//! `GET`+`POST /confirm` — a sign-in arrived that this browser did not begin. Go on?
//!
//! An identity provider's portal or a link in a mail begins sign-ins elsewhere; so does an attacker who wants the
//! visitor to work in the attacker's account. Only a person can tell them apart.

use axum::{
    extract::State,
    response::{Html, Redirect},
};

use super::{
    Options,
    authenticate::{self, Arrived},
    discovery,
};
use crate::{
    error::AppError,
    session::{BrowserSession, TokenType},
    stytch::Stytch,
    views::{self, ConfirmPage, Shell},
};

/// Asks. Nothing is spent and nobody is signed out by looking.
pub async fn ask(session: BrowserSession, shell: Shell) -> Result<Html<String>, AppError> {
    session.parked().await?;
    views::render(&ConfirmPage {
        shell,
        sign_in: session.sign_in_state().await?,
        once: views::once(),
    })
}

/// Goes on as the callback would have.
pub async fn go_on(
    State(stytch): State<Stytch>,
    session: BrowserSession,
    Options(options): Options,
) -> Result<Redirect, AppError> {
    let parked = session.take_parked().await?;
    match parked.token_type {
        kind @ (TokenType::DiscoveryOauth | TokenType::Discovery) => {
            discovery::finish(&stytch, &session, kind, &parked.token, None).await
        }
        kind @ (TokenType::Oauth | TokenType::Sso | TokenType::MultiTenantMagicLinks) => {
            let came = Arrived::unasked(kind, parked.token, parked.slug.as_deref());
            authenticate::finish(&stytch, &session, options, came).await
        }
    }
}
