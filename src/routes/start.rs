//! `GET /start/{provider}` and `GET /org/{slug}/start/{provider}`: redirect to Stytch, to start a sign-in.
//!
//! These are links and not forms, because the CSP's `form-action` would block a form that redirects to another site.
//!
//! - Needs: [`Context`], [`Site`], [`OrganizationLookups`], [`BrowserSession`],
//!   [`ReturnTo`].
//! - Relies on: the layers of every page ([`super`]), `speculation` (otherwise a prefetch starts a sign-in).

use axum::{
    extract::{Path, State},
    response::Redirect,
};
use url::Url;

use super::return_to::ReturnTo;
use crate::{
    error::{AppError, NotAllowed},
    limits::OrganizationLookups,
    session::{BrowserSession, Context},
    sign_in::{OrganizationSummary, Origin, PendingSignIn, StartMethod, TokenType},
    stytch::{Provider, Stytch, oauth::StartOptions, objects::Organization, pkce},
    web::site::Site,
};

/// Discovery: the visitor signs in first, and then chooses an organization. Returns to [`super::discovery`].
pub async fn discovery(
    State(context): State<Context>,
    State(site): State<Site>,
    session: BrowserSession,
    Path(provider): Path<String>,
    ReturnTo(return_to): ReturnTo,
) -> Result<Redirect, AppError> {
    let provider = site.provider(&provider).ok_or(AppError::NotFound)?;
    let pending = new_pending(
        &context,
        TokenType::DiscoveryOauth,
        None,
        Origin {
            return_to,
            ..Origin::discovery(provider)
        },
    );
    let options = start_options(&pending, provider);
    session.start(&pending).await?;
    let oauth = context.stytch.oauth();
    let url = oauth.discovery_start_url(provider, &site.url("/discovery"), &options);
    Ok(Redirect::to(url.as_str()))
}

/// Organization: the visitor signs in to the organization in the URL. Returns to [`super::authenticate`].
pub async fn organization(
    State(context): State<Context>,
    State(site): State<Site>,
    organizations: OrganizationLookups,
    session: BrowserSession,
    Path((slug, provider)): Path<(String, String)>,
    ReturnTo(return_to): ReturnTo,
) -> Result<Redirect, AppError> {
    let provider: Provider = provider.parse().map_err(|()| AppError::NotFound)?;
    let organization = organizations.find_in_any_case(&slug).await?;
    let summary = OrganizationSummary::from(&organization);
    if !organization.allows(provider) {
        return Err(AppError::from(NotAllowed::Method).at(&summary));
    }
    if !offered_providers(&organization, &site).contains(&provider) {
        return Err(AppError::NotFound);
    }
    let method = StartMethod::Provider(provider);
    let origin = Origin {
        return_to,
        ..Origin::organization(&summary.organization_slug, Some(method))
    };
    let pending = new_pending(&context, TokenType::Oauth, Some(summary), origin);
    let options = start_options(&pending, provider);
    session.start(&pending).await?;
    let url = organization_url(&context.stytch, &site, provider, &pending, &options)?;
    Ok(Redirect::to(url.as_str()))
}

/// The providers that the organization's page offers. For a restricted organization, they are those that it names, even
/// if the start page does not offer them. For any other organization, they are those of the start page.
pub(super) fn offered_providers(organization: &Organization, site: &Site) -> Vec<Provider> {
    if !organization.is_restricted() {
        return site.providers().to_vec();
    }
    let mut allowed = Provider::ALL.to_vec();
    allowed.retain(|provider| organization.allows(*provider));
    allowed
}

/// Start URL for a sign-in to the pending sign-in's organization.
pub(super) fn organization_url(
    stytch: &Stytch,
    site: &Site,
    provider: Provider,
    pending: &PendingSignIn,
    options: &StartOptions,
) -> Result<Url, AppError> {
    let organization = pending.organization.as_ref().ok_or(AppError::NotFound)?;
    let (id, back) = (&organization.organization_id, site.url("/authenticate"));
    Ok(stytch
        .oauth()
        .organization_start_url(provider, id, &back, options))
}

/// Creates a pending sign-in with a new verifier, which binds the callback to this browser's session (RFC 7636).
pub(super) fn new_pending(
    context: &Context,
    token_type: TokenType,
    organization: Option<OrganizationSummary>,
    origin: Origin,
) -> PendingSignIn {
    PendingSignIn {
        token_type,
        verifier: pkce::verifier(),
        started_at: context.clock.now(),
        origin,
        organization,
    }
}

/// The challenge, and the scopes that a provider needs.
pub(super) fn start_options(pending: &PendingSignIn, provider: Provider) -> StartOptions {
    // Without this scope, GitHub does not name the person's organizations, and people can't join by tenant.
    let scopes: &[&str] = match provider {
        Provider::Github => &["read:org"],
        _ => &[],
    };
    StartOptions {
        custom_scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
        ..StartOptions::with_pkce(&pending.verifier)
    }
}
