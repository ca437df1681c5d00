//! `GET /` — the sign-in page.

use axum::{
    extract::{Query, State},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use crate::{
    error::AppError,
    session::{BrowserSession, SignIn},
    state::AppState,
    views::{self, HomePage, Shell, SignedOut},
};

/// Set by [`super::logout`].
#[derive(Deserialize)]
pub struct HomeQuery {
    signed_out: Option<String>,
}

/// Offers both flows. A signed-in visitor is led to their organization.
pub async fn home(
    State(app): State<AppState>,
    session: BrowserSession,
    shell: Shell,
    Query(query): Query<HomeQuery>,
) -> Result<Response, AppError> {
    let sign_in = session.sign_in_state().await?;
    if let SignIn::Member(member) = sign_in {
        return Ok(Redirect::to(&member.home()).into_response());
    }
    let signed_out = match query.signed_out.as_deref() {
        Some("yes") => Some(SignedOut::Everywhere),
        Some("here") => Some(SignedOut::HereOnly),
        Some("half") => Some(SignedOut::HalfDone),
        _ => None,
    };
    let page = HomePage {
        shell,
        providers: app.providers.to_vec(),
        sign_in,
        signed_out,
    };
    Ok(views::render(&page)?.into_response())
}
