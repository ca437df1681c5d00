//! `GET`+`POST /step_up`: the organization requires another first factor. `POST /step_up/send` sends a code or link by
//! email; [`super::step_up_start`] leaves for a provider, [`super::step_up_sso`] for the organization's own identity
//! provider.
//!
//! - Needs: [`Stytch`], [`Site`], [`Clock`], [`OrganizationLookups`], [`BrowserSession`], [`Options`], [`Shell`].
//! - Relies on: the layers of every page ([`super`]), `csrf` (otherwise a sibling subdomain submits the forms),
//!   `detached` (otherwise a disconnect loses the sign-in), `replay` (otherwise a double click on the code signs
//!   the visitor out, and on the others sends two emails).

use axum::{
    Form,
    extract::State,
    http::StatusCode,
    response::{Html, IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::{CodeForm, options::Options, pasted, step_up_sso};
use crate::{
    clock::Clock,
    error::{AppError, NotAllowed, vendor},
    limits::OrganizationLookups,
    session::BrowserSession,
    sign_in::{StepUp, partial::seconds_until_resend},
    stytch::{AuthMethod, Stytch},
    views::{
        self, Shell, StepUpPage,
        words::{FieldError, field_error},
    },
    web::site::Site,
};

/// What to send: a code or a link.
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

/// Shows what is missing and what this app offers of it.
pub async fn page(
    State(clock): State<Clock>,
    organizations: OrganizationLookups,
    session: BrowserSession,
    shell: Shell,
) -> Result<Html<String>, AppError> {
    let due = session.step_up_due().await?.into_state();
    show(&clock, &organizations, shell, due, FieldError::default()).await
}

/// Sends a code or a link to the member's address.
pub async fn send(
    State(stytch): State<Stytch>,
    State(site): State<Site>,
    State(clock): State<Clock>,
    session: BrowserSession,
    Options(options): Options,
    Form(form): Form<SendForm>,
) -> Result<Redirect, AppError> {
    let due = session.step_up_due().await?;
    let (method, sent_at) = match form.way {
        EmailWay::EmailOtp => (AuthMethod::EmailOtp, due.code_sent_at),
        EmailWay::MagicLink => (AuthMethod::MagicLink, due.link_sent_at),
    };
    let (partial, now) = (&due.partial, clock.now());
    if !due.allows(&method) {
        return Err(AppError::from(NotAllowed::Method).at(&partial.organization));
    }
    if seconds_until_resend(sent_at, now) > 0 {
        return Ok(Redirect::to("/step_up"));
    }
    let (id, email) = (&partial.organization.organization_id, &partial.email);
    let (locale, back) = (options.email_locale(), site.url("/authenticate"));
    let sent = match form.way {
        EmailWay::EmailOtp => stytch.otps().send(id, email, locale).await,
        EmailWay::MagicLink => stytch.magic_links().send(id, email, &back, locale).await,
    };
    match (sent, form.way) {
        (Ok(()), EmailWay::EmailOtp) => due.save_code_sent(now).await?,
        (Ok(()), EmailWay::MagicLink) => due.save_link_sent(now).await?,
        (Err(error), _) => return Err(due.refused(error).await),
    }
    Ok(Redirect::to("/step_up"))
}

/// Accepts the code. After a wrong one, the page comes back and nothing is lost but an attempt.
pub async fn code(
    State(stytch): State<Stytch>,
    State(clock): State<Clock>,
    organizations: OrganizationLookups,
    session: BrowserSession,
    shell: Shell,
    Options(options): Options,
    Form(form): Form<CodeForm>,
) -> Result<Response, AppError> {
    let (due, code) = (session.step_up_due().await?, form.code());
    if !pasted::is_plausible(&code) {
        return refuse(&clock, &organizations, shell, due.into_state(), NO_CODE).await;
    }
    let (partial, otps) = (&due.partial, stytch.otps());
    let (id, email) = (&partial.organization.organization_id, &partial.email);
    let login = otps.authenticate(id, email, &code, &partial.ist, &options);
    match login.await {
        Ok(login) => Ok(due.arrive(login).await?.into_response()),
        Err(error) => match field_error("code", &error) {
            Some(wrong) => refuse(&clock, &organizations, shell, due.into_state(), wrong).await,
            None => Err(due.refused(error).await),
        },
    }
}

const NO_CODE: FieldError = FieldError {
    field: "code",
    text: vendor::SIX_DIGITS,
};

async fn refuse(
    clock: &Clock,
    organizations: &OrganizationLookups,
    shell: Shell,
    due: StepUp,
    wrong: FieldError,
) -> Result<Response, AppError> {
    let page = show(clock, organizations, shell, due, wrong).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

async fn show(
    clock: &Clock,
    organizations: &OrganizationLookups,
    shell: Shell,
    due: StepUp,
    field_error: FieldError,
) -> Result<Html<String>, AppError> {
    let connections = step_up_sso::connections(organizations, &due).await?;
    let page = StepUpPage::new(shell, due, connections, field_error, clock.now());
    views::render(&page)
}
