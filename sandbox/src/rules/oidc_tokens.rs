//! The tokens that an OIDC identity provider issues at a login.

use serde_json::json;
use time::Duration;

use crate::{
    model::{
        Account, Grant, KeyRing, Login, OidcToken, Proof, SsoConnection, SsoKind, SsoRequest,
        State, ids,
    },
    rules::sso::{configured, idp},
};

/// Lifetime of an access token.
const LIVES: Duration = Duration::hours(1);

/// The scopes if neither the connection nor the start URL names any.
const DEFAULT_SCOPES: &str = "openid email profile";

/// The IdP's tokens for this request; `None` for SAML, which has no tokens.
pub fn issue(state: &mut State, request: &SsoRequest, account: &Account) -> Option<Grant> {
    if request.kind != SsoKind::Oidc {
        return None;
    }
    let connection = behind(state, &request.connection_id)?;
    let scopes = scopes(&connection, request);
    let issued_at = state.clock.issued_at().unix_timestamp();
    let claims = json!({
        "iss": connection.text("issuer"),
        "aud": connection.text("client_id"),
        "sub": account.external_id,
        "email": account.email,
        "name": account.name,
        "iat": issued_at,
        "exp": issued_at + LIVES.whole_seconds(),
    });
    let refreshes = scopes.iter().any(|scope| scope == "offline_access");
    let id_token = KeyRing::of_identity_provider().sign(&claims);
    state.minted.push(id_token.clone());
    Some(Grant {
        access_token: token(state, "access"),
        refresh_token: refreshes.then(|| token(state, "refresh")),
        id_token: Some(id_token),
        scopes,
        expires_at: Some(state.now() + LIVES),
    })
}

/// The configuration of the OIDC connection that this connection is or leads to.
fn behind(state: &State, connection_id: &str) -> Option<SsoConnection> {
    let (id, _) = idp(state, connection_id)?;
    let mut organizations = state.organizations.iter();
    organizations.find_map(|organization| configured(state, organization, &id))
}

/// The scopes of the connection and of the start URL. They are separated by spaces, which may be percent-encoded.
fn scopes(connection: &SsoConnection, request: &SsoRequest) -> Vec<String> {
    let own = match connection.text("custom_scopes") {
        "" => DEFAULT_SCOPES,
        custom => custom,
    };
    let mut scopes: Vec<String> = Vec::new();
    for list in [own, &request.custom_scopes] {
        for scope in list.replace("%20", " ").split_whitespace() {
            if !scopes.iter().any(|it| it == scope) {
                scopes.push(scope.to_owned());
            }
        }
    }
    scopes
}

/// Stores the tokens of a login for the member, and replaces those of earlier logins through the connection.
pub fn hold(state: &mut State, member_id: &str, login: &mut Login) {
    let Proof::Sso { connection_id, .. } = &login.proof else {
        return;
    };
    let Some(grant) = login.grant.take() else {
        return;
    };
    let held = &mut state.factors.oidc_tokens;
    held.retain(|it| it.member_id != member_id || it.connection_id != *connection_id);
    held.push(OidcToken {
        member_id: member_id.to_owned(),
        connection_id: connection_id.clone(),
        subject: login.subject.clone(),
        grant,
    });
}

/// Replaces an expired access token.
pub fn refresh(state: &mut State, index: usize) {
    let access_token = token(state, "access");
    let expires_at = state.now() + LIVES;
    let grant = &mut state.factors.oidc_tokens[index].grant;
    grant.access_token = access_token;
    grant.expires_at = Some(expires_at);
}

pub fn forget_member(state: &mut State, member_id: &str) {
    let held = &mut state.factors.oidc_tokens;
    held.retain(|it| it.member_id != member_id);
}

fn token(state: &mut State, kind: &str) -> String {
    let token = format!("sandbox-idp-{kind}-{}", ids::token());
    state.minted.push(token.clone());
    token
}
