//! Consent to an authorization request: creates the one-time token and the URL of the app.

use crate::{
    model::{
        Authorization, Flow, Login, OauthToken, Person, State, clock::TEN_MINUTES,
        newest::make_room, project::with_parameters,
    },
    rules::{Kind, membership::by_account},
};

/// Signs the person in: creates the one-time token, and returns it with the app's URL. `None` if the person has no
/// account at the provider.
pub fn approve(
    state: &mut State,
    authorization: &Authorization,
    person: &Person,
) -> Option<(String, String)> {
    let login = person.login(authorization.provider, &authorization.scopes, state.now())?;
    let organization_id = match &authorization.flow {
        Flow::Discovery { .. } => None,
        Flow::Organization {
            organization_id, ..
        } => Some(organization_id.clone()),
    };
    let token = state.mint_token();
    let url = way_back(state, authorization, &login, &token);
    let spendable = OauthToken {
        login,
        scopes: authorization.scopes.clone(),
        prompts_consent: authorization.prompts_consent(),
        organization_id,
        pkce_code_challenge: authorization.pkce_code_challenge.clone(),
        expires_at: state.now() + TEN_MINUTES,
    };
    let most = state.limits.messages;
    make_room(&mut state.oauth_tokens, most, |it| it.expires_at);
    state.oauth_tokens.insert(token.clone(), spendable);
    Some((token, url))
}

/// The type of redirect URL for this login: `login` for members, `signup` for others.
pub fn comes_back_as(state: &State, organization_id: &str, login: &Login) -> Kind {
    let organization = state.organization(organization_id);
    let member = state
        .member_by_email(organization_id, &login.email)
        .or_else(|| by_account(state, organization?, std::slice::from_ref(login)));
    match member {
        Some(member) if member.status() == "active" => Kind::Login,
        _ => Kind::Signup,
    }
}

/// Active members return to the login URL; new, pending and invited ones return to the signup URL.
fn way_back(state: &State, authorization: &Authorization, login: &Login, token: &str) -> String {
    match &authorization.flow {
        Flow::Discovery { redirect_url } => with_parameters(
            redirect_url,
            &[("stytch_token_type", "discovery_oauth"), ("token", token)],
        ),
        Flow::Organization {
            organization_id,
            login_redirect_url,
            signup_redirect_url,
        } => {
            let organization = state.organization(organization_id);
            let url = match comes_back_as(state, organization_id, login) {
                Kind::Login => login_redirect_url,
                _ => signup_redirect_url,
            };
            let slug = organization.map_or("", |organization| organization.slug());
            with_parameters(
                url,
                &[
                    ("slug", slug),
                    ("stytch_token_type", "oauth"),
                    ("token", token),
                ],
            )
        }
    }
}
