//! `GET /org/{slug}` — an organization's page: for its member inside, for everybody else the ways in.
//! `GET /org?slug=` — the look-up form leads there.

use axum::{
    extract::{Path, Query, State},
    response::{Html, Redirect},
};
use serde::Deserialize;
use url::Url;

use crate::{
    error::AppError,
    session::BrowserSession,
    state::AppState,
    stytch::{
        Provider,
        objects::{Organization, OrganizationId},
    },
    views::{self, OrgPage, OrgSignInPage, Shell},
};

/// The look-up form.
#[derive(Deserialize)]
pub struct LookUp {
    #[serde(default)]
    slug: String,
}

/// A slug is not a secret, but it is somebody's typing: it is encoded into the path.
pub async fn look_up(State(app): State<AppState>, Query(query): Query<LookUp>) -> Redirect {
    let slug = query.slug.trim();
    if slug.is_empty() {
        return Redirect::to("/");
    }
    let mut url = Url::clone(&app.app_url);
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(["org", slug]);
    }
    Redirect::to(url.path())
}

/// The session decides who is inside, the URL only which page is asked for.
pub async fn page(
    State(app): State<AppState>,
    session: BrowserSession,
    shell: Shell,
    Path(slug): Path<String>,
) -> Result<Html<String>, AppError> {
    if let Some(member) = session.member().await?
        && member.organization.organization_slug == slug
    {
        return views::render(&OrgPage::new(shell, member, ""));
    }
    let organization = find(&app, &slug).await?;
    views::render(&OrgSignInPage {
        shell,
        organization: (&organization).into(),
        providers: ways_in(&organization, &app.providers),
        connections: organization.sso_connections(),
        by_email: organization.allows_email(),
        sign_in: session.sign_in_state().await?,
    })
}

/// # Errors
/// Not found, of one shape for what can't be a slug and for what is none.
pub(super) async fn find(app: &AppState, slug: &str) -> Result<Organization, AppError> {
    if OrganizationId::parse(slug).is_none() {
        return Err(AppError::NotFound);
    }
    let now = app.clock.now();
    let organization = app.look_ups.by_slug(&app.stytch, slug, now).await?;
    organization.ok_or(AppError::NotFound)
}

/// What a restricted organization names, whatever the home page offers; else what the home page offers. Methods that
/// this app does not know are passed over.
fn ways_in(organization: &Organization, offered: &[Provider]) -> Vec<Provider> {
    if !organization.is_restricted() {
        return offered.to_vec();
    }
    let allowed = Provider::ALL
        .into_iter()
        .filter(|provider| organization.allows(*provider));
    allowed.collect()
}
