//! Sends and checks links in emails. See `docs/stytch.md#links-and-codes-by-email` and
//! `docs/stytch.md#the-redirect-back`.

use time::Duration;
use url::form_urlencoded::Serializer;

use crate::{
    model::{ApiError, Kind, Link, State, newest::make_room, pkce, token_fates::Fate},
    rules::{messages::send_link, texts::Written},
};

/// How long expired links are kept.
const REMEMBERED: Duration = Duration::days(7);

/// Stores the link and sends it.
pub fn send(state: &mut State, link: Link, subject: Written) {
    let now = state.now();
    let links = &mut state.factors.links;
    links.retain(|_, old| now < old.expires_at + REMEMBERED);
    make_room(links, state.limits.messages, |link| link.expires_at);
    let token = state.mint_token();
    let mut query = Serializer::new(String::new());
    query.append_pair("public_token", &state.credentials.public_token);
    let mut parameters = link.parameters(&token);
    parameters.sort_unstable();
    query.extend_pairs(parameters);
    let path = format!("/v1/magic_links/redirect?{}", query.finish());
    let (to, kind) = (link.email.clone(), link.kind.message_kind());
    state.factors.links.insert(token, link);
    send_link(state, &to, kind, subject, &path);
}

/// Uses up the link with this token, if it belongs to this flow, is still valid, and the verifier matches. A wrong
/// verifier invalidates it.
pub fn spend(
    state: &mut State,
    token: &str,
    verifier: Option<&str>,
    for_discovery: bool,
) -> Result<Link, ApiError> {
    let now = state.now();
    let link = state
        .factors
        .links
        .get_mut(token)
        .filter(|link| !link.kind.is_reset() && (link.kind == Kind::Discovery) == for_discovery)
        .ok_or_else(|| ApiError::of("magic_link_not_found"))?;
    if link.used || now >= link.expires_at {
        return Err(ApiError::of("unable_to_auth_magic_link"));
    }
    if let Err(error) = pkce::check(link.pkce_code_challenge.as_deref(), verifier) {
        if error.error_type == "pkce_mismatch" {
            link.used = true;
            state.end_token(token, Fate::WrongVerifier);
        }
        return Err(error);
    }
    link.used = true;
    let link = link.clone();
    state.end_token(token, Fate::Used);
    Ok(link)
}

/// The link of this kind to set a password, if it is still valid and the verifier matches. This does not use it up, but
/// a wrong verifier invalidates it.
pub fn reset(
    state: &mut State,
    token: &str,
    verifier: Option<&str>,
    kind: Kind,
) -> Result<Link, ApiError> {
    let now = state.now();
    let link = state.factors.links.get_mut(token);
    let link = link
        .filter(|link| link.kind == kind && !link.used && now < link.expires_at)
        .ok_or_else(|| ApiError::of("unable_to_auth_password_reset_token"))?;
    if let Err(error) = pkce::check(link.pkce_code_challenge.as_deref(), verifier) {
        if error.error_type == "pkce_mismatch" {
            link.used = true;
            state.end_token(token, Fate::WrongVerifier);
        }
        return Err(error);
    }
    Ok(link.clone())
}

/// Uses up a link that [`reset`] returned.
pub fn use_up(state: &mut State, token: &str) {
    if let Some(link) = state.factors.links.get_mut(token) {
        link.used = true;
        state.end_token(token, Fate::Used);
    }
}
