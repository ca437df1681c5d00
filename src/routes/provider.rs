//! `GET /org/{slug}/provider/{provider}`: the member's own tokens for the provider's API.
//!
//! - Needs: [`Stytch`], [`Clock`], [`BrowserSession`], [`Shell`].
//! - Relies on: the layers of every page ([`super`]), of which `headers` keeps the page out of caches.

use axum::{
    extract::{Path, State},
    response::Html,
};

use crate::{
    clock::Clock,
    error::AppError,
    session::BrowserSession,
    sign_in::{Origin, StartMethod},
    stytch::{Provider, Stytch},
    views::{self, ProviderPage, Shell},
};

/// Shows the tokens, masked. At this point, your code on the server would call the provider with them.
///
/// Each request asks Stytch, which checks the member and renews the token if it can. Nothing is stored.
pub async fn tokens(
    State(stytch): State<Stytch>,
    State(clock): State<Clock>,
    session: BrowserSession,
    shell: Shell,
    Path((slug, provider)): Path<(String, String)>,
) -> Result<Html<String>, AppError> {
    let provider: Provider = provider.parse().map_err(|()| AppError::NotFound)?;
    let member = session.member_now(&slug).await?;
    let organization = &member.organization.organization_id;
    let registrations = stytch
        .members()
        .provider_tokens(organization, &member.member.member_id, provider)
        .await
        .map_err(|error| {
            let slug = &member.organization.organization_slug;
            let method = StartMethod::Provider(provider);
            let origin = Origin::organization(slug, Some(method));
            AppError::from(error).with_origin(&origin)
        })?;
    views::render(&ProviderPage {
        shell,
        now: clock.now(),
        provider,
        registrations,
        member,
    })
}
