//! `GET`+`POST /step_up`: another first factor, which the organization requires. `POST /step_up/send` sends a code or
//! link by email. [`super::step_up_start`] redirects to a provider, and [`super::step_up_sso`] to the organization's
//! own identity provider.
//!
//! - Needs: [`Context`], [`Site`], [`Clock`], [`OrganizationLookups`], [`EmailLimits`], [`CodeLimits`], [`Client`],
//!   [`BrowserSession`], [`Options`], [`Shell`].
//! - Relies on: the layers of every page ([`super`]), `csrf` (otherwise a sibling subdomain submits the forms),
//!   `detached` (otherwise a disconnect loses the sign-in), `replay` (otherwise a double click on the code signs
//!   the visitor out), `one_at_a_time` (otherwise two tabs do, and send emails that no page waits for).

use axum::{
    Form,
    extract::State,
    http::{StatusCode, header::RETRY_AFTER},
    response::{Html, IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::{CodeForm, options::Options, pasted, step_up_sso};
use crate::{
    clock::Clock,
    error::{AppError, NotAllowed, vendor},
    limits::{
        Client, CodeLimits, EmailLimits, OrganizationLookups, TypedCode, code_limits::NoAttempt,
    },
    session::{BrowserSession, Context},
    sign_in::{StepUp, partial::StepUpEmail},
    views::{
        self, Shell, StepUpPage,
        words::{FieldError, field_error},
    },
    web::site::Site,
};

/// What to send: a code or a link.
#[derive(Deserialize)]
pub struct SendForm {
    way: StepUpEmail,
}

/// Shows the first factors that the organization accepts and this app offers.
pub async fn page(
    State(clock): State<Clock>,
    State(limits): State<CodeLimits>,
    organizations: OrganizationLookups,
    session: BrowserSession,
    shell: Shell,
) -> Result<Html<String>, AppError> {
    let due = session.step_up_due().await?.into_state();
    let refusal = limits.refusal(&TypedCode::email(&due), clock.now());
    let page = Page {
        clock,
        organizations,
        shell,
        refusal,
    };
    page.show(due, FieldError::default()).await
}

/// Sends a code or a link to the member's address.
pub async fn send(
    State(context): State<Context>,
    State(site): State<Site>,
    (State(limits), State(codes)): (State<EmailLimits>, State<CodeLimits>),
    client: Client,
    session: BrowserSession,
    Options(options): Options,
    Form(form): Form<SendForm>,
) -> Result<Redirect, AppError> {
    let (due, way) = (session.step_up_due().await?, form.way);
    let (partial, now) = (&due.partial, context.clock.now());
    if !due.allows(&way.method()) {
        return Err(AppError::from(NotAllowed::Method).at(&partial.organization));
    }
    // If the visitor may not enter a code, none is sent, and the page says why. The email is marked as sent before the
    // call, so that simultaneous requests send only one.
    let is_code = matches!(way, StepUpEmail::EmailOtp);
    let has_no_use = is_code && !codes.takes_new(&TypedCode::email(&due), now);
    if has_no_use || !due.mark_sent(way, now).await? {
        return Ok(Redirect::to("/step_up"));
    }
    if let Err(too_many) = limits.take(&client, &partial.email, now) {
        due.unmark_sent(way).await?;
        return Err(too_many);
    }
    let (id, email) = (&partial.organization.organization_id, &partial.email);
    let (locale, back) = (options.email_locale(), site.url("/authenticate"));
    let (otps, links) = (context.stytch.otps(), context.stytch.magic_links());
    let sent = match way {
        StepUpEmail::EmailOtp => otps.send(id, email, locale).await,
        StepUpEmail::MagicLink => links.send(id, email, &back, locale).await,
    };
    if let Err(error) = sent {
        limits.not_sent(&client, &partial.email, now, &error);
        if !error.may_have_happened() {
            due.unmark_sent(way).await?;
        }
        return Err(due.refused(error).await);
    }
    Ok(Redirect::to("/step_up"))
}

/// Checks the code. After a wrong one, the page is shown again. The app allows four attempts at a code. Stytch locks a
/// member after ten wrong codes in a row.
pub async fn code(
    State(context): State<Context>,
    State(limits): State<CodeLimits>,
    organizations: OrganizationLookups,
    session: BrowserSession,
    shell: Shell,
    Options(options): Options,
    Form(form): Form<CodeForm>,
) -> Result<Response, AppError> {
    let (due, code) = (session.step_up_due().await?, form.code());
    let (clock, now) = (context.clock.clone(), context.clock.now());
    let mut page = Page {
        clock,
        organizations,
        shell,
        refusal: limits.refusal(&TypedCode::email(&due), now),
    };
    if !pasted::is_plausible(&code) {
        return page.refuse(due.into_state(), NO_CODE).await;
    }
    let attempt = match limits.take(&TypedCode::email(&due), now) {
        Ok(attempt) => attempt,
        Err(refusal) => return page.no_attempt(due.into_state(), refusal).await,
    };
    let (partial, otps) = (&due.partial, context.stytch.otps());
    let (id, email) = (&partial.organization.organization_id, &partial.email);
    let login = otps.authenticate(id, email, &code, &partial.ist, &options);
    let login = login.await;
    attempt.settle(&login);
    page.refusal = limits.refusal(&TypedCode::email(&due), now);
    match login {
        Ok(login) => Ok(due.arrive(login).await?.into_response()),
        Err(error) => match field_error("code", &error) {
            Some(wrong) => page.refuse(due.into_state(), wrong).await,
            None => Err(due.refused(error).await),
        },
    }
}

const NO_CODE: FieldError = FieldError {
    field: "code",
    text: vendor::SIX_DIGITS,
};

const NO_ATTEMPT: FieldError = FieldError {
    field: "code",
    text: "The code was not checked.",
};

/// Values that the page needs in addition to the sign-in in progress.
struct Page {
    clock: Clock,
    organizations: OrganizationLookups,
    shell: Shell,
    refusal: Option<NoAttempt>,
}

impl Page {
    async fn refuse(self, due: StepUp, wrong: FieldError) -> Result<Response, AppError> {
        let page = self.show(due, wrong).await?;
        Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
    }

    async fn no_attempt(mut self, due: StepUp, refusal: NoAttempt) -> Result<Response, AppError> {
        self.refusal = Some(refusal);
        let retry_after = refusal.seconds();
        let retry_after = retry_after.map(|seconds| [(RETRY_AFTER, seconds.to_string())]);
        let page = self.show(due, NO_ATTEMPT).await?;
        Ok((StatusCode::TOO_MANY_REQUESTS, retry_after, page).into_response())
    }

    async fn show(self, due: StepUp, field_error: FieldError) -> Result<Html<String>, AppError> {
        let connections = step_up_sso::connections(&self.organizations, &due).await?;
        let (shell, refusal, now) = (self.shell, self.refusal, self.clock.now());
        let page = StepUpPage::new(shell, due, connections, refusal, field_error, now);
        views::render(&page)
    }
}
