//! Switching organizations: how `/organizations` and `/login/{organization_id}` respond to a signed-in member.
//!
//! - Needs: [`Stytch`], [`Clock`], [`BrowserSession`], [`SessionOptions`], [`Shell`].
//! - Relies on: the same layers as [`super::login`].

use std::sync::Arc;

use axum::response::{Html, Redirect};

use crate::{
    clock::Clock,
    error::{AppError, NotAllowed, Reason},
    session::{BrowserSession, current_member::check_organization},
    sign_in::{OfferedOrganization, Origin, SignedInMember},
    stytch::{SessionOptions, Stytch},
    views::{self, LoginPage, OrganizationList, Shell, SwitchPage},
};

/// Lists the organizations that the member can switch to and that match the query. Calls Stytch.
pub(super) async fn page(
    stytch: &Stytch,
    session: &BrowserSession,
    shell: Shell,
    query: &str,
) -> Result<Html<String>, AppError> {
    let member = session.member().await?.ok_or(AppError::SessionGone)?;
    let (mut others, more) = organizations(stytch, session, &member).await?;
    others.retain(|offered| offered.id != member.organization.organization_id);
    views::render(&SwitchPage {
        providers: shell.site.providers().to_vec(),
        shell,
        member,
        list: OrganizationList::search(others, more, query),
        form_id: views::form_id(),
    })
}

/// Asks for confirmation, because a GET request must not switch.
pub(super) async fn ask(
    stytch: &Stytch,
    clock: &Clock,
    session: &BrowserSession,
    shell: Shell,
    member: Arc<SignedInMember>,
    wanted: &str,
) -> Result<Html<String>, AppError> {
    let offered = find(stytch, session, &member, wanted).await?;
    views::render(&LoginPage {
        shell,
        now: clock.now(),
        email: member.member.email_address.clone(),
        here: member.organization.organization_slug.to_string(),
        is_member: true,
        offered,
        until: None,
        form_id: views::form_id(),
    })
}

/// Exchanges the session for one in another organization. When the new session is stored, or the step that it requires,
/// the old session ends here and at Stytch.
pub(super) async fn switch(
    stytch: &Stytch,
    session: &BrowserSession,
    options: &SessionOptions,
    member: &SignedInMember,
    wanted: &str,
    here: &str,
) -> Result<Redirect, AppError> {
    if here.is_empty() {
        return Err(AppError::start_again(Reason::Replaced));
    }
    // Another tab may have switched since the form was shown.
    check_organization(member, here)?;
    let offered = find(stytch, session, member, wanted).await?;
    if offered.id == member.organization.organization_id {
        return Ok(Redirect::to(&member.home()));
    }
    let origin = Origin::switch(member, &offered.slug);
    let sessions = stytch.sessions();
    let exchanged = sessions.exchange(&member.session_token, &offered.id, options);
    match exchanged.await {
        Ok(login) => session.arrive(login, origin).await,
        Err(error) => {
            let organization = offered.organization();
            Err(session.refused_at(error, &origin, &organization).await)
        }
    }
}

/// Finds the organization in the member's list. Other organizations can't be chosen.
async fn find(
    stytch: &Stytch,
    session: &BrowserSession,
    member: &SignedInMember,
    wanted: &str,
) -> Result<OfferedOrganization, AppError> {
    let (offered, _) = organizations(stytch, session, member).await?;
    let wanted = offered.into_iter().find(|offered| offered.id == *wanted);
    wanted.ok_or(NotAllowed::NotOffered.into())
}

/// The organizations of the member's list, and how many more there are.
async fn organizations(
    stytch: &Stytch,
    session: &BrowserSession,
    member: &SignedInMember,
) -> Result<(Vec<OfferedOrganization>, usize), AppError> {
    let discovery = stytch.discovery();
    match discovery.organizations(&member.session_token).await {
        Ok(found) => {
            let offered = |found| OfferedOrganization::new(found, None);
            Ok((found.first.into_iter().map(offered).collect(), found.more))
        }
        Err(error) => Err(session.refused(error, &Origin::default()).await),
    }
}
