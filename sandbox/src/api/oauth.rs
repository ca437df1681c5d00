//! `oauth.authenticate` and `oauth.discovery.authenticate`.
//! See `docs/stytch.md#oauth` and `docs/stytch.md#entering-an-organization`.

use serde_json::{Value, json};

use crate::{
    api::primary::{Before, begin_discovery},
    http::ApiRequest,
    model::{ApiError, Login, OauthToken, Provider, Reply, State, pkce, token_fates::Fate},
    rules::{
        Way, grants,
        membership::{JoinFlow, membership},
    },
};

/// `POST /v1/b2b/oauth/discovery/authenticate`: takes `discovery_oauth_token` and returns an intermediate session and
/// the organizations. No member changes. The session arguments are accepted and ignored.
pub fn discovery_authenticate(state: &mut State, request: &ApiRequest) -> Reply {
    let token = request.need_text("discovery_oauth_token")?;
    let spent = spend(
        state,
        token,
        request.text("pkce_code_verifier")?,
        |token| match token.organization_id {
            Some(_) => Err(ApiError::of("oauth_non_discovery_flow_callback_error")),
            None => Ok(()),
        },
    )?;
    let login = granted(state, request, spent);
    let mut answer = begin_discovery(state, login.clone());
    answer.insert("full_name".into(), json!(login.full_name));
    answer.insert("provider_type".into(), json!(type_name(&login)));
    answer.insert("provider_tenant_id".into(), json!(only_one(&login.tenants)));
    answer.insert("provider_tenant_ids".into(), json!(login.tenants));
    Ok(answer)
}

/// `POST /v1/b2b/oauth/authenticate`: takes `oauth_token` and returns the common authentication response, with what the
/// provider issued. With a session, the login is added to it; with an intermediate session, the login is a step-up.
pub fn authenticate(state: &mut State, request: &ApiRequest) -> Reply {
    let before = Before::read(state, request)?;
    let verifier = request.text("pkce_code_verifier")?;
    let spent = spend(
        state,
        request.need_text("oauth_token")?,
        verifier,
        |token| match token.organization_id {
            Some(_) => Ok(()),
            None => Err(ApiError::of("oauth_discovery_flow_callback_error")),
        },
    )?;
    let organization_id = spent.organization_id.clone().unwrap_or_default();
    let mut login = granted(state, request, spent);
    login.made_in = Some(organization_id.clone());
    let mut answer = before.enter(state, &organization_id, &login, |state, here, logins| {
        membership(state, here, &login.email, logins, JoinFlow::Organization).map(Way::from)
    })?;
    answer.insert("provider_subject".into(), json!(login.subject));
    answer.insert("provider_type".into(), json!(type_name(&login)));
    answer.insert("provider_values".into(), json!(provider_values(&login)));
    answer.insert("reset_sessions".into(), json!(false));
    Ok(answer)
}

/// The login, with the tokens that the provider issues for it.
fn granted(state: &mut State, request: &ApiRequest, spent: OauthToken) -> Login {
    let grant = grants::issue(state, &spent, &request.base_url);
    Login {
        grant,
        ..spent.login
    }
}

fn provider_values(login: &Login) -> Option<Value> {
    Some(login.grant.as_ref()?.object(login.proof.provider()?))
}

fn type_name(login: &Login) -> &'static str {
    login.proof.provider().map_or("", Provider::type_name)
}

/// The tenant if there is exactly one, or else `""`: for several, the vendor's SDKs refer to the list.
pub fn only_one(tenants: &[String]) -> &str {
    match tenants {
        [tenant] => tenant,
        _ => "",
    }
}

/// Uses up the token, if it belongs to this flow and the verifier matches.
fn spend(
    state: &mut State,
    token: &str,
    verifier: Option<&str>,
    check_flow: impl Fn(&OauthToken) -> Result<(), ApiError>,
) -> Result<OauthToken, ApiError> {
    let now = state.now();
    let known = state
        .oauth_tokens
        .get(token)
        .filter(|known| now < known.expires_at);
    let known = known.ok_or_else(|| ApiError::of("oauth_token_not_found"))?;
    check_flow(known)?;
    if let Err(error) = pkce::check(known.pkce_code_challenge.as_deref(), verifier) {
        if error.error_type == "pkce_mismatch" {
            state.oauth_tokens.remove(token);
            state.end_token(token, Fate::WrongVerifier);
        }
        return Err(error);
    }
    state.end_token(token, Fate::Used);
    state
        .oauth_tokens
        .remove(token)
        .ok_or_else(|| ApiError::of("oauth_token_not_found"))
}
