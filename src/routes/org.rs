//! `GET /org/{slug}`: an organization's page. A signed-in member sees the member's page, and other visitors see the
//! ways to sign in. `GET /org?slug=` receives the lookup form, and redirects to that page.
//!
//! - Needs: [`OrganizationLookups`], [`Clock`], [`BrowserSession`], [`Shell`], [`ReturnTo`].
//! - Relies on: the layers of every page ([`super`]).

use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::{return_to::ReturnTo, start::offered_providers};
use crate::{
    clock::Clock,
    error::AppError,
    limits::OrganizationLookups,
    session::BrowserSession,
    stytch::{Slug, objects::Organization},
    views::{self, OrgPage, OrgSignInPage, Shell},
};

/// The query of the lookup form. The form is on the start page, on error pages, and below a list of organizations that
/// is not complete.
#[derive(Deserialize)]
pub struct LookUp {
    #[serde(default)]
    slug: String,
    /// `1` if the visitor returns to the page with this form after signing in. Passed on to the organization's page.
    #[serde(default, rename = "return")]
    return_: String,
}

/// Redirects to the page of the organization that the visitor means. Visitors type a slug in any case, paste the URL of
/// the page, or type a name, which may be the slug with spaces. Organizations are never searched by name.
pub async fn look_up(
    organizations: OrganizationLookups,
    Query(query): Query<LookUp>,
) -> Result<Redirect, AppError> {
    let typed = query.slug.trim();
    let back = if query.return_ == "1" {
        "?return=1"
    } else {
        ""
    };
    if typed.is_empty() {
        return Ok(Redirect::to("/"));
    }
    if Slug::parse(typed).is_some() {
        // The page looks up this spelling, and shows the form again if there is no such organization.
        return Ok(Redirect::to(&format!("/org/{typed}{back}")));
    }
    match organizations.find_in_any_case(&slug_form(typed)).await {
        Ok(organization) => Ok(to_page(&organization, back)),
        Err(AppError::NoOrganization { .. }) => Err(AppError::NoOrganization {
            typed: typed.to_owned(),
        }),
        Err(error) => Err(error),
    }
}

/// Shows the page. Only the session determines whether the visitor sees the member's page. A slug in another case
/// redirects to the URL with Stytch's spelling.
pub async fn page(
    organizations: OrganizationLookups,
    State(clock): State<Clock>,
    session: BrowserSession,
    shell: Shell,
    Path(slug): Path<String>,
    ReturnTo(return_to): ReturnTo,
) -> Result<Response, AppError> {
    if let Some(member) = session.member().await?
        && member.organization.organization_slug == *slug
    {
        let page = OrgPage::new(shell, member, "", clock.now());
        return Ok(views::render(&page)?.into_response());
    }
    let organization = organizations.find_in_any_case(&slug).await?;
    let return_query = return_to.map(|it| it.query()).unwrap_or_default();
    if organization.organization_slug != *slug {
        return Ok(to_page(&organization, &return_query).into_response());
    }
    let page = OrgSignInPage {
        organization: (&organization).into(),
        providers: offered_providers(&organization, &shell.site),
        connections: organization.sso_connections(),
        by_email: organization.allows_email(),
        sign_in: session.sign_in_state().await?,
        return_query,
        shell,
    };
    Ok(views::render(&page)?.into_response())
}

/// Redirects `/org/{slug}/` to the page.
pub async fn with_slash(
    organizations: OrganizationLookups,
    session: BrowserSession,
    Path(slug): Path<String>,
) -> Result<Redirect, AppError> {
    if let Some(member) = session.member().await?
        && member.organization.organization_slug == *slug
    {
        return Ok(Redirect::to(&member.home()));
    }
    let organization = organizations.find_in_any_case(&slug).await?;
    Ok(to_page(&organization, ""))
}

/// The cache finds only what [`Slug::parse`] accepts, so the slug needs no encoding and can't lead to another host.
fn to_page(organization: &Organization, query: &str) -> Redirect {
    Redirect::to(&format!("/org/{}{query}", organization.organization_slug))
}

/// Converts what a visitor typed to a slug: `Acme Corp` → `Acme-Corp`, `https://app.example/org/acme/` → `acme`.
fn slug_form(typed: &str) -> String {
    let in_url = typed.split_once("/org/").map(|(_, after)| after);
    let in_url = in_url.and_then(|after| after.split(['/', '?', '#']).next());
    let typed = in_url.unwrap_or(typed);
    let words = typed.split(|c: char| !c.is_ascii_alphanumeric() && !"-._~".contains(c));
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    words.join("-")
}
