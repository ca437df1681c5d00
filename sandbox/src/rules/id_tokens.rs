//! The ID tokens of the simulated providers: JWTs that say who signed in (`OpenID` Connect Core 1.0 §2).

use serde_json::json;

use crate::model::{Identity, KeyRing, Login, Provider, State};

/// Lifetime of an ID token, in seconds.
const LIVES: i64 = 3600;

/// Issues an ID token for this login at the provider, signed with the provider's key, and records it among the issued
/// secrets.
pub fn issue(state: &mut State, provider: Provider, login: &Login, base_url: &str) -> String {
    let issued_at = state.clock.issued_at().unix_timestamp();
    let mut claims = json!({
        "iss": provider.issuer(base_url),
        "aud": provider.client_id(&state.credentials.project_id),
        "sub": login.subject,
        "email": login.email,
        "name": login.full_name,
        "iat": issued_at,
        "exp": issued_at + LIVES,
    });
    if provider == Provider::Google {
        let account = account(state, login);
        claims["email_verified"] = json!(account.is_none_or(|it| it.email_verified));
        if let Some(domain) = account.and_then(|it| it.hd.as_ref()) {
            claims["hd"] = json!(domain);
        }
    }
    let token = KeyRing::of_identity_provider().sign(&claims);
    state.minted.push(token.clone());
    token
}

/// The Google account of the login, if it still exists.
fn account<'a>(state: &'a State, login: &Login) -> Option<&'a Identity> {
    let mut accounts = state
        .people
        .iter()
        .filter_map(|person| person.identity(Provider::Google));
    accounts.find(|account| account.subject == login.subject)
}
