//! `GET /organizations` — where the proved address may go.

use axum::{
    extract::State,
    response::{Html, IntoResponse, Redirect, Response},
};

use crate::{
    error::AppError,
    session::{BrowserSession, SignIn},
    state::AppState,
    views::{self, OrganizationsPage, Shell, SwitchPage},
};

/// The list comes from the session, as Stytch gave it with the sign-in: a reload costs no call. A signed-in visitor
/// is offered to sign in again, which ends in this list.
pub async fn list(
    State(app): State<AppState>,
    session: BrowserSession,
    shell: Shell,
) -> Result<Response, AppError> {
    let page: Result<Html<String>, AppError> = match session.sign_in_state().await? {
        SignIn::Member(member) => views::render(&SwitchPage {
            shell,
            member: *member,
            providers: app.providers.to_vec(),
        }),
        SignIn::Nobody | SignIn::Choosing(_) => views::render(&OrganizationsPage {
            shell,
            choosing: session.choosing().await?,
            once: views::once(),
        }),
        // An organization is chosen; what is missing is asked for there.
        unfinished @ (SignIn::StepUp(_) | SignIn::Mfa(_)) => {
            return Ok(Redirect::to(&unfinished.home()).into_response());
        }
    };
    Ok(page?.into_response())
}
