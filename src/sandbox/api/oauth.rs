//! `oauth.authenticate` and `oauth.discovery.authenticate` (fact sheet §5.1, §5.2, §7.5, §7.6).

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use time::Duration;

use super::session_arguments::{intermediate, optional_session};
use crate::sandbox::clock::wire;
use crate::sandbox::error::ApiError;
use crate::sandbox::ids;
use crate::sandbox::member::Member;
use crate::sandbox::people::Login;
use crate::sandbox::provider::Provider;
use crate::sandbox::rules::discovery::discovered;
use crate::sandbox::rules::due::may_use;
use crate::sandbox::rules::entry::{Entry, enter};
use crate::sandbox::rules::standing::{Standing, standing};
use crate::sandbox::server::request::ApiRequest;
use crate::sandbox::state::{Intermediate, OauthToken, State, TEN_MINUTES};

/// `POST /v1/b2b/oauth/discovery/authenticate`: `discovery_oauth_token` in, an intermediate session and the
/// organizations out. No member changes. The session arguments are accepted and ignored.
pub fn discovery_authenticate(
    state: &mut State,
    request: &ApiRequest,
) -> Result<Map<String, Value>, ApiError> {
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
    let login = spent.login;
    let expires_at = state.now() + TEN_MINUTES;
    let intermediate_session_token = state.mint_token();
    let logins = vec![login];
    let organizations = discovered(state, &logins[0].email, &logins);
    let login = &logins[0];
    let mut answer = Map::new();
    answer.insert(
        "intermediate_session_token".into(),
        json!(intermediate_session_token),
    );
    answer.insert(
        "intermediate_session_token_expires_at".into(),
        wire(expires_at),
    );
    answer.insert("email_address".into(), json!(login.email));
    answer.insert("full_name".into(), json!(login.full_name));
    answer.insert("provider_type".into(), json!(login.provider.type_name()));
    answer.insert("provider_tenant_id".into(), json!(only_one(&login.tenants)));
    answer.insert("provider_tenant_ids".into(), json!(login.tenants));
    answer.insert("discovered_organizations".into(), json!(organizations));
    let email = login.email.clone();
    let intermediate = Intermediate {
        email,
        logins,
        organization_id: None,
        expires_at,
    };
    state
        .intermediates
        .insert(intermediate_session_token, intermediate);
    Ok(answer)
}

/// `POST /v1/b2b/oauth/authenticate`: `oauth_token` in, the common authentication response out, with what the
/// provider issued. With a session the login is added to it, with an intermediate session it is the step-up.
pub fn authenticate(
    state: &mut State,
    request: &ApiRequest,
) -> Result<Map<String, Value>, ApiError> {
    let wish = request.wish()?;
    request.check_locale()?;
    let session_id = optional_session(state, request)?;
    let ist = request.text("intermediate_session_token")?;
    let before = ist
        .map(|token| intermediate(state, token).cloned())
        .transpose()?;
    if session_id.is_some() && before.is_some() {
        return Err(ApiError::of("too_many_session_arguments"));
    }
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
    let login = spent.login.clone();

    let mut logins = match &before {
        Some(before) => step_up(before, &organization_id, &login)?,
        None => Vec::new(),
    };
    logins.push(login.clone());
    let organization = state.need_organization(&organization_id)?;
    let standing = standing(state, organization, &login.email, &logins)?;
    let member = match &standing {
        Standing::Member(id) => state.member(id),
        _ => None,
    };
    // With an intermediate session the answer names the methods that would do instead (unconfirmed).
    if before.is_none() && !may_use(organization, member, &login) {
        return Err(ApiError::of(
            "operation_restricted_by_organization_auth_methods",
        ));
    }
    if let Some(id) = &session_id {
        let earlier = session_logins(state, id, member)?;
        logins.splice(0..0, earlier);
    }

    let entry = Entry {
        organization_id: organization_id.clone(),
        way: standing.into(),
        email: login.email.clone(),
        logins,
        intermediate_session_token: ist.map(str::to_owned),
        session_id,
        wish,
    };
    let mut answer = enter(state, entry)?;
    answer.insert("organization_id".into(), json!(organization_id));
    answer.insert("provider_subject".into(), json!(login.subject));
    answer.insert("provider_type".into(), json!(login.provider.type_name()));
    answer.insert("provider_values".into(), provider_values(state, &spent));
    answer.insert("reset_sessions".into(), json!(false));
    Ok(answer)
}

/// The tenant, where there is exactly one: for more the vendor's SDKs point to the list.
fn only_one(tenants: &[String]) -> &str {
    match tenants {
        [tenant] => tenant,
        _ => "",
    }
}

/// Takes the token out of the world, if it is of the right flow and the verifier fits.
///
/// A wrong verifier burns the token: it was in the hands of somebody who did not begin the flow. (Whether the
/// vendor burns it is unconfirmed.)
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
    match (&known.pkce_code_challenge, verifier) {
        (None, None) => {}
        (Some(_), None) => return Err(ApiError::of("pkce_expected_code_verifier")),
        (None, Some(_)) => return Err(ApiError::of("pkce_did_not_expect_code_verifier")),
        (Some(challenge), Some(verifier)) => {
            if *challenge != challenge_of(verifier) {
                state.oauth_tokens.remove(token);
                return Err(ApiError::of("pkce_mismatch"));
            }
        }
    }
    state
        .oauth_tokens
        .remove(token)
        .ok_or_else(|| ApiError::of("oauth_token_not_found"))
}

/// `BASE64URL(SHA256(ASCII(verifier)))` without padding.
fn challenge_of(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()))
}

/// The logins of an intermediate session to which one for this organization is added: it must be of use there and
/// speak of the same address.
fn step_up(
    before: &Intermediate,
    organization_id: &str,
    login: &Login,
) -> Result<Vec<Login>, ApiError> {
    if before
        .organization_id
        .as_ref()
        .is_some_and(|bound| bound != organization_id)
    {
        return Err(ApiError::of(
            "invalid_intermediate_session_token_for_organization",
        ));
    }
    if !before.email.eq_ignore_ascii_case(&login.email) {
        return Err(ApiError::of("member_session_member_id_mismatch"));
    }
    let others = before
        .logins
        .iter()
        .filter(|it| it.provider != login.provider || it.subject != login.subject);
    Ok(others.cloned().collect())
}

/// The logins of the session to which one is added: it must be the same member's.
fn session_logins(
    state: &State,
    session_id: &str,
    member: Option<&Member>,
) -> Result<Vec<Login>, ApiError> {
    let session = state
        .sessions
        .iter()
        .find(|session| session.id == session_id);
    let same =
        session.filter(|session| member.is_some_and(|member| member.id() == session.member_id));
    let session = same.ok_or_else(|| ApiError::of("member_session_member_id_mismatch"))?;
    Ok(session
        .factors
        .iter()
        .map(|factor| factor.login.clone())
        .collect())
}

/// What the provider issued: of no use anywhere, but of the right shape (fact sheet §6.4).
fn provider_values(state: &mut State, spent: &OauthToken) -> Value {
    let word = spent.login.provider.word();
    let mut issue = |kind: &str| {
        let token = format!("sandbox-{word}-{kind}-{}", ids::token());
        state.minted.push(token.clone());
        token
    };
    let refreshes = matches!(
        spent.login.provider,
        Provider::Google | Provider::Microsoft | Provider::Hubspot
    );
    let identifies = matches!(spent.login.provider, Provider::Google | Provider::Microsoft);
    let access_token = issue("access");
    let refresh_token = refreshes.then(|| issue("refresh"));
    let id_token = identifies.then(|| issue("id"));
    let expires_at = refreshes.then(|| wire(state.now() + Duration::hours(1)));
    json!({
        "access_token": access_token,
        "refresh_token": refresh_token,
        "id_token": id_token,
        "expires_at": expires_at,
        "scopes": spent.scopes,
    })
}

#[cfg(test)]
mod tests {
    /// The vector of the vendor's browser SDK (fact sheet §7.6).
    #[test]
    fn challenges_are_the_vendors() {
        let verifier = "00000000000000000000000000000000";
        assert_eq!(
            super::challenge_of(verifier),
            "hODA6vqpWjTCk_J4rFLkXOU3urXnUqAOaVmhOuEDtlo"
        );
    }
}
