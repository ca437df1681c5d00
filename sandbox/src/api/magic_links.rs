//! `magic_links.email.login_or_signup`, `.discovery.send`, `magic_links.authenticate` and
//! `magic_links.discovery.authenticate`. See `docs/stytch.md#links-and-codes-by-email`.

use serde_json::{Map, json};
use time::Duration;

use crate::{
    api::{
        primary::{Before, begin_discovery},
        recipient::{address, check_email_locale, lifetime, member_fields, recipient},
        sandbox_values,
    },
    http::ApiRequest,
    model::{ApiError, Kind, Link, Login, Proof, Reply, State, pkce},
    rules::{
        Way, email_updates, links,
        redirect_urls::{self, choose},
        texts::Text,
    },
};

/// `POST /v1/b2b/magic_links/email/login_or_signup`: sends a link to a member, or to a person who can join by email
/// domain and becomes a pending member.
pub fn login_or_signup(state: &mut State, request: &ApiRequest) -> Reply {
    let locale = check_email_locale(request)?;
    let login_lives = link_lifetime(request, "login_expiration_minutes", 60)?;
    let signup_lives = link_lifetime(request, "signup_expiration_minutes", 60)?;
    let challenge = pkce::challenge(request.raw_text("pkce_code_challenge")?)?;
    if sandbox_values::is_to_sample(request)? {
        let mut answer = sandbox_values::sent(state);
        answer.insert("member_created".into(), json!(false));
        return Ok(answer);
    }
    let to = recipient(state, request, &Proof::MagicLink)?;
    let (kind, wanted, lives) = if to.is_active {
        (Kind::Login, redirect_urls::Kind::Login, login_lives)
    } else {
        (Kind::Signup, redirect_urls::Kind::Signup, signup_lives)
    };
    // Both URLs must be registered, although only one is used.
    for (field, kind) in [
        ("login_redirect_url", redirect_urls::Kind::Login),
        ("signup_redirect_url", redirect_urls::Kind::Signup),
    ] {
        if request.body_has(field)? {
            redirect_url(state, request, field, kind)?;
        }
    }
    let field = format!("{}_redirect_url", wanted.word());
    let redirect_url = redirect_url(state, request, &field, wanted)?;

    let (member_id, created) = to.row(state);
    let link = Link {
        kind,
        email: to.email.clone(),
        member_id: Some(member_id.clone()),
        redirect_url,
        slug: to.slug,
        pkce_code_challenge: challenge,
        expires_at: state.now() + lives,
        used: false,
    };
    let text = if to.is_active {
        Text::SignInTo(&to.organization_name)
    } else {
        Text::Join(&to.organization_name)
    };
    links::send(state, link, text.written(locale));
    let mut answer = member_fields(state, &member_id);
    answer.insert("member_created".into(), json!(created));
    Ok(answer)
}

/// `POST /v1/b2b/magic_links/email/discovery/send`: sends a link to any address.
pub fn discovery_send(state: &mut State, request: &ApiRequest) -> Reply {
    let locale = check_email_locale(request)?;
    let lives = link_lifetime(request, "discovery_expiration_minutes", 60)?;
    let challenge = pkce::challenge(request.raw_text("pkce_code_challenge")?)?;
    if sandbox_values::is_sample_address(request)? {
        return Ok(Map::new());
    }
    let email = address(request)?;
    let wanted = redirect_urls::Kind::Discovery;
    let link = Link {
        kind: Kind::Discovery,
        email,
        member_id: None,
        redirect_url: redirect_url(state, request, "discovery_redirect_url", wanted)?,
        slug: String::new(),
        pkce_code_challenge: challenge,
        expires_at: state.now() + lives,
        used: false,
    };
    links::send(state, link, Text::Continue.written(locale));
    Ok(Map::new())
}

/// `POST /v1/b2b/magic_links/authenticate`: takes `magic_links_token` and returns the common authentication response.
/// The session of a member other than the link's is ignored.
pub fn authenticate(state: &mut State, request: &ApiRequest) -> Reply {
    check_email_locale(request)?;
    let mut before = Before::read(state, request)?;
    let token = request.need_text("magic_links_token")?;
    let verifier = request.text("pkce_code_verifier")?;
    if let Some(answer) = sandbox_values::authenticated(state, token, &before) {
        return answer;
    }
    let link = links::spend(state, token, verifier, false)?;
    // A member who has since been deleted or has a new address is not the recipient of the link.
    let member = link.member_id.as_deref().and_then(|id| state.member(id));
    let member = member
        .filter(|member| {
            member.status() != "deleted"
                && (member.email().eq_ignore_ascii_case(&link.email)
                    || email_updates::is_for(state, member.id(), &link.email))
        })
        .ok_or_else(|| ApiError::of("unable_to_auth_magic_link"))?;
    let (id, email_id) = (member.id().to_owned(), member.email_id.clone());
    let organization_id = member.organization_id().to_owned();
    before.ignore_session_of_others(state, &id);
    let login = Login::by_email(Proof::MagicLink, &link.email, state.now());
    let way = Way::Member(id.clone());
    let mut answer = before.enter(state, &organization_id, &login, |_, _, _| Ok(way))?;
    email_updates::finish(state, &id, &login);
    answer.insert("method_id".into(), json!(email_id));
    answer.insert("reset_sessions".into(), json!(false));
    Ok(answer)
}

/// `POST /v1/b2b/magic_links/discovery/authenticate`: takes `discovery_magic_links_token` and returns an intermediate
/// session and the organizations.
pub fn discovery_authenticate(state: &mut State, request: &ApiRequest) -> Reply {
    let token = request.need_text("discovery_magic_links_token")?;
    let verifier = request.text("pkce_code_verifier")?;
    if let Some(answer) = sandbox_values::discovered(state, token) {
        return answer;
    }
    let link = links::spend(state, token, verifier, true)?;
    let login = Login::by_email(Proof::MagicLink, &link.email, state.now());
    Ok(begin_discovery(state, login))
}

/// Lifetime of a link: 5 minutes to 7 days.
pub fn link_lifetime(
    request: &ApiRequest,
    field: &str,
    default: i64,
) -> Result<Duration, ApiError> {
    lifetime(request, field, default, 5..=10_080, "invalid_expiration")
}

/// The registered URL of this type that the field names, or the default one.
pub fn redirect_url(
    state: &State,
    request: &ApiRequest,
    field: &str,
    kind: redirect_urls::Kind,
) -> Result<String, ApiError> {
    choose(&state.redirect_urls, kind, request.text(field)?).map_err(|refused| {
        refused
            .with_mismatch("no_match_for_provided_magic_link_url")
            .error()
    })
}
