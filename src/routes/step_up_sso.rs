//! `GET /step_up/sso/{connection_id}`: redirects to the organization's own identity provider, for the missing first
//! factor of a sign-in in progress. Returns to [`super::authenticate`].
//!
//! - Needs: [`Context`], [`Site`], [`OrganizationLookups`], [`BrowserSession`].
//! - Relies on: the layers of every page ([`super`]), `speculation` (otherwise a prefetch starts a sign-in).

use axum::{
    extract::{Path, State},
    response::Redirect,
};

use super::{
    sso::{find_connection, leave},
    step_up_start::origin,
};
use crate::{
    error::{AppError, NotAllowed},
    limits::OrganizationLookups,
    session::{BrowserSession, Context},
    sign_in::{StartMethod, StepUp},
    stytch::{AuthMethod, objects::SsoConnection},
    web::site::Site,
};

/// Starts a sign-in with one of the organization's connections.
pub async fn start(
    State(context): State<Context>,
    State(site): State<Site>,
    organizations: OrganizationLookups,
    session: BrowserSession,
    Path(connection_id): Path<String>,
) -> Result<Redirect, AppError> {
    let due = session.step_up_due().await?;
    let summary = due.partial.organization.clone();
    if !due.allows(&AuthMethod::Sso) {
        return Err(AppError::from(NotAllowed::Method).at(&summary));
    }
    let organization = organizations
        .find(summary.organization_slug.as_str())
        .await?;
    let connection = find_connection(&organization, &connection_id)?;
    let origin = origin(&due.partial, StartMethod::Connection(connection));
    leave(&context, &site, &session, summary, origin).await
}

/// The organization's own identity providers, if the organization accepts them for the step-up.
pub(super) async fn connections(
    organizations: &OrganizationLookups,
    due: &StepUp,
) -> Result<Vec<SsoConnection>, AppError> {
    if !due.allows(&AuthMethod::Sso) {
        return Ok(Vec::new());
    }
    let slug = &due.partial.organization.organization_slug;
    match organizations.find(slug.as_str()).await {
        Ok(organization) => Ok(organization.sso_connections()),
        // The page can do without them, unless the organization accepts nothing else.
        Err(_) if due.allowed_auth_methods.len() > 1 => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}
