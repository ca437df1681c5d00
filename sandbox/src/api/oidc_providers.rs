//! `organizations.members.oidc_providers`: the tokens that OIDC identity providers issued at a member's logins.

use serde_json::{Value, json};

use crate::{
    api::members::need_member,
    http::ApiRequest,
    model::{ApiError, OidcToken, Reply, State, fields::fields},
    rules::oidc_tokens,
};

/// `GET …/members/{member_id}/oidc_providers?include_refresh_token=`: returns one registration for each OIDC connection
/// that the member has used. An access token that has expired is refreshed first, where the provider issued a refresh
/// token.
pub fn get(state: &mut State, request: &ApiRequest) -> Reply {
    let with_refresh_token = request.parameter_flag("include_refresh_token")?;
    let organization = state.need_organization(request.part("organization_id"))?;
    let member_id = need_member(state, organization, request.part("member_id"))?
        .id()
        .to_owned();
    let held: Vec<usize> = (0..state.factors.oidc_tokens.len())
        .filter(|index| state.factors.oidc_tokens[*index].member_id == member_id)
        .collect();
    if held.is_empty() {
        return Err(ApiError::of("member_oidc_token_not_found"));
    }
    for index in &held {
        keep_fresh(state, *index)?;
    }
    let registrations: Vec<Value> = held
        .into_iter()
        .map(|index| object(state, &state.factors.oidc_tokens[index], with_refresh_token))
        .collect();
    Ok(fields(json!({ "registrations": registrations })))
}

/// Refreshes the access token if it has expired.
fn keep_fresh(state: &mut State, index: usize) -> Result<(), ApiError> {
    let grant = &state.factors.oidc_tokens[index].grant;
    if grant
        .expires_at
        .is_none_or(|expires_at| state.now() < expires_at)
    {
        return Ok(());
    }
    if grant.refresh_token.is_none() {
        return Err(ApiError::of("missing_oauth_refresh_token"));
    }
    oidc_tokens::refresh(state, index);
    Ok(())
}

fn object(state: &State, held: &OidcToken, with_refresh_token: bool) -> Value {
    let grant = &held.grant;
    let expires_in = grant
        .expires_at
        .map_or(0, |expires_at| (expires_at - state.now()).whole_seconds());
    json!({
        "connection_id": held.connection_id,
        "provider_subject": held.subject,
        "id_token": grant.id_token,
        "access_token": grant.access_token,
        "access_token_expires_in": expires_in,
        "refresh_token": grant.refresh_token.as_ref().filter(|_| with_refresh_token),
        "scopes": grant.scopes,
    })
}
