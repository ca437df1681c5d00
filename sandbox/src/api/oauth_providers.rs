//! `organizations.members.oauth_providers`: the tokens that a provider issued at a member's last login with it.
//! See `docs/stytch.md#provider-tokens`.

use serde_json::{Value, json};

use crate::{
    api::{members::need_member, oauth::only_one},
    http::ApiRequest,
    model::{ApiError, IssuedToken, Provider, Reply, State, fields::fields},
    rules::grants,
};

/// `GET …/members/{member_id}/oauth_providers/{provider}?include_refresh_token=`: For Google and Microsoft, it returns
/// the account that was used last; for the others, one registration for each account. An expired access token is
/// refreshed first.
pub fn get(state: &mut State, request: &ApiRequest) -> Reply {
    let provider = Provider::from_word(request.part("provider"))
        .ok_or_else(|| ApiError::of("route_not_found"))?;
    let with_refresh_token = request.parameter_flag("include_refresh_token")?;
    let organization = state.need_organization(request.part("organization_id"))?;
    let member_id = need_member(state, organization, request.part("member_id"))?
        .id()
        .to_owned();
    let mut held: Vec<usize> = (0..state.grants.len())
        .filter(|index| {
            let held = &state.grants[*index];
            held.member_id == member_id && held.provider == provider
        })
        .collect();
    let last = *held
        .last()
        .ok_or_else(|| ApiError::of("member_oauth_token_not_found"))?;
    let single = matches!(provider, Provider::Google | Provider::Microsoft);
    if single {
        held = vec![last];
    }
    for index in &held {
        keep_fresh(state, *index)?;
    }
    let registrations: Vec<Value> = held
        .into_iter()
        .map(|index| object(state, &state.grants[index], with_refresh_token))
        .collect();
    let mut answer = match registrations.last() {
        Some(Value::Object(only)) if single => only.clone(),
        _ => fields(json!({ "registrations": registrations })),
    };
    answer.insert("provider_type".to_owned(), json!(provider.type_name()));
    Ok(answer)
}

/// Refreshes the access token if it has expired, as the provider would.
fn keep_fresh(state: &mut State, index: usize) -> Result<(), ApiError> {
    let held = &state.grants[index];
    if held
        .grant
        .expires_at
        .is_none_or(|expires_at| state.now() < expires_at)
    {
        return Ok(());
    }
    if held.grant.refresh_token.is_none() {
        return Err(ApiError::of("missing_oauth_refresh_token"));
    }
    if !grants::has_account(state, held.provider, &held.subject) {
        return Err(ApiError::of("unable_to_refresh_oauth_token"));
    }
    grants::refresh(state, index);
    Ok(())
}

/// The fields that the vendor sends for this provider.
fn object(state: &State, held: &IssuedToken, with_refresh_token: bool) -> Value {
    let grant = &held.grant;
    let mut fields = json!({
        "provider_subject": held.subject,
        "access_token": grant.access_token,
        "scopes": grant.scopes,
    });
    if let Some(expires_at) = grant.expires_at {
        let seconds = (expires_at - state.now()).whole_seconds();
        fields["access_token_expires_in"] = json!(seconds);
        fields["refresh_token"] =
            json!(grant.refresh_token.as_ref().filter(|_| with_refresh_token));
    }
    match held.provider {
        Provider::Google | Provider::Microsoft => fields["id_token"] = json!(grant.id_token),
        Provider::Github => fields["provider_tenant_ids"] = json!(held.tenants),
        Provider::Hubspot => fields["provider_tenant_id"] = json!(only_one(&held.tenants)),
        Provider::Slack => {
            fields["provider_tenant_id"] = json!(only_one(&held.tenants));
            fields["bot_access_token"] = json!("");
            fields["bot_scopes"] = json!([]);
        }
    }
    fields
}
