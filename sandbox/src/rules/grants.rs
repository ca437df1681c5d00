//! The tokens that a provider issues at a login. See `docs/stytch.md#provider-tokens`.

use time::Duration;

use crate::{
    model::{Grant, IssuedToken, Login, OauthToken, Provider, Recipient, State, ids},
    rules::{id_tokens, oidc_tokens},
};

/// Lifetime of an access token that expires.
const LIVES: Duration = Duration::hours(1);

/// The provider's tokens for a one-time token that is used; `None` for a login without a provider.
pub fn issue(state: &mut State, spent: &OauthToken, base_url: &str) -> Option<Grant> {
    let provider = spent.login.proof.provider()?;
    let ends = matches!(
        provider,
        Provider::Google | Provider::Microsoft | Provider::Hubspot
    );
    let refreshes = ends && may_refresh(state, provider, spent);
    Some(Grant {
        access_token: token(state, provider, "access"),
        refresh_token: refreshes.then(|| token(state, provider, "refresh")),
        id_token: provider
            .identifies()
            .then(|| id_tokens::issue(state, provider, &spent.login, base_url)),
        scopes: spent.scopes.clone(),
        expires_at: ends.then(|| state.now() + LIVES),
    })
}

/// Whether this login has a refresh token. Google issues one only after its consent screen: at the account's first
/// login in this project, or if the app requested the screen.
fn may_refresh(state: &mut State, provider: Provider, spent: &OauthToken) -> bool {
    let is_first =
        provider != Provider::Google || state.google_consents.insert(spent.login.subject.clone());
    is_first || spent.prompts_consent
}

/// Stores the tokens of a login for the member, and replaces those of earlier logins with the account. An earlier
/// refresh token stays until there is a newer one, because the provider still accepts it.
pub fn hold(state: &mut State, member_id: &str, login: &mut Login) {
    let (Some(mut grant), Some(provider)) = (login.grant.take(), login.proof.provider()) else {
        return;
    };
    let earlier = state.grants.iter().position(|held| {
        held.member_id == member_id && held.provider == provider && held.subject == login.subject
    });
    if let Some(earlier) = earlier.map(|index| state.grants.remove(index)) {
        grant.refresh_token = grant.refresh_token.or(earlier.grant.refresh_token);
    }
    state.grants.push(IssuedToken {
        member_id: member_id.to_owned(),
        provider,
        subject: login.subject.clone(),
        tenants: login.tenants.clone(),
        grant,
    });
}

/// Removes a member's sent links and codes, and provider tokens. An authenticator app stays, for a member who is
/// reactivated.
pub fn forget_factors(state: &mut State, member_id: &str) {
    state.grants.retain(|held| held.member_id != member_id);
    oidc_tokens::forget_member(state, member_id);
    let factors = &mut state.factors;
    factors
        .links
        .retain(|_, link| link.member_id.as_deref() != Some(member_id));
    factors.codes.retain(|recipient, _| match recipient {
        Recipient::Email(id) | Recipient::Sms(id) => id != member_id,
        Recipient::Discovery(_) => true,
    });
    factors.wrong_codes.remove(member_id);
}

/// Whether the account still exists. A provider refreshes no tokens of deleted accounts.
pub fn has_account(state: &State, provider: Provider, subject: &str) -> bool {
    state.people.iter().any(|person| {
        person
            .identity(provider)
            .is_some_and(|identity| identity.subject == subject)
    })
}

/// Replaces an expired access token.
pub fn refresh(state: &mut State, index: usize) {
    let access_token = token(state, state.grants[index].provider, "access");
    let expires_at = state.now() + LIVES;
    let grant = &mut state.grants[index].grant;
    grant.access_token = access_token;
    grant.expires_at = Some(expires_at);
}

fn token(state: &mut State, provider: Provider, kind: &str) -> String {
    let token = format!("sandbox-{}-{kind}-{}", provider.word(), ids::token());
    state.minted.push(token.clone());
    token
}
