//! `GET /step_up/start/{provider}` and `GET /step_up/sso/{connection_id}`: leave for the first factor that a sign-in in
//! progress lacks. Both come back to [`super::authenticate`].
//!
//! - Needs: [`Context`], [`Site`], [`OrganizationCache`], [`BrowserSession`].
//! - Relies on: `speculation` (otherwise a prefetch starts a sign-in).

use axum::{
    extract::{Path, State},
    response::Redirect,
};

use super::{
    sso::{find_connection, leave},
    start::{new_pending, organization_url, start_options},
};
use crate::{
    error::{AppError, NotAllowed},
    limits::OrganizationCache,
    session::{BrowserSession, Context},
    sign_in::{Origin, PartialSession, StartMethod, TokenType},
    stytch::{AuthMethod, oauth::StartOptions},
    web::site::Site,
};

/// Starts one of the providers that would satisfy the organization.
pub async fn provider(
    State(context): State<Context>,
    State(site): State<Site>,
    session: BrowserSession,
    Path(provider): Path<String>,
) -> Result<Redirect, AppError> {
    let provider = site.provider(&provider).ok_or(AppError::NotFound)?;
    let due = session.step_up_due().await?;
    let organization = due.partial.organization.clone();
    if !due.allows(&provider.auth_method()) {
        return Err(AppError::from(NotAllowed::Method).at(&organization));
    }
    let origin = origin(&due.partial, StartMethod::Provider(provider));
    let pending = new_pending(&context, Some(organization), origin);
    let options = StartOptions {
        // Only the same address satisfies the organization.
        provider_parameters: vec![("login_hint".to_owned(), due.partial.email.clone())],
        ..start_options(&pending, provider)
    };
    session.start(TokenType::Oauth, &pending).await?;
    let url = organization_url(&context.stytch, &site, provider, &pending, &options)?;
    Ok(Redirect::to(url.as_str()))
}

/// Starts one of the organization's connections.
pub async fn sso(
    State(context): State<Context>,
    State(site): State<Site>,
    State(organizations): State<OrganizationCache>,
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

fn origin(partial: &PartialSession, method: StartMethod) -> Origin {
    Origin {
        step_up: true,
        return_to: partial.origin.return_to.clone(),
        ..Origin::organization(&partial.organization.organization_slug, Some(method))
    }
}
