//! `GET /organizations`: lists the organizations that the visitor can sign in to or, for a member, switch to. `?q=`
//! searches the list.
//!
//! - Needs: [`Stytch`], [`Clock`], [`BrowserSession`], [`Shell`].
//! - Relies on: the layers of every page ([`super`]).

use axum::{
    extract::{Query, State},
    response::{IntoResponse, Response},
};

use serde::Deserialize;

use super::switch;
use crate::{
    clock::Clock,
    error::AppError,
    session::BrowserSession,
    sign_in::SignIn,
    stytch::Stytch,
    views::{self, OrganizationList, OrganizationsPage, Shell},
};

/// Query to search for in names and slugs. Without it, the page shows all organizations.
#[derive(Deserialize)]
pub struct ListQuery {
    #[serde(default)]
    q: String,
}

/// Shows the list that Stytch returned with the verified address, so reloading the page does not call Stytch.
pub async fn list(
    State(stytch): State<Stytch>,
    State(clock): State<Clock>,
    session: BrowserSession,
    shell: Shell,
    Query(query): Query<ListQuery>,
) -> Result<Response, AppError> {
    match session.sign_in_state().await? {
        SignIn::Member(_) => Ok(switch::page(&stytch, &session, shell, &query.q)
            .await?
            .into_response()),
        SignIn::Anonymous | SignIn::Choosing(_) => {
            let choosing = session.choosing().await?.into_state();
            let page = OrganizationsPage {
                shell,
                now: clock.now(),
                list: OrganizationList::search(choosing.offered, choosing.more, &query.q),
                email: choosing.email,
                until: choosing.until,
                form_id: views::form_id(),
            };
            Ok(views::render(&page)?.into_response())
        }
        // The visitor has chosen an organization, and the next page asks for the missing factor.
        SignIn::StepUp(_) | SignIn::Mfa(_) => Ok(session.to_home().await?.into_response()),
    }
}
