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
    error::{AppError, NotAllowed},
    session::{BrowserSession, Enrolling, Mfa, wait_after},
    state::AppState,
    stytch::{self, Result as StytchResult, SessionOptions, SignedIn, Stytch, mfa},
    views::{self, MfaPage, Shell},
};

/// Which code it is, and the code. Blanks in it are fine.
#[derive(Deserialize)]
pub struct CodeForm {
    method: Factor,
    #[serde(default)]
    code: String,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Factor {
    Sms,
    Totp,
    Recovery,
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
    match spend(&app.stytch, &due, form.method, &code, &options).await {
        Ok(member) => Ok(Redirect::to(&session.sign_in(&member).await?).into_response()),
        Err(error) => match fault(form.method.field(), &error) {
            Some(fault) => {
                let page = show(&app, shell, due, fault)?;
                Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
            }
            None => Err(session.refused_at(error, &due.unfinished).await),
        },
    }
}

/// Sends a code by SMS: again, or to a phone that is typed here.
pub async fn sms(
    State(app): State<AppState>,
    session: BrowserSession,
    shell: Shell,
    Options(options): Options,
    Form(form): Form<PhoneForm>,
) -> Result<Response, AppError> {
    let (mut due, now) = (session.mfa_due().await?, app.clock.now());
    let typed = digits(&form.phone_number);
    let typed = (due.may_bring_phone() && !(due.phone_is_new && typed.is_empty())).then_some(typed);
    if wait_after(due.sms_sent_at, now) > 0 || !(due.has_sms() || typed.is_some()) {
        return Ok(Redirect::to("/mfa").into_response());
    }
    if typed.is_some() && due.phone_is_new {
        due = take_back(&app.stytch, &session, due).await?;
    }
    let phone = typed.as_deref();
    match half(&app.stytch, &due).send_sms(phone, &options).await {
        Ok(()) => {
            session.mfa_goes_on(|due| due.sms_sent(typed, now)).await?;
            Ok(Redirect::to("/mfa").into_response())
        }
        Err(error) => match fault("phone", &error) {
            Some(fault) => {
                due.typed_phone = form.phone_number;
                let page = show(&app, shell, due, fault)?;
                Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
            }
            None => Err(refused(&session, error, &due, form.phone_number).await),
        },
    }
}

/// Begins to set an authenticator app up. It is in use once its first code has been given.
pub async fn totp(
    State(stytch): State<Stytch>,
    session: BrowserSession,
) -> Result<Redirect, AppError> {
    let due = session.mfa_due().await?;
    if !due.may_bring_app() {
        return Ok(Redirect::to("/mfa"));
    }
    match half(&stytch, &due).create_totp().await {
        Ok(new) => {
            let enrolling = Enrolling {
                secret: new.secret,
                recovery_codes: new.recovery_codes,
            };
            let change = |due: &mut Mfa| due.enrolling = Some(enrolling);
            session.mfa_goes_on(change).await?;
            Ok(Redirect::to("/mfa"))
        }
        Err(error) => Err(session.refused_at(error, &due.unfinished).await),
    }
}

impl Factor {
    /// The id of its field.
    fn field(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Totp => "totp",
            Self::Recovery => "recovery",
        }
    }
}

/// Stytch keeps a number before any code has come back from it. Takes one away that was typed here and was wrong, as
/// long as nobody has proved it.
async fn take_back(stytch: &Stytch, session: &BrowserSession, due: Mfa) -> Result<Mfa, AppError> {
    let organization = &due.unfinished.organization;
    let (id, member_id) = (&organization.organization_id, &due.unfinished.member_id);
    let members = stytch.members();
    let deleted = match members.get(id, member_id).await {
        Ok(member) if member.mfa_phone_number_verified => {
            return Err(AppError::from(NotAllowed::UseYours).at(organization));
        }
        Ok(member) if member.mfa_phone_number.is_empty() => Ok(()),
        Ok(_) => members.delete_mfa_phone_number(id, member_id).await,
        Err(error) => Err(error),
    };
    if let Err(error) = deleted {
        return Err(session.refused_at(error, &due.unfinished).await);
    }
    session.mfa_goes_on(Mfa::without_phone).await?;
    session.mfa_due().await
}

/// What was typed is kept where trying again may help.
async fn refused(
    session: &BrowserSession,
    error: stytch::Error,
    due: &Mfa,
    typed: String,
) -> AppError {
    let error = session.refused_at(error, &due.unfinished).await;
    if matches!(error, AppError::TryLater(_)) {
        let kept = session.mfa_goes_on(|due| due.typed_phone = typed).await;
        return kept.err().unwrap_or(error);
    }
    error
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
    factor: Factor,
    code: &str,
    options: &SessionOptions,
) -> StytchResult<SignedIn> {
    let half = half(stytch, due);
    match factor {
        Factor::Sms => half.sms(code, options).await,
        Factor::Totp => half.totp(code, options).await,
        Factor::Recovery => half.recover(code, options).await,
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
