//! `GET /organizations`: the organizations that the visitor can enter; for a member, those to switch to.
//!
//! - Needs: [`Stytch`], [`Clock`], [`BrowserSession`], [`Shell`].
//! - Relies on: the layers of every page ([`super`]).

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};

use super::switch;
use crate::{
    clock::Clock,
    error::AppError,
    session::BrowserSession,
    sign_in::SignIn,
    stytch::Stytch,
    views::{self, OrganizationsPage, Shell},
};

/// Shows the list that came with the verified address, so that a reload costs no call.
pub async fn list(
    State(stytch): State<Stytch>,
    State(clock): State<Clock>,
    session: BrowserSession,
    shell: Shell,
) -> Result<Response, AppError> {
    match session.sign_in_state().await? {
        SignIn::Member(_) => Ok(switch::page(&stytch, &session, shell)
            .await?
            .into_response()),
        SignIn::Nobody | SignIn::Choosing(_) => {
            let page = OrganizationsPage {
                shell,
                now: clock.now(),
                choosing: session.choosing().await?.into_state(),
                form_id: views::form_id(),
            };
            Ok(views::render(&page)?.into_response())
        }
        // The organization is chosen; the next page asks for what is missing.
        SignIn::StepUp(_) | SignIn::Mfa(_) => Ok(session.to_home().await?.into_response()),
    }
}
