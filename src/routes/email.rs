//! `GET`+`POST /email`: Discovery by email, with a link or a code to any address. `POST /email/code` accepts the code;
//! a link comes back to [`super::discovery`].
//!
//! - Needs: [`Context`], [`Stytch`], [`Clock`], [`EmailLimits`], [`Client`], [`BrowserSession`],
//!   [`Options`], [`Shell`], [`ReturnTo`].
//! - Relies on: the layers of every page ([`super`]), `csrf` (otherwise any site sends emails), `detached`
//!   (otherwise a disconnect loses the sign-in), `replay` (otherwise a double click on the code signs the visitor
//!   out), `one_at_a_time` (otherwise two tabs that submit at once sign the visitor out).

use axum::{
    Extension, Form,
    extract::State,
    http::{HeaderValue, StatusCode, header::RETRY_AFTER},
    response::{Html, IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use time::OffsetDateTime;

use super::{CodeForm, options::Options, pasted, return_to::ReturnTo};
use crate::{
    clock::Clock,
    error::{AppError, Outage, TryLater, vendor},
    limits::{Client, EmailLimits, email_limits},
    session::{BrowserSession, Context, MarkedEmail},
    sign_in::{
        EmailKind, Origin, RefusedEmail, SentEmail,
        origin::ReturnPath,
        partial::{EMAIL_CODE_LIFETIME, seconds_until_resend, whole_seconds},
    },
    stytch::{Error, Result as StytchResult, Stytch},
    views::{
        self, EmailPage, Shell,
        words::{self, FieldError, field_error},
    },
    web::{session_cookie::ProbeCookies, site::Site},
};

/// The form's fields: the address, and whether to send a code or a link.
#[derive(Deserialize)]
pub struct EmailForm {
    #[serde(default)]
    email_address: String,
    way: EmailKind,
    /// Path of the page where the sign-in ends, which [`page`] passes on. Only our own page can send this form.
    #[serde(default)]
    return_to: String,
}

/// Asks for the address, and for the code after one was sent. Sets a cookie, by which [`send`] recognizes that the
/// browser accepts cookies.
pub async fn page(
    State(clock): State<Clock>,
    session: BrowserSession,
    shell: Shell,
    ReturnTo(return_to): ReturnTo,
) -> Result<(Extension<ProbeCookies>, Html<String>), AppError> {
    let sent = session.sent_email().await?;
    let mut page = EmailPage::new(shell, sent, FieldError::default(), clock.now());
    if let Some(return_to) = return_to {
        return_to.as_str().clone_into(&mut page.return_to);
    }
    Ok((Extension(ProbeCookies), views::render(&page)?))
}

/// Sends a code or a link. The response does not reveal whether an account exists, because anyone can enter an address.
pub async fn send(
    State(context): State<Context>,
    State(limits): State<EmailLimits>,
    client: Client,
    session: BrowserSession,
    shell: Shell,
    Options(options): Options,
    Form(form): Form<EmailForm>,
) -> Result<Response, AppError> {
    session.require_cookie(&Origin::email())?;
    let (typed, now) = (form.email_address.trim(), context.clock.now());
    let fresh = || SentEmail {
        return_to: ReturnPath::parse(&form.return_to),
        ..SentEmail::to(typed)
    };
    let before = session.sent_email().await?;
    let before = before.filter(|it| it.email_address == typed);
    let sent_at = before.as_ref().and_then(|it| it.sent_at_of(form.way));
    let wait = seconds_until_resend(sent_at, now);
    if let Some(before) = before.clone().filter(|_| wait > 0) {
        return sent_recently(&context.clock, shell, before, wait);
    }
    if let Some(refusal) = not_an_address(typed) {
        return refuse(&context.clock, shell, fresh(), refusal);
    }
    if let Err(error) = limits.take(&client, typed, now) {
        let sent = before.unwrap_or_else(fresh);
        return no_turn(error, &context.clock, &session, shell, sent).await;
    }
    let Some(marked) = mark(&session, &limits, &client, &fresh(), form.way, now).await? else {
        return Ok(Redirect::to("/email").into_response());
    };
    let (stytch, site, locale) = (&context.stytch, &shell.site, options.email_locale());
    let Err(error) = deliver(form.way, stytch, site, typed, locale).await else {
        return Ok(Redirect::to("/email").into_response());
    };
    limits.not_sent(&client, typed, now, &error);
    unmark(&session, marked, &error).await?;
    refuse(&context.clock, shell, fresh(), not_sent(error)?)
}

/// Checks the code, which verifies the address. The visitor is not signed in yet, and must choose an organization.
pub async fn code(
    State(stytch): State<Stytch>,
    State(clock): State<Clock>,
    State(limits): State<EmailLimits>,
    session: BrowserSession,
    shell: Shell,
    Form(form): Form<CodeForm>,
) -> Result<Response, AppError> {
    let (sent, code) = (session.email_with_code().await?, form.code());
    if !pasted::is_plausible(&code) {
        return refuse(&clock, shell, sent, NO_CODE);
    }
    // With unlimited attempts, six digits could be guessed. The number of new codes is limited by the limit on emails.
    let now = clock.now();
    if limits.per_code.take(&sent.code_id, now).is_err() {
        return no_attempt(&clock, &limits, shell, sent);
    }
    let (address, otps) = (&sent.email_address, stytch.otps());
    match otps.discovery_authenticate(address, &code).await {
        Ok(found) => Ok(session
            .to_choosing(found, sent.origin())
            .await?
            .into_response()),
        Err(error) => {
            limits.not_judged(&sent.code_id, now, &error);
            let Some(wrong) = field_error("code", &error) else {
                return Err(AppError::from(error).with_origin(&Origin::email()));
            };
            if limits.per_code.wait(&sent.code_id, now).is_positive() {
                let page = no_attempt_page(&clock, &limits, shell, sent)?;
                return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
            }
            let wrong = (StatusCode::UNPROCESSABLE_ENTITY, wrong);
            refuse(&clock, shell, sent, wrong)
        }
    }
}

/// Shows that there are no attempts left. The visitor can request a new code, or is told when they can.
fn no_attempt(
    clock: &Clock,
    limits: &EmailLimits,
    shell: Shell,
    sent: SentEmail,
) -> Result<Response, AppError> {
    let now = clock.now();
    let wait = match sent.refused {
        Some(_) if is_of_others(&sent) => whole_seconds(limits.per_code.wait(&sent.code_id, now)),
        Some(refused) => whole_seconds(refused.until - now),
        None => seconds_until_resend(sent.code_sent_at, now),
    };
    let page = no_attempt_page(clock, limits, shell, sent)?;
    Ok(too_many(wait.max(1), page))
}

fn no_attempt_page(
    clock: &Clock,
    limits: &EmailLimits,
    shell: Shell,
    sent: SentEmail,
) -> Result<Html<String>, AppError> {
    let now = clock.now();
    let is_of_others = is_of_others(&sent);
    let wait = limits.per_code.wait(&sent.code_id, now);
    let mut page = EmailPage::new(shell, Some(sent), NO_ATTEMPT, now);
    page.error = words::no_email_attempt(is_of_others.then_some(whole_seconds(wait)));
    if !is_of_others {
        page.without_code();
    }
    views::render(&page)
}

/// Shows that this browser has just requested such an email, and when it can request another one.
fn sent_recently(
    clock: &Clock,
    shell: Shell,
    sent: SentEmail,
    wait: i64,
) -> Result<Response, AppError> {
    let mut page = EmailPage::new(shell, Some(sent), SENT_RECENTLY, clock.now());
    page.error = words::sent_recently(wait);
    Ok(too_many(wait, views::render(&page)?))
}

/// The page with status 429, and the number of seconds after which the visitor can try again.
fn too_many(seconds: impl Into<HeaderValue>, page: Html<String>) -> Response {
    let retry_after = [(RETRY_AFTER, seconds.into())];
    (StatusCode::TOO_MANY_REQUESTS, retry_after, page).into_response()
}

/// Whether the visitor enters a code that another browser requested.
fn is_of_others(sent: &SentEmail) -> bool {
    sent.code_id == email_limits::code_id_of_others(&sent.email_address)
}

/// Marks the email as sent before the call, so that simultaneous requests send only one. `None` if another request did.
async fn mark(
    session: &BrowserSession,
    limits: &EmailLimits,
    client: &Client,
    typed: &SentEmail,
    kind: EmailKind,
    now: OffsetDateTime,
) -> Result<Option<MarkedEmail>, AppError> {
    let address = &typed.email_address;
    let marked = session
        .mark_email_sent(address, kind, typed.return_to.as_ref())
        .await;
    if !matches!(marked, Ok(Some(_))) {
        limits.give_back(client, address, now);
    }
    marked
}

/// Removes the mark if it is certain that no email was sent.
async fn unmark(
    session: &BrowserSession,
    marked: MarkedEmail,
    error: &Error,
) -> Result<(), AppError> {
    if error.may_have_happened() {
        return Ok(());
    }
    session.unmark_email_sent(marked).await
}

/// Status and error of the form, which is shown again.
type Refusal = (StatusCode, FieldError);

const NO_ADDRESS: Refusal = (
    StatusCode::UNPROCESSABLE_ENTITY,
    FieldError {
        field: "email_address",
        text: "Enter your email address.",
    },
);

const LONG_ADDRESS: Refusal = (
    StatusCode::UNPROCESSABLE_ENTITY,
    FieldError {
        field: "email_address",
        text: "An email address can have at most 320 characters.",
    },
);

/// Checks an address before it is stored and sent to Stytch.
fn not_an_address(typed: &str) -> Option<Refusal> {
    match typed.len() {
        0 => Some(NO_ADDRESS),
        1..=SentEmail::LONGEST_ADDRESS => None,
        _ => Some(LONG_ADDRESS),
    }
}

const NO_CODE: Refusal = (
    StatusCode::UNPROCESSABLE_ENTITY,
    FieldError {
        field: "code",
        text: vendor::SIX_DIGITS,
    },
);

const NO_ATTEMPT: FieldError = FieldError {
    field: "code",
    text: "The code was not checked.",
};

const SENT_RECENTLY: FieldError = FieldError {
    field: "email_address",
    text: "No email was sent.",
};

async fn deliver(
    kind: EmailKind,
    stytch: &Stytch,
    site: &Site,
    email: &str,
    locale: Option<&str>,
) -> StytchResult<()> {
    match kind {
        EmailKind::Code => stytch.otps().send_discovery(email, locale).await,
        EmailKind::Link => {
            let (links, back) = (stytch.magic_links(), site.url("/discovery"));
            links.send_discovery(email, &back, locale).await
        }
    }
}

/// Decides whether to show the form again or an error page.
fn not_sent(error: Error) -> Result<Refusal, AppError> {
    match field_error("email_address", &error) {
        Some(wrong) => Ok((StatusCode::UNPROCESSABLE_ENTITY, wrong)),
        None if error.may_have_happened() => {
            let wrong = FieldError {
                field: "email_address",
                text: "The email may not have been sent. Check your inbox, or try again in 30 seconds.",
            };
            Ok((AppError::from(error).status(), wrong))
        }
        None => Err(AppError::from(error).with_origin(&Origin::email())),
    }
}

/// Shows that a limit has refused an email, perhaps because other people requested many for this address. The last code
/// of theirs is in the visitor's mailbox and valid, so the page accepts it. The page is the same whether there is one
/// or not.
async fn no_turn(
    error: AppError,
    clock: &Clock,
    session: &BrowserSession,
    shell: Shell,
    mut sent: SentEmail,
) -> Result<Response, AppError> {
    let AppError::TryLater(TryLater {
        outage: Outage::Busy(wait),
        ..
    }) = error
    else {
        return Err(error);
    };
    let at = clock.now();
    let own_code = sent.code_sent_at.map(|at| at + EMAIL_CODE_LIFETIME);
    if own_code.is_none_or(|until| until <= at) {
        sent.code_id = email_limits::code_id_of_others(&sent.email_address);
    }
    sent.refused = Some(RefusedEmail {
        at,
        until: at + wait,
    });
    session.save_sent_email(&sent).await?;
    let page = show(clock, shell, Some(sent), FieldError::default())?;
    Ok(too_many(wait.as_secs(), page))
}

fn refuse(
    clock: &Clock,
    shell: Shell,
    typed: SentEmail,
    (status, wrong): Refusal,
) -> Result<Response, AppError> {
    let page = show(clock, shell, Some(typed), wrong)?;
    Ok((status, page).into_response())
}

fn show(
    clock: &Clock,
    shell: Shell,
    sent: Option<SentEmail>,
    field_error: FieldError,
) -> Result<Html<String>, AppError> {
    views::render(&EmailPage::new(shell, sent, field_error, clock.now()))
}
