//! Passwords in discovery, and required resets. Both exist only in projects with passwords across organizations.

use serde_json::Map;

use crate::{
    api::{
        magic_links::{link_lifetime, redirect_url},
        passwords::member_by_any,
        primary::begin_discovery,
        recipient::{address, check_email_locale, member_fields},
    },
    http::ApiRequest,
    model::{ApiError, Kind, Link, Login, Reply, State, pkce},
    rules::{
        Rights, links, locks, password_strength::check_new, passwords, redirect_urls, texts::Text,
    },
};

/// `POST /v1/b2b/passwords/discovery/authenticate`: takes address and password, and returns an intermediate session and
/// the organizations.
pub fn authenticate(state: &mut State, request: &ApiRequest) -> Reply {
    check_enabled(state)?;
    let email = address(request)?;
    let text = request.need_text("password")?;
    let members = passwords::with_address(state, &email);
    for id in &members {
        locks::check(state, id)?;
    }
    let password = state.factors.passwords.get(&email);
    let password = password.ok_or_else(|| ApiError::of("member_password_not_found"))?;
    if !password.hash.fits(text) {
        return Err(wrong_guess(state, &email, &members));
    }
    passwords::check_reset(state, password, text)?;
    let (id, is_everywhere) = (password.id.clone(), password.is_everywhere);
    state.factors.wrong_codes.remove(&email);
    if is_everywhere {
        passwords::mark_everywhere(state, &email, &id);
    }
    let login = passwords::login(state, &id, &email, None);
    Ok(begin_discovery(state, login))
}

/// `POST /v1/b2b/passwords/discovery/email/reset/start`: sends a link to set a password to any address.
pub fn start(state: &mut State, request: &ApiRequest) -> Reply {
    check_enabled(state)?;
    let locale = check_email_locale(request)?;
    let lives = link_lifetime(request, "reset_password_expiration_minutes", 30)?;
    let pkce_code_challenge = pkce::challenge(request.raw_text("pkce_code_challenge")?)?;
    let email = address(request)?;
    let reset = redirect_urls::Kind::ResetPassword;
    let redirect = redirect_url(state, request, "reset_password_redirect_url", reset)?;
    let discovery = redirect_urls::Kind::Discovery;
    redirect_url(state, request, "discovery_redirect_url", discovery)?;
    let link = Link {
        kind: Kind::DiscoveryPasswordReset,
        email,
        member_id: None,
        redirect_url: redirect,
        slug: String::new(),
        pkce_code_challenge,
        expires_at: state.now() + lives,
        used: false,
    };
    links::send(state, link, Text::ResetPasswords.written(locale));
    Ok(Map::new())
}

/// `POST /v1/b2b/passwords/discovery/email/reset`: takes the token of the link and a password, and returns an
/// intermediate session and the organizations. All sessions of the members with the address end.
pub fn reset(state: &mut State, request: &ApiRequest) -> Reply {
    check_enabled(state)?;
    let token = request.need_text("password_reset_token")?;
    let text = request.need_text("password")?;
    let verifier = request.text("pkce_code_verifier")?;
    let link = links::reset(state, token, verifier, Kind::DiscoveryPasswordReset)?;
    let members = passwords::with_address(state, &link.email);
    for id in &members {
        locks::check(state, id)?;
    }
    check_new(&state.passwords, text, &link.email)?;
    links::use_up(state, token);
    let id = passwords::set_shared(state, &link.email, text);
    for member_id in &members {
        passwords::end_sessions(state, member_id, None);
    }
    let login = Login {
        proves_email: true,
        ..passwords::login(state, &id, &link.email, None)
    };
    Ok(begin_discovery(state, login))
}

/// `POST /v1/b2b/passwords/email/require_reset`: takes an address and optionally its member. The password does not work
/// until it is reset by email. If the address has only one active member, the password is deleted.
pub fn require_reset(state: &mut State, request: &ApiRequest) -> Reply {
    let rights = Rights::of(state, &request.acting)?;
    check_enabled(state)?;
    let email = address(request)?;
    let member_id = if let Some(reference) = request.text("organization_id")? {
        let organization = state.need_organization(reference)?;
        rights.in_organization(organization)?;
        let id = member_by_any(state, organization, request)?;
        rights.need_on(state, &id, "update.info.delete.password")?;
        Some(id)
    } else {
        rights.project_only()?;
        None
    };
    let password = state.factors.passwords.get_mut(&email);
    let password = password.ok_or_else(|| ApiError::of("member_password_not_found"))?;
    password.must_reset = true;
    let password_id = password.id.clone();
    let members = passwords::with_address(state, &email);
    let active = members.iter().filter(|id| {
        let member = state.member(id);
        member.is_some_and(|member| member.status() == "active")
    });
    if active.count() == 1 {
        passwords::forget(state, &password_id);
    }
    Ok(member_id.map_or_else(Map::new, |id| member_fields(state, &id)))
}

fn check_enabled(state: &State) -> Result<(), ApiError> {
    if state.passwords.cross_org_passwords_enabled {
        Ok(())
    } else {
        Err(ApiError::of("cross_org_passwords_not_enabled"))
    }
}

/// Counts a wrong guess for each member with the address. If there is no member to lock, the password must be reset
/// after the number of guesses that would lock a member.
fn wrong_guess(state: &mut State, email: &str, members: &[String]) -> ApiError {
    let wrong = ApiError::of("unauthorized_credentials");
    for id in members {
        let _ = locks::count::<()>(state, id, Err(wrong.clone()));
    }
    if members.is_empty() {
        let guesses = state
            .factors
            .wrong_codes
            .entry(email.to_owned())
            .or_default();
        *guesses += 1;
        if *guesses >= state.locks.attempts
            && let Some(password) = state.factors.passwords.get_mut(email)
        {
            *guesses = 0;
            password.must_reset = true;
        }
    }
    wrong
}
