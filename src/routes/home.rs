//! `GET /`: the sign-in page.
//!
//! - Needs: [`BrowserSession`], [`Shell`].
//! - Relies on: the layers of every page ([`super`]).

use axum::{
    extract::Query,
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use crate::{
    error::AppError,
    session::BrowserSession,
    sign_in::SignIn,
    views::{self, HomePage, Shell, SignedOut},
};

/// Query of the redirect after [`super::logout`].
#[derive(Deserialize)]
pub struct HomeQuery {
    signed_out: Option<String>,
}

/// Shows both flows. Redirects a signed-in visitor to their organization.
pub async fn home(
    session: BrowserSession,
    shell: Shell,
    Query(query): Query<HomeQuery>,
) -> Result<Response, AppError> {
    let sign_in = session.sign_in_state().await?;
    if let SignIn::Member(_) = sign_in {
        return Ok(session.to_home().await?.into_response());
    }
    let signed_out = match query.signed_out.as_deref() {
        Some("yes") => Some(SignedOut::Everywhere),
        Some("here") => Some(SignedOut::HereOnly),
        Some("half") => Some(SignedOut::InProgress),
        _ => None,
    };
    let page = HomePage {
        providers: shell.site.providers().to_vec(),
        shell,
        sign_in,
        signed_out,
    };
    Ok(views::render(&page)?.into_response())
}
