//! `GET /org/{slug}/sso/{connection_id}`: redirects to the organization's own identity provider, which returns to
//! [`super::authenticate`].
//!
//! - Needs: [`Context`], [`Site`], [`OrganizationLookups`], [`BrowserSession`], [`ReturnTo`].
//! - Relies on: the layers of every page ([`super`]), `speculation` (otherwise a prefetch starts a sign-in).

use axum::{
    extract::{Path, State},
    response::Redirect,
};

use super::{return_to::ReturnTo, start::new_pending};
use crate::{
    error::AppError,
    limits::OrganizationLookups,
    session::{BrowserSession, Context},
    sign_in::{OrganizationSummary, Origin, StartMethod, TokenType},
    stytch::{
        objects::{Organization, SsoConnection},
        pkce,
    },
    web::site::Site,
};

/// Starts a sign-in with one of the organization's connections.
pub async fn start(
    State(context): State<Context>,
    State(site): State<Site>,
    organizations: OrganizationLookups,
    session: BrowserSession,
    Path((slug, connection_id)): Path<(String, String)>,
    ReturnTo(return_to): ReturnTo,
) -> Result<Redirect, AppError> {
    let organization = organizations.find_in_any_case(&slug).await?;
    let connection = find_connection(&organization, &connection_id)?;
    let summary = OrganizationSummary::from(&organization);
    let method = StartMethod::Connection(connection);
    let origin = Origin {
        return_to,
        ..Origin::organization(&summary.organization_slug, Some(method))
    };
    leave(&context, &site, &session, summary, origin).await
}

/// Stores the sign-in and sends the browser to the connection of its origin.
pub(super) async fn leave(
    context: &Context,
    site: &Site,
    session: &BrowserSession,
    organization: OrganizationSummary,
    origin: Origin,
) -> Result<Redirect, AppError> {
    let Some(StartMethod::Connection(connection)) = origin.method.clone() else {
        return Err(AppError::NotFound);
    };
    let pending = new_pending(context, TokenType::Sso, Some(organization), origin);
    let challenge = pkce::challenge(&pending.verifier);
    session.start(&pending).await?;
    let (sso, back) = (context.stytch.sso(), site.url("/authenticate"));
    let url = sso.start_url(&connection.connection_id, &back, &challenge);
    Ok(Redirect::to(url.as_str()))
}

/// Finds a connection among those that the organization's page offers. A connection of another organization would sign
/// the visitor in there.
pub(super) fn find_connection(
    organization: &Organization,
    id: &str,
) -> Result<SsoConnection, AppError> {
    let mut connections = organization.sso_connections().into_iter();
    let found = connections.find(|connection| connection.connection_id == *id);
    found.ok_or(AppError::NotFound)
}
