//! `GET`+`POST /step_up` — the organization wants another first factor: a code or link by e-mail, a provider that proves
//! the address, or its own single sign-on. `POST /step_up/send` sends the code or link; [`super::start`] leaves for the
//! others.

use axum::{
    Form,
    extract::State,
    http::StatusCode,
    response::{Html, IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::{
    Options,
    code::{CodeForm, Fault, fault},
    org,
};
use crate::{
    error::{AppError, NotAllowed},
    session::{BrowserSession, StepUp, wait_after},
    state::AppState,
    stytch::{Login, Result as StytchResult, SessionOptions, Stytch, objects::SsoConnection},
    views::{self, Shell, StepUpPage},
};

/// What to send.
#[derive(Deserialize)]
pub struct SendForm {
    way: EmailWay,
}

/// By the vendor's names of the methods.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum EmailWay {
    EmailOtp,
    MagicLink,
}

/// Says what is missing and offers what this app has of it. Nobody is signed in.
pub async fn page(
    State(app): State<AppState>,
    session: BrowserSession,
    shell: Shell,
) -> Result<Html<String>, AppError> {
    let due = session.step_up_due().await?;
    show(&app, shell, due, Fault::default()).await
}

/// Sends a code or a link to the address in question.
pub async fn send(
    State(app): State<AppState>,
    session: BrowserSession,
    Options(options): Options,
    Form(form): Form<SendForm>,
) -> Result<Redirect, AppError> {
    let due = session.step_up_due().await?;
    let (method, sent_at) = match form.way {
        EmailWay::EmailOtp => ("email_otp", due.code_sent_at),
        EmailWay::MagicLink => ("magic_link", due.link_sent_at),
    };
    if !due.allows(method) {
        return Err(AppError::from(NotAllowed::Method).at(&due.unfinished.organization));
    }
    let now = app.clock.now();
    if wait_after(sent_at, now) > 0 {
        return Ok(Redirect::to("/step_up"));
    }
    if let Err(error) = send_by(&app, &due, form.way, &options).await {
        return Err(session.refused_at(error, &due.unfinished).await);
    }
    let sent = |due: &mut StepUp| match form.way {
        EmailWay::EmailOtp => due.code_sent_at = Some(now),
        EmailWay::MagicLink => due.link_sent_at = Some(now),
    };
    session.step_up_goes_on(sent).await?;
    Ok(Redirect::to("/step_up"))
}

/// Takes the code. A wrong one comes back with the page: nothing is lost but a try.
pub async fn code(
    State(app): State<AppState>,
    session: BrowserSession,
    shell: Shell,
    Options(options): Options,
    Form(form): Form<CodeForm>,
) -> Result<Response, AppError> {
    let due = session.step_up_due().await?;
    match spend(&app.stytch, &due, &form.code(), &options).await {
        Ok(Login::SignedIn(member)) => {
            Ok(Redirect::to(&session.sign_in(&member).await?).into_response())
        }
        Ok(Login::StepUp(more)) => {
            session.step_up(*more, due.unfinished.begun).await?;
            Ok(Redirect::to("/step_up").into_response())
        }
        Ok(Login::Mfa(more)) => {
            session.mfa(*more, due.unfinished.begun).await?;
            Ok(Redirect::to("/mfa").into_response())
        }
        Err(error) => match fault("code", &error) {
            Some(fault) => {
                let page = show(&app, shell, due, fault).await?;
                Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
            }
            None => Err(session.refused_at(error, &due.unfinished).await),
        },
    }
}

async fn send_by(
    app: &AppState,
    due: &StepUp,
    way: EmailWay,
    options: &SessionOptions,
) -> StytchResult<()> {
    let id = &due.unfinished.organization.organization_id;
    let (email, locale) = (&due.unfinished.email, options.email_locale());
    match way {
        EmailWay::EmailOtp => app.stytch.otps().send(id, email, locale).await,
        EmailWay::MagicLink => {
            let back = app.url("/authenticate");
            app.stytch
                .magic_links()
                .send(id, email, &back, locale)
                .await
        }
    }
}

async fn spend(
    stytch: &Stytch,
    due: &StepUp,
    code: &str,
    options: &SessionOptions,
) -> StytchResult<Login> {
    let half = &due.unfinished;
    let organization = &half.organization.organization_id;
    stytch
        .otps()
        .authenticate(organization, &half.email, code, &half.ist, options)
        .await
}

async fn show(
    app: &AppState,
    shell: Shell,
    due: StepUp,
    fault: Fault,
) -> Result<Html<String>, AppError> {
    let connections = connections(app, &due).await?;
    views::render(&StepUpPage::new(
        shell,
        due,
        connections,
        &app.providers,
        fault,
        app.clock.now(),
    ))
}

/// The organization's own identity providers, where they would do.
async fn connections(app: &AppState, due: &StepUp) -> Result<Vec<SsoConnection>, AppError> {
    if !due.allows("sso") {
        return Ok(Vec::new());
    }
    let slug = &due.unfinished.organization.organization_slug;
    match org::find(app, slug).await {
        Ok(organization) => Ok(organization.sso_connections()),
        // A page without them is better than none, unless they are all there is.
        Err(_) if due.allowed_auth_methods.len() > 1 => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}
