//! `GET /start/{provider}`, `GET /org/{slug}/start/{provider}` and `GET /org/{slug}/sso/{connection_id}` — leave for
//! Stytch.
//!
//! Links, not forms: the CSP's `form-action` would stop a form that redirects to another site.

use axum::{
    extract::{Path, State},
    response::Redirect,
};

use crate::{
    error::{AppError, NotAllowed},
    routes::org,
    session::{Begun, BrowserSession, Pending, TokenType},
    state::AppState,
    stytch::{Provider, oauth::StartOptions, pkce},
};

/// Discovery: sign in first, choose an organization after. Comes back to [`super::discovery`].
pub async fn discovery(
    State(app): State<AppState>,
    session: BrowserSession,
    Path(provider): Path<String>,
) -> Result<Redirect, AppError> {
    let provider = parse(&provider)?;
    if !app.providers.contains(&provider) {
        return Err(AppError::NotFound);
    }
    let pending = pending(
        &app,
        Begun {
            provider: Some(provider),
            ..Begun::default()
        },
    );
    let options = options(&pending, provider);
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
    let provider = parse(&provider)?;
    let organization = org::find(&app.stytch, &slug).await?;
    if !organization.allows(provider) {
        return Err(AppError::NotAllowed {
            why: NotAllowed::Method,
            organization: Some(slug),
        });
    }
    let begun = Begun {
        provider: Some(provider),
        organization: Some(slug),
        ..Begun::default()
    };
    let mut pending = pending(&app, begun);
    // What comes back must be about this one.
    pending.organization = Some((&organization).into());
    let options = options(&pending, provider);
    session.begin(TokenType::Oauth, pending).await?;
    let (back, id) = (app.url("/authenticate"), &organization.organization_id);
    let url = app
        .stytch
        .oauth()
        .organization_start_url(provider, id, &back, &options);
    Ok(Redirect::to(url.as_str()))
}

/// Single sign-on: at the organization's own identity provider. Comes back to [`super::authenticate`].
pub async fn sso(
    State(app): State<AppState>,
    session: BrowserSession,
    Path((slug, connection_id)): Path<(String, String)>,
) -> Result<Redirect, AppError> {
    let organization = org::find(&app.stytch, &slug).await?;
    // Only what its page offers: another organization's connection would sign in there.
    let mut connections = organization.sso_connections().into_iter();
    let connection = connections.find(|connection| connection.connection_id == connection_id);
    let begun = Begun {
        connection: Some(connection.ok_or(AppError::NotFound)?),
        organization: Some(slug),
        ..Begun::default()
    };
    let mut pending = pending(&app, begun);
    pending.organization = Some((&organization).into());
    let challenge = pkce::challenge(&pending.verifier);
    session.begin(TokenType::Sso, pending).await?;
    let back = app.url("/authenticate");
    let url = app
        .stytch
        .sso()
        .start_url(&connection_id, &back, &challenge);
    Ok(Redirect::to(url.as_str()))
}

fn parse(provider: &str) -> Result<Provider, AppError> {
    provider.parse().map_err(|()| AppError::NotFound)
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

fn options(pending: &Pending, provider: Provider) -> StartOptions {
    // GitHub names the person's organizations, and so lets them join by tenant, only to who asks for them.
    let scopes = if provider == Provider::Github {
        vec!["read:org".to_owned()]
    } else {
        Vec::new()
    };
    StartOptions {
        pkce_code_challenge: Some(pkce::challenge(&pending.verifier)),
        custom_scopes: scopes,
        ..StartOptions::default()
    }
}
