//! `GET /start/{provider}`, `GET /org/{slug}/start/{provider}` and `GET /org/{slug}/sso/{connection_id}` — leave for
//! Stytch. `GET /step_up/start/{provider}` and `GET /step_up/sso/{connection_id}` leave for the proof that a half-done
//! sign-in lacks.
//!
//! Links, not forms: the CSP's `form-action` would stop a form that redirects to another site.

use axum::{
    extract::{Path, State},
    response::Redirect,
};

use crate::{
    error::{AppError, NotAllowed},
    routes::org,
    session::{Begun, BrowserSession, OrganizationSummary, Pending, TokenType, Way},
    state::AppState,
    stytch::{
        Provider,
        oauth::StartOptions,
        objects::{Organization, SsoConnection},
        pkce,
    },
};

/// Discovery: sign in first, choose an organization after. Comes back to [`super::discovery`].
pub async fn discovery(
    State(app): State<AppState>,
    session: BrowserSession,
    Path(provider): Path<String>,
) -> Result<Redirect, AppError> {
    let provider = ours(&app, &provider)?;
    let pending = pending(&app, Begun::discovery(provider));
    let options = with(StartOptions::default(), &pending, provider);
    session.begin(TokenType::DiscoveryOauth, pending).await?;
    let back = app.url("/discovery");
    let url = app
        .stytch
        .oauth()
        .discovery_start_url(provider, &back, &options);
    Ok(Redirect::to(url.as_str()))
}

/// Organization: sign in to this one. Comes back to [`super::authenticate`].
pub async fn organization(
    State(app): State<AppState>,
    session: BrowserSession,
    Path((slug, provider)): Path<(String, String)>,
) -> Result<Redirect, AppError> {
    let provider = ours(&app, &provider)?;
    let organization = org::find(&app, &slug).await?;
    if !organization.allows(provider) {
        let organization = OrganizationSummary::from(&organization);
        return Err(AppError::from(NotAllowed::Method).at(&organization));
    }
    let begun = Begun::at(&slug, Some(Way::Provider(provider)));
    let options = StartOptions::default();
    to_provider(
        &app,
        &session,
        provider,
        (&organization).into(),
        begun,
        options,
    )
    .await
}

/// Single sign-on: at the organization's own identity provider. Comes back to [`super::authenticate`].
pub async fn sso(
    State(app): State<AppState>,
    session: BrowserSession,
    Path((slug, connection_id)): Path<(String, String)>,
) -> Result<Redirect, AppError> {
    let organization = org::find(&app, &slug).await?;
    let connection = connection(&organization, &connection_id)?;
    let begun = Begun::at(&slug, Some(Way::Connection(connection)));
    to_connection(
        &app,
        &session,
        &connection_id,
        (&organization).into(),
        begun,
    )
    .await
}

/// Step-up by a provider: only one that Stytch said would do. Comes back to [`super::authenticate`].
pub async fn step_up(
    State(app): State<AppState>,
    session: BrowserSession,
    Path(provider): Path<String>,
) -> Result<Redirect, AppError> {
    let provider = ours(&app, &provider)?;
    let due = session.step_up_due().await?;
    if !due.allows(provider.auth_method()) {
        return Err(AppError::from(NotAllowed::Method).at(&due.unfinished.organization));
    }
    let organization = due.unfinished.organization;
    let way = Some(Way::Provider(provider));
    let begun = Begun {
        step_up: true,
        ..Begun::at(&organization.organization_slug, way)
    };
    let options = StartOptions {
        // Only the same address will do.
        provider_parameters: vec![("login_hint".to_owned(), due.unfinished.email)],
        ..StartOptions::default()
    };
    to_provider(&app, &session, provider, organization, begun, options).await
}

/// Step-up by single sign-on. Comes back to [`super::authenticate`].
pub async fn step_up_sso(
    State(app): State<AppState>,
    session: BrowserSession,
    Path(connection_id): Path<String>,
) -> Result<Redirect, AppError> {
    let due = session.step_up_due().await?;
    let asked = due.unfinished.organization.clone();
    if !due.allows("sso") {
        return Err(AppError::from(NotAllowed::Method).at(&asked));
    }
    let organization = org::find(&app, &asked.organization_slug).await?;
    let way = Some(Way::Connection(connection(&organization, &connection_id)?));
    let begun = Begun {
        step_up: true,
        ..Begun::at(&asked.organization_slug, way)
    };
    to_connection(&app, &session, &connection_id, asked, begun).await
}

async fn to_provider(
    app: &AppState,
    session: &BrowserSession,
    provider: Provider,
    organization: OrganizationSummary,
    begun: Begun,
    options: StartOptions,
) -> Result<Redirect, AppError> {
    let id = organization.organization_id.clone();
    let pending = Pending {
        // What comes back must be about this one.
        organization: Some(organization),
        ..pending(app, begun)
    };
    let options = with(options, &pending, provider);
    session.begin(TokenType::Oauth, pending).await?;
    let back = app.url("/authenticate");
    let oauth = app.stytch.oauth();
    let url = oauth.organization_start_url(provider, &id, &back, &options);
    Ok(Redirect::to(url.as_str()))
}

async fn to_connection(
    app: &AppState,
    session: &BrowserSession,
    connection_id: &str,
    organization: OrganizationSummary,
    begun: Begun,
) -> Result<Redirect, AppError> {
    let pending = Pending {
        organization: Some(organization),
        ..pending(app, begun)
    };
    let challenge = pkce::challenge(&pending.verifier);
    session.begin(TokenType::Sso, pending).await?;
    let back = app.url("/authenticate");
    let url = app.stytch.sso().start_url(connection_id, &back, &challenge);
    Ok(Redirect::to(url.as_str()))
}

/// Only what the organization's page offers: another organization's connection would sign in there.
fn connection(organization: &Organization, id: &str) -> Result<SsoConnection, AppError> {
    let mut connections = organization.sso_connections().into_iter();
    let found = connections.find(|connection| connection.connection_id == id);
    found.ok_or(AppError::NotFound)
}

/// Only the providers that this app is set up for.
fn ours(app: &AppState, provider: &str) -> Result<Provider, AppError> {
    let known: Option<Provider> = provider.parse().ok();
    let ours = known.filter(|provider| app.providers.contains(provider));
    ours.ok_or(AppError::NotFound)
}

/// A new verifier for every start: it binds the callback to this browser's session (RFC 7636).
fn pending(app: &AppState, begun: Begun) -> Pending {
    Pending {
        verifier: pkce::verifier(),
        at: app.clock.now(),
        begun,
        organization: None,
    }
}

/// The challenge, and what a provider must be asked for.
fn with(options: StartOptions, pending: &Pending, provider: Provider) -> StartOptions {
    // GitHub names the person's organizations, and so lets them join by tenant, only to who asks for them.
    let scopes: &[&str] = match provider {
        Provider::Github => &["read:org"],
        _ => &[],
    };
    StartOptions {
        pkce_code_challenge: Some(pkce::challenge(&pending.verifier)),
        custom_scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
        ..options
    }
}
