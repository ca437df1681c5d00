//! `otps.email.login_or_signup`, `.authenticate`, `.discovery.send` and `.discovery.authenticate`.
//! See `docs/stytch.md#links-and-codes-by-email`.

use serde_json::{Map, json};
use time::Duration;

use crate::{
    api::{
        primary::{Before, begin_discovery},
        recipient::{address, check_email_locale, lifetime, member_fields, recipient},
    },
    http::ApiRequest,
    model::{ApiError, Channel, Login, Proof, Recipient, Reply, State},
    rules::{Way, codes, email_updates, locks, messages::send_code, texts::Text},
};

/// `POST /v1/b2b/otps/email/login_or_signup`: sends a code to a member, or to a person who can join by email domain and
/// becomes a pending member.
pub fn login_or_signup(state: &mut State, request: &ApiRequest) -> Reply {
    let locale = check_email_locale(request)?;
    let login_lives = code_lifetime(request, "login_expiration_minutes")?;
    let signup_lives = code_lifetime(request, "signup_expiration_minutes")?;
    let to = recipient(state, request, &Proof::EmailOtp)?;
    let (member_id, created) = to.row(state);
    let (kind, lives) = if to.is_active {
        ("login_otp", login_lives)
    } else {
        ("signup_otp", signup_lives)
    };
    let code = codes::make(state, Recipient::Email(member_id.clone()), &to.email, lives);
    let subject = Text::CodeFor(&to.organization_name).written(locale);
    send_code(state, Channel::Email, &to.email, kind, subject, code);
    let mut answer = member_fields(state, &member_id);
    answer.insert("member_created".into(), json!(created));
    Ok(answer)
}

/// `POST /v1/b2b/otps/email/authenticate`: takes organization, address and code, and returns the common authentication
/// response.
pub fn authenticate(state: &mut State, request: &ApiRequest) -> Reply {
    check_email_locale(request)?;
    let before = Before::read(state, request)?;
    let organization = state.need_organization(request.need_text("organization_id")?)?;
    let organization_id = organization.id().to_owned();
    let email = address(request)?;
    let code = request.need_text("code")?;
    codes::check_form(code)?;
    let member = state
        .member_by_email(&organization_id, &email)
        .or_else(|| {
            state.member(&email_updates::member_to_be(
                state,
                &organization_id,
                &email,
            )?)
        })
        .ok_or_else(|| ApiError::of("member_not_found"))?;
    let (id, email_id) = (member.id().to_owned(), member.email_id.clone());
    locks::check(state, &id)?;
    let outcome = codes::spend(state, &Recipient::Email(id.clone()), &email, code);
    locks::count(state, &id, outcome)?;
    let login = Login::by_email(Proof::EmailOtp, &email, state.now());
    let way = Way::Member(id.clone());
    let mut answer = before.enter(state, &organization_id, &login, |_, _, _| Ok(way))?;
    email_updates::finish(state, &id, &login);
    answer.insert("method_id".into(), json!(email_id));
    Ok(answer)
}

/// `POST /v1/b2b/otps/email/discovery/send`: sends a code to any address.
pub fn discovery_send(state: &mut State, request: &ApiRequest) -> Reply {
    let locale = check_email_locale(request)?;
    let lives = code_lifetime(request, "discovery_expiration_minutes")?;
    let email = address(request)?;
    let code = codes::make(state, Recipient::Discovery(email.clone()), &email, lives);
    let subject = Text::Code.written(locale);
    send_code(
        state,
        Channel::Email,
        &email,
        "discovery_otp",
        subject,
        code,
    );
    Ok(Map::new())
}

/// `POST /v1/b2b/otps/email/discovery/authenticate`: takes address and code, and returns an intermediate session and
/// the organizations.
pub fn discovery_authenticate(state: &mut State, request: &ApiRequest) -> Reply {
    let email = address(request)?;
    let code = request.need_text("code")?;
    codes::check_form(code)?;
    codes::spend(state, &Recipient::Discovery(email.clone()), &email, code)?;
    let login = Login::by_email(Proof::EmailOtp, &email, state.now());
    Ok(begin_discovery(state, login))
}

/// Lifetime of a code: 2 to 15 minutes, 10 by default.
fn code_lifetime(request: &ApiRequest, field: &str) -> Result<Duration, ApiError> {
    lifetime(request, field, 10, 2..=15, "invalid_expiration_otp")
}
