//! `GET /organizations` — where the proved address may go; for a member, the organizations to switch to.

use axum::{
    extract::State,
    response::{Html, IntoResponse, Redirect, Response},
};

use crate::{
    error::AppError,
    session::{Begun, BrowserSession, Offered, SignIn, SignedInMember},
    state::AppState,
    stytch::Stytch,
    views::{self, OrganizationsPage, Shell, SwitchPage},
};

/// Before the sign-in the list comes from the session, as Stytch gave it along: a reload costs no call. For a member
/// Stytch is asked.
pub async fn list(
    State(app): State<AppState>,
    session: BrowserSession,
    shell: Shell,
) -> Result<Response, AppError> {
    let page: Result<Html<String>, AppError> = match session.sign_in_state().await? {
        SignIn::Member(_) => return Ok(switch(&app, &session, shell).await?.into_response()),
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

async fn switch(
    app: &AppState,
    session: &BrowserSession,
    shell: Shell,
) -> Result<Html<String>, AppError> {
    let Some(member) = session.member().await? else {
        return Err(AppError::SessionGone);
    };
    let mut others = all(&app.stytch, session, &member).await?;
    others.retain(|offered| offered.id != member.organization.organization_id);
    views::render(&SwitchPage {
        shell,
        member,
        others,
        providers: app.providers.to_vec(),
        once: views::once(),
    })
}

/// What a member may switch to.
async fn all(
    stytch: &Stytch,
    session: &BrowserSession,
    member: &SignedInMember,
) -> Result<Vec<Offered>, AppError> {
    match stytch
        .discovery()
        .organizations(&member.session_token)
        .await
    {
        Ok(found) => Ok(found
            .into_iter()
            .filter_map(|found| Offered::new(found, None))
            .collect()),
        Err(error) => Err(session.refused(error, &Begun::default()).await),
    }
}

/// The one of them with this id; what is not offered can't be chosen.
pub(super) async fn offered(
    stytch: &Stytch,
    session: &BrowserSession,
    member: &SignedInMember,
    wanted: &str,
) -> Result<Offered, AppError> {
    let all = all(stytch, session, member).await?;
    let mut wanted = all
        .into_iter()
        .filter(|offered| offered.id.as_str() == wanted);
    wanted.next().ok_or(AppError::NotFound)
}
