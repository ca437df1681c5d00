//! `GET /start/{provider}` and `GET /org/{slug}/start/{provider}`: redirect to Stytch, to start a sign-in.
//!
//! These are links and not forms, because the CSP's `form-action` would block a form that redirects to another site.
//!
//! - Needs: [`Context`], [`Site`], [`OrganizationLookups`], [`BrowserSession`].
//! - Relies on: the layers of every page ([`super`]), `speculation` (otherwise a prefetch starts a sign-in).

use axum::{
    extract::{Path, Query, State},
    http::{HeaderMap, header::REFERER},
    response::Redirect,
};
use serde::Deserialize;
use url::Url;

use crate::{
    error::{AppError, NotAllowed},
    limits::OrganizationLookups,
    session::{BrowserSession, Context},
    sign_in::{
        OrganizationSummary, Origin, PendingSignIn, StartMethod, TokenType, origin::ReturnPath,
    },
    stytch::{Provider, Stytch, oauth::StartOptions, objects::Organization, pkce},
    web::site::Site,
};

/// Where the sign-in ends. `1` means the page that contains the clicked link. Any other value is a path, which the
/// organization's sign-in page adds to its own links.
#[derive(Deserialize)]
pub struct StartQuery {
    #[serde(default, rename = "return")]
    return_: String,
}

/// Discovery: the visitor signs in first, and then chooses an organization. Returns to [`super::discovery`].
pub async fn discovery(
    State(context): State<Context>,
    State(site): State<Site>,
    session: BrowserSession,
    headers: HeaderMap,
    Path(provider): Path<String>,
    Query(query): Query<StartQuery>,
) -> Result<Redirect, AppError> {
    let provider = site.provider(&provider).ok_or(AppError::NotFound)?;
    let pending = new_pending(
        &context,
        TokenType::DiscoveryOauth,
        None,
        Origin {
            return_to: query.return_to(&headers, site.app_url()),
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
    headers: HeaderMap,
    Path((slug, provider)): Path<(String, String)>,
    Query(query): Query<StartQuery>,
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
        return_to: query.return_to(&headers, site.app_url()),
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

impl StartQuery {
    /// Path at which the sign-in ends. `None` if the query names none, or if the link was on another site, because only
    /// our own pages may choose the path. Browsers don't let a page forge `Sec-Fetch-Site`.
    pub fn return_to(&self, headers: &HeaderMap, app_url: &Url) -> Option<ReturnPath> {
        let is_own = headers
            .get("sec-fetch-site")
            .is_some_and(|it| it == "same-origin");
        if self.return_.is_empty() || !is_own {
            return None;
        }
        let page = Url::parse(headers.get(REFERER)?.to_str().ok()?).ok()?;
        if page.origin() != app_url.origin() {
            return None;
        }
        ReturnPath::parse(match &*self.return_ {
            "1" => page.path(),
            passed_on => passed_on,
        })
    }
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
