//! A sign-in through a connection: starts it at the IdP, and creates the one-time token.

use crate::{
    model::{
        Account, Connection, Login, Member, OpenRequest, Proof, SsoKind, SsoRequest, SsoToken,
        State, clock::TEN_MINUTES, newest::make_room, project::with_parameters,
    },
    rules::{
        Kind, Refused, oidc_tokens,
        redirect_urls::choose,
        sso::{idp, stored},
    },
};

/// A request that starts at the IdP.
pub fn default_request(state: &State, connection: Connection) -> Result<SsoRequest, Refused> {
    let login = choose(&state.redirect_urls, Kind::Login, None)?;
    let signup = choose(&state.redirect_urls, Kind::Signup, None)?;
    Ok(request_to(state, connection, login, signup))
}

/// The same request with these URLs of the app.
pub fn request_to(
    state: &State,
    connection: Connection,
    login_redirect_url: String,
    signup_redirect_url: String,
) -> SsoRequest {
    SsoRequest {
        open: OpenRequest::new(&state.credentials.project_id, state.now()),
        kind: idp(state, &connection.id).map_or(SsoKind::Saml, |(_, kind)| kind),
        connection_id: connection.id,
        organization_id: connection.organization_id,
        login_redirect_url,
        signup_redirect_url,
        custom_scopes: String::new(),
        pkce_code_challenge: None,
        from_idp: true,
    }
}

/// The type of redirect URL for a person with this account at the IdP.
pub fn comes_back_as(
    state: &State,
    connection_id: &str,
    organization_id: &str,
    account: &Account,
) -> Kind {
    let is_registered = |member: &Member| {
        member.sso_registrations().any(|it| {
            it["connection_id"] == *connection_id && it["external_id"] == *account.external_id
        })
    };
    let is_member = state.members.iter().any(|member| {
        member.organization_id() == organization_id
            && member.status() == "active"
            && (member.email().eq_ignore_ascii_case(&account.email) || is_registered(member))
    });
    if is_member { Kind::Login } else { Kind::Signup }
}

/// Signs the person in: creates the one-time token, and returns it with the app's URL. Active members return to the
/// login URL; new, pending and invited ones return to the signup URL.
pub fn approve(state: &mut State, request: &SsoRequest, account: &Account) -> (String, String) {
    let now = state.now();
    let grant = oidc_tokens::issue(state, request, account);
    let login = Login {
        proof: Proof::Sso {
            connection_id: request.connection_id.clone(),
            kind: request.kind,
        },
        subject: account.external_id.clone(),
        email: account.email.clone(),
        full_name: account.name.clone(),
        proves_email: false,
        tenants: Vec::new(),
        groups: maps_groups(state, &request.connection_id).then(|| account.groups.clone()),
        only_in: Some(request.organization_id.clone()),
        made_in: None,
        grant,
        at: now,
    };
    let (connection_id, organization_id) = (&request.connection_id, &request.organization_id);
    let url = match comes_back_as(state, connection_id, organization_id, account) {
        Kind::Login => &request.login_redirect_url,
        _ => &request.signup_redirect_url,
    };
    let token = state.mint_token();
    let slug = state
        .organization(&request.organization_id)
        .map_or("", |organization| organization.slug());
    let parameters = [
        ("slug", slug),
        ("stytch_token_type", "sso"),
        ("token", token.as_str()),
    ];
    let url = with_parameters(url, &parameters);
    let spendable = SsoToken {
        login,
        connection_id: request.connection_id.clone(),
        organization_id: request.organization_id.clone(),
        pkce_code_challenge: request.pkce_code_challenge.clone(),
        expires_at: now + TEN_MINUTES,
    };
    state
        .factors
        .sso_tokens
        .retain(|_, token| now < token.expires_at);
    let most = state.limits.messages;
    make_room(&mut state.factors.sso_tokens, most, |it| it.expires_at);
    state.factors.sso_tokens.insert(token.clone(), spendable);
    (token, url)
}

/// Whether logins contain the person's groups: the connection maps them, or it leads to a SAML connection that does.
fn maps_groups(state: &State, connection_id: &str) -> bool {
    idp(state, connection_id).is_some_and(|(id, kind)| {
        kind == SsoKind::Saml
            && stored(state, &id).is_some_and(crate::model::SsoConnection::maps_groups)
    })
}
