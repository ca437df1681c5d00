//! `GET /org/{slug}`: an organization's page. Its member sees the inside, every other visitor the ways to sign in.
//! `GET /org?slug=`: the lookup form leads there.
//!
//! - Needs: [`Site`], [`OrganizationCache`], [`Clock`], [`BrowserSession`], [`Shell`].
//! - Relies on: the layers of every page ([`super`]).

use axum::{
    extract::{Path, Query, State},
    response::{Html, Redirect},
};
use serde::Deserialize;
use url::Url;

use crate::{
    clock::Clock,
    error::AppError,
    limits::OrganizationCache,
    session::BrowserSession,
    stytch::{Provider, objects::Organization},
    views::{self, OrgPage, OrgSignInPage, Shell},
    web::site::Site,
};

/// The lookup form.
#[derive(Deserialize)]
pub struct LookUp {
    #[serde(default)]
    slug: String,
}

/// Redirects to the page. The slug is a visitor's typing, so it is encoded into the path.
pub async fn look_up(State(site): State<Site>, Query(query): Query<LookUp>) -> Redirect {
    let slug = query.slug.trim();
    if slug.is_empty() {
        return Redirect::to("/");
    }
    let mut url = Url::clone(site.app_url());
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(["org", slug]);
    }
    Redirect::to(url.path())
}

/// The session decides who sees the inside, and the URL only which page is asked for.
pub async fn page(
    State(organizations): State<OrganizationCache>,
    State(clock): State<Clock>,
    session: BrowserSession,
    shell: Shell,
    Path(slug): Path<String>,
) -> Result<Html<String>, AppError> {
    if let Some(member) = session.member().await?
        && member.organization.organization_slug == *slug
    {
        return views::render(&OrgPage::new(shell, member, "", clock.now()));
    }
    let organization = organizations.find(&slug).await?;
    views::render(&OrgSignInPage {
        organization: (&organization).into(),
        providers: allowed_providers(&organization, shell.site.providers()),
        connections: organization.sso_connections(),
        by_email: organization.allows_email(),
        sign_in: session.sign_in_state().await?,
        shell,
    })
}

/// The providers that a restricted organization names, whatever the start page offers. For any other organization, what
/// the start page offers.
fn allowed_providers(organization: &Organization, offered: &[Provider]) -> Vec<Provider> {
    if !organization.is_restricted() {
        return offered.to_vec();
    }
    let mut allowed = Provider::ALL.to_vec();
    allowed.retain(|provider| organization.allows(*provider));
    allowed
}
