//! Sets a password in an organization: by email, by the existing password, or by a session.

use serde_json::{Map, Value, json};
use time::Duration;

use crate::{
    api::{
        magic_links::{link_lifetime, redirect_url},
        passwords::{check_method, member_by_address},
        primary::Before,
        recipient::{check_email_locale, member_fields},
        session_arguments::optional_session,
    },
    http::ApiRequest,
    model::{
        ApiError, Kind, Link, Login, Proof, Reply, Session, State, claims, fields::fields, pkce,
    },
    rules::{
        Way, entry::session_parts, links, locks, password_strength::check_new, passwords,
        redirect_urls, texts::Text,
    },
};

/// Maximum age of a session's newest factor when it sets a password.
const FRESH: Duration = Duration::minutes(5);

/// `POST /v1/b2b/passwords/email/reset/start`: sends the member a link to set a password.
pub fn start(state: &mut State, request: &ApiRequest) -> Reply {
    let locale = check_email_locale(request)?;
    let lives = link_lifetime(request, "reset_password_expiration_minutes", 30)?;
    let pkce_code_challenge = pkce::challenge(request.raw_text("code_challenge")?)?;
    let (organization_id, id) = member_by_address(state, request)?;
    locks::check(state, &id)?;
    check_method(state, &id)?;
    let wanted = redirect_urls::Kind::ResetPassword;
    let redirect_url_ = redirect_url(state, request, "reset_password_redirect_url", wanted)?;
    let login = redirect_urls::Kind::Login;
    redirect_url(state, request, "login_redirect_url", login)?;

    let organization = state.need_organization(&organization_id)?;
    let member = state.need_member(&id)?;
    let (email_id, subject) = (
        member.email_id.clone(),
        Text::ResetPassword(organization.name()).written(locale),
    );
    let link = Link {
        kind: Kind::PasswordReset,
        email: member.email().to_owned(),
        member_id: Some(id.clone()),
        redirect_url: redirect_url_,
        slug: organization.slug().to_owned(),
        pkce_code_challenge,
        expires_at: state.now() + lives,
        used: false,
    };
    links::send(state, link, subject);
    let mut answer = member_fields(state, &id);
    answer.remove("organization");
    answer.insert("member_email_id".into(), json!(email_id));
    Ok(answer)
}

/// `POST /v1/b2b/passwords/email/reset`: takes the token of the link and a password, and returns the common
/// authentication response. The link proves the address. A weak password does not use up the token.
pub fn by_email(state: &mut State, request: &ApiRequest) -> Reply {
    check_email_locale(request)?;
    let mut before = Before::read(state, request)?;
    let token = request.need_text("password_reset_token")?;
    let password = request.need_text("password")?;
    let verifier = request.text("code_verifier")?;
    let link = links::reset(state, token, verifier, Kind::PasswordReset)?;
    // A member who has since been deleted or has a new address is not the recipient of the link.
    let member = link.member_id.as_deref().and_then(|id| state.member(id));
    let member = member
        .filter(|it| it.status() != "deleted" && it.email().eq_ignore_ascii_case(&link.email))
        .ok_or_else(|| ApiError::of("unable_to_auth_password_reset_token"))?;
    let (id, email_id) = (member.id().to_owned(), member.email_id.clone());
    let login = Login {
        proves_email: true,
        ..login_of(state, &id)?
    };
    locks::check(state, &id)?;
    check_method(state, &id)?;
    check_new(&state.passwords, password, &link.email)?;
    links::use_up(state, token);
    before.ignore_session_of_others(state, &id);
    let mut answer = set(state, before, &id, &login, password)?;
    answer.insert("member_email_id".into(), json!(email_id));
    Ok(answer)
}

/// `POST /v1/b2b/passwords/existing_password/reset`: takes organization, address, and the old and the new password, and
/// returns the common authentication response.
pub fn by_existing(state: &mut State, request: &ApiRequest) -> Reply {
    check_email_locale(request)?;
    let mut before = Before::read(state, request)?;
    before.intermediate = None; // this endpoint does not accept one
    let (_, id) = member_by_address(state, request)?;
    let existing = request.need_text("existing_password")?;
    let password = request.need_text("new_password")?;
    check_method(state, &id)?;
    passwords::prove(state, &id, existing)?;
    let email = state.need_member(&id)?.email().to_owned();
    check_new(&state.passwords, password, &email)?;
    let login = login_of(state, &id)?;
    set(state, before, &id, &login, password)
}

/// `POST /v1/b2b/passwords/session/reset`: takes organization, session and password, and returns the session. The
/// session must have a factor of the last five minutes.
pub fn by_session(state: &mut State, request: &ApiRequest) -> Reply {
    check_email_locale(request)?;
    let requested = request.requested_session()?;
    let session_id =
        optional_session(state, request)?.ok_or_else(|| ApiError::of("no_session_arguments"))?;
    let organization = state.need_organization(request.need_text("organization_id")?)?;
    let password = request.need_text("password")?;
    let session = state.session(&session_id);
    let session = session
        .filter(|session| session.organization_id == organization.id())
        .ok_or_else(|| ApiError::of("session_not_found"))?;
    let id = session.member_id.clone();
    locks::check(state, &id)?;
    check_method(state, &id)?;
    if !is_fresh(state, session) {
        return Err(ApiError::of("session_too_old_to_reset_password"));
    }
    let member = state.need_member(&id)?;
    if passwords::of(state, member).is_some_and(|it| it.must_reset) {
        return Err(ApiError::of("member_reset_password"));
    }
    check_new(&state.passwords, password, member.email())?;
    let claims = claims::merged(&session.custom_claims, &requested.claims)?;

    let password_id = passwords::next_id(state, member);
    passwords::set(state, &id, &password_id, password, None);
    passwords::end_sessions(state, &id, Some(&session_id));
    extend(state, &session_id, requested.minutes, claims);
    let mut answer = session_parts(state, &session_id);
    answer.extend(fields(json!({
        "member_id": id,
        "member_device": null,
        "member_authenticated": true,
        "intermediate_session_token": "",
        "mfa_required": null,
    })));
    Ok(answer)
}

/// Writes the claims into the session, and extends it if a duration is given.
fn extend(state: &mut State, session_id: &str, minutes: Option<i64>, claims: Map<String, Value>) {
    let now = state.now();
    if let Some(session) = state.sessions.iter_mut().find(|it| it.id == session_id) {
        session.last_accessed_at = now;
        session.custom_claims = claims;
        if let Some(minutes) = minutes {
            session.expires_at = now + Duration::minutes(minutes);
        }
    }
}

/// The login by a member's password, whether it is already set or not.
fn login_of(state: &State, member_id: &str) -> Result<Login, ApiError> {
    let member = state.need_member(member_id)?;
    let password_id = passwords::next_id(state, member);
    Ok(passwords::login(
        state,
        &password_id,
        member.email(),
        Some(member.organization_id()),
    ))
}

/// Signs the member in. If that succeeds, sets the password and ends the member's other sessions.
fn set(
    state: &mut State,
    before: Before,
    member_id: &str,
    login: &Login,
    password: &str,
) -> Result<Map<String, Value>, ApiError> {
    let organization_id = state.need_member(member_id)?.organization_id().to_owned();
    let way = Way::Member(member_id.to_owned());
    let mut answer = before.enter(state, &organization_id, login, |_, _, _| Ok(way))?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let kept = text(&answer["intermediate_session_token"]);
    passwords::set(state, member_id, &login.subject, password, Some(&kept));
    let session_id = text(&answer["member_session"]["member_session_id"]);
    passwords::end_sessions(state, member_id, Some(&session_id));
    answer.extend(member_fields(state, member_id));
    Ok(answer)
}

/// Whether the session has a factor of the last five minutes. For a password that also works in other organizations,
/// the factor must prove the address; this organization's identity provider is not enough.
fn is_fresh(state: &State, session: &Session) -> bool {
    let shared = state.passwords.cross_org_passwords_enabled;
    session.factors.iter().any(|factor| {
        let login = &factor.login;
        let counts = !shared || login.proves_email || login.proof == Proof::Password;
        counts && state.now() - login.at <= FRESH
    })
}
