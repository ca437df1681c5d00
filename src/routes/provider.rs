//! `GET /org/{slug}/provider/{provider}` — the member's own tokens for the provider's API.

use axum::{
    extract::{Path, State},
    response::Html,
};

use crate::{
    error::AppError,
    session::{Begun, BrowserSession, Way},
    stytch::{Provider, Stytch},
    views::{self, ProviderPage, Shell},
};

/// Shows them masked. Your code would call the provider with them at this point, on the server.
///
/// Stytch is asked whether the member is still one, each time, and nothing is kept: it renews the token where it can.
pub async fn tokens(
    State(stytch): State<Stytch>,
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
            let begun = Begun::at(&slug, Some(Way::Provider(provider)));
            AppError::from(error).beginning_with(&begun)
        })?;
    views::render(&ProviderPage {
        shell,
        provider,
        registrations,
        member,
    })
}
