//! `GET`+`POST /mfa` — a second factor: a code by SMS, of an authenticator app, or a recovery code.
//! `POST /mfa/sms` sends the code, `POST /mfa/totp` sets an authenticator app up.

use axum::{
    Form,
    extract::State,
    http::StatusCode,
    response::{Html, IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::{
    Options,
    code::{Fault, fault, without_blanks},
};
use crate::{
    error::AppError,
    session::{BrowserSession, Enrolling, Mfa, state::last_four, wait_after},
    state::AppState,
    stytch::{Result as StytchResult, SessionOptions, SignedIn, Stytch, mfa},
    views::{self, MfaPage, Shell},
};

/// Which code it is, and the code. Blanks in it are fine.
#[derive(Deserialize)]
pub struct CodeForm {
    #[serde(default)]
    method: String,
    #[serde(default)]
    code: String,
}

/// Where to send a code, for a member who has no phone yet.
#[derive(Deserialize)]
pub struct PhoneForm {
    #[serde(default)]
    phone_number: String,
}

/// Says what is missing and takes it.
pub async fn page(
    State(app): State<AppState>,
    session: BrowserSession,
    shell: Shell,
) -> Result<Html<String>, AppError> {
    let due = session.mfa_due().await?;
    show(&app, shell, due, Fault::default())
}

/// Takes a code. A wrong one comes back with the page: nothing is lost but a try.
pub async fn code(
    State(app): State<AppState>,
    session: BrowserSession,
    shell: Shell,
    Options(options): Options,
    Form(form): Form<CodeForm>,
) -> Result<Response, AppError> {
    let due = session.mfa_due().await?;
    let code = without_blanks(&form.code);
    match spend(&app.stytch, &due, &form.method, &code, &options).await {
        Ok(member) => Ok(Redirect::to(&session.sign_in(&member).await?).into_response()),
        Err(error) => match fault(&form.method, &error) {
            Some(fault) => {
                let page = show(&app, shell, due, fault)?;
                Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
            }
            None => Err(session.refused_at(error, &due.unfinished).await),
        },
    }
}

/// Sends a code by SMS: again, or for the first time to a phone that is typed here.
pub async fn sms(
    State(app): State<AppState>,
    session: BrowserSession,
    shell: Shell,
    Options(options): Options,
    Form(form): Form<PhoneForm>,
) -> Result<Response, AppError> {
    let mut due = session.mfa_due().await?;
    if wait_after(due.sms_sent_at, app.clock.now()) > 0 {
        return Ok(Redirect::to("/mfa").into_response());
    }
    let typed = digits(&form.phone_number);
    let phone = due.phone_ending.is_empty().then_some(typed.as_str());
    match half(&app.stytch, &due).send_sms(phone, &options).await {
        Ok(()) => {
            if let Some(phone) = phone {
                due.phone_ending = last_four(phone);
            }
            due.sms_sent_at = Some(app.clock.now());
            session.mfa_goes_on(due).await?;
            Ok(Redirect::to("/mfa").into_response())
        }
        Err(error) => match fault("phone", &error) {
            Some(fault) => {
                let fault = Fault {
                    typed: form.phone_number,
                    ..fault
                };
                let page = show(&app, shell, due, fault)?;
                Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
            }
            None => Err(session.refused_at(error, &due.unfinished).await),
        },
    }
}

/// Begins to set an authenticator app up. It is in use once its first code has been given.
pub async fn totp(
    State(stytch): State<Stytch>,
    session: BrowserSession,
) -> Result<Redirect, AppError> {
    let mut due = session.mfa_due().await?;
    if due.has_totp {
        return Ok(Redirect::to("/mfa"));
    }
    match half(&stytch, &due).create_totp().await {
        Ok(new) => {
            due.enrolling = Some(Enrolling {
                secret: new.secret,
                recovery_codes: new.recovery_codes,
            });
            session.mfa_goes_on(due).await?;
            Ok(Redirect::to("/mfa"))
        }
        Err(error) => Err(session.refused_at(error, &due.unfinished).await),
    }
}

/// A number as people write it, as E.164.
fn digits(phone_number: &str) -> String {
    phone_number
        .chars()
        .filter(|c| !" -()./".contains(*c))
        .collect()
}

fn half<'a>(stytch: &'a Stytch, due: &'a Mfa) -> mfa::Mfa<'a> {
    let unfinished = &due.unfinished;
    let organization = &unfinished.organization.organization_id;
    stytch.mfa(&unfinished.ist, organization, &unfinished.member_id)
}

async fn spend(
    stytch: &Stytch,
    due: &Mfa,
    method: &str,
    code: &str,
    options: &SessionOptions,
) -> StytchResult<SignedIn> {
    match method {
        "sms" => half(stytch, due).sms(code, options).await,
        "recovery" => half(stytch, due).recover(code, options).await,
        _ => half(stytch, due).totp(code, options).await,
    }
}

fn show(app: &AppState, shell: Shell, due: Mfa, fault: Fault) -> Result<Html<String>, AppError> {
    let now = app.clock.now();
    views::render(&MfaPage {
        shell,
        wait: wait_after(due.sms_sent_at, now),
        sms_until: due
            .sms_sent_at
            .map(|at| at + Mfa::SMS_LIVES)
            .filter(|until| *until > now),
        qr: due
            .enrolling
            .as_ref()
            .and_then(|it| views::qr::otpauth(&due.unfinished, &it.secret)),
        once: views::once(),
        due,
        fault,
    })
}
