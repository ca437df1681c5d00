//! `GET /step_up/start/{provider}`: redirects to a provider, for the missing first factor of a sign-in in progress.
//! Returns to [`super::authenticate`].
//!
//! - Needs: [`Context`], [`Site`], [`BrowserSession`].
//! - Relies on: the layers of every page ([`super`]), `speculation` (otherwise a prefetch starts a sign-in).

use axum::{
    extract::{Path, State},
    response::Redirect,
};

use super::start::{new_pending, organization_url, start_options};
use crate::{
    error::{AppError, NotAllowed},
    session::{BrowserSession, Context},
    sign_in::{Origin, PartialSession, StartMethod, TokenType},
    stytch::{Provider, oauth::StartOptions},
    web::site::Site,
};

/// Starts a sign-in with one of the providers that the organization accepts.
pub async fn provider(
    State(context): State<Context>,
    State(site): State<Site>,
    session: BrowserSession,
    Path(provider): Path<String>,
) -> Result<Redirect, AppError> {
    let provider: Provider = provider.parse().map_err(|()| AppError::NotFound)?;
    let due = session.step_up_due().await?;
    let organization = due.partial.organization.clone();
    if !due.allows(&provider.auth_method()) {
        return Err(AppError::from(NotAllowed::Method).at(&organization));
    }
    if !due.providers(site.providers()).contains(&provider) {
        return Err(AppError::NotFound);
    }
    let origin = origin(&due.partial, StartMethod::Provider(provider));
    let pending = new_pending(&context, TokenType::Oauth, Some(organization), origin);
    let options = StartOptions {
        // The step-up requires the same address.
        provider_parameters: vec![("login_hint".to_owned(), due.partial.email.clone())],
        ..start_options(&pending, provider)
    };
    session.start(&pending).await?;
    let url = organization_url(&context.stytch, &site, provider, &pending, &options)?;
    Ok(Redirect::to(url.as_str()))
}

/// Origin of a sign-in that completes the one in progress.
pub(super) fn origin(partial: &PartialSession, method: StartMethod) -> Origin {
    Origin {
        step_up: true,
        return_to: partial.origin.return_to.clone(),
        ..Origin::organization(&partial.organization.organization_slug, Some(method))
    }
}
