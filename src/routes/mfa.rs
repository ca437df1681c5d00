//! `GET`+`POST /mfa`: a second factor, which is a code by SMS, a code from an authenticator app, or a recovery code.
//! `POST /mfa/sms` sends a code, `POST /mfa/totp` sets up an authenticator app.
//!
//! - Needs: [`Stytch`], [`Clock`], [`CodeLimits`], [`BrowserSession`], [`Options`], [`Shell`].
//! - Relies on: the layers of every page ([`super`]), `csrf` (otherwise a sibling subdomain submits the forms),
//!   `detached` (otherwise a disconnect loses the sign-in), `replay` (otherwise a double click signs the visitor
//!   out), `one_at_a_time` (otherwise two tabs that submit at once sign the visitor out, or set up two authenticator
//!   apps).

use axum::{
    Form,
    extract::{FromRef, FromRequestParts, State},
    http::{StatusCode, header::RETRY_AFTER, request::Parts},
    response::{Html, IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use time::OffsetDateTime;

use super::{options::Options, pasted};
use crate::{
    clock::Clock,
    error::{AppError, NotAllowed, vendor},
    limits::{CodeLimits, TypedCode, code_limits::NoAttempt},
    session::{BrowserSession, Step},
    sign_in::{Enrollment, Mfa, partial::seconds_until_resend},
    stytch::{Error, Stytch, mfa},
    views::{
        self, MfaPage, Shell,
        unfinished::Refusals,
        words::{FieldError, field_error},
    },
    web::site::Site,
};

/// The form's fields: the kind of code, and the code as the visitor typed it.
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

impl Factor {
    fn typed(self, due: &Mfa) -> TypedCode<'_> {
        match self {
            Self::Sms => TypedCode::sms(due),
            Self::Totp => TypedCode::totp(due),
            Self::Recovery => TypedCode::recovery(due),
        }
    }
}

/// The phone number to send a code to, for a member who does not have one yet.
#[derive(Deserialize)]
pub struct PhoneForm {
    #[serde(default)]
    phone_number: String,
}

/// Shows the forms for the missing second factor.
pub async fn page(page: Page, session: BrowserSession) -> Result<Html<String>, AppError> {
    let due = session.mfa_due().await?.into_state();
    page.show(due, FieldError::default())
}

/// Checks a code. After a wrong one, the page is shown again. The app allows four attempts at a code. Stytch locks a
/// member after ten wrong codes in a row.
pub async fn code(
    State(stytch): State<Stytch>,
    page: Page,
    session: BrowserSession,
    Options(options): Options,
    Form(form): Form<CodeForm>,
) -> Result<Response, AppError> {
    let due = session.mfa_due().await?;
    let (field, code) = match form.method {
        Factor::Sms => ("sms", pasted::code(&form.code)),
        Factor::Totp => ("totp", pasted::code(&form.code)),
        Factor::Recovery => ("recovery", pasted::recovery_code(&form.code)),
    };
    if let Some(wrong) = code_error(field, &code) {
        return page.refuse(due.into_state(), wrong);
    }
    let typed = form.method.typed(&due);
    let attempt = match page.limits.take(&typed, page.clock.now()) {
        Ok(attempt) => attempt,
        Err(refusal) => return page.no_attempt(due.into_state(), field, refusal),
    };
    let factors = factors(&stytch, &due);
    let signed_in = match form.method {
        Factor::Sms => factors.sms(&code, &options).await,
        Factor::Totp => factors.totp(&code, &options).await,
        Factor::Recovery => factors.recover(&code, &options).await,
    };
    attempt.settle(&signed_in);
    match signed_in {
        Ok(signed_in) => Ok(due.to_member(&signed_in).await?.into_response()),
        Err(error) => match field_error(field, &error) {
            Some(wrong) => page.refuse(due.into_state(), wrong),
            None => look_again(&stytch, page, due, error).await,
        },
    }
}

/// Sends a code by SMS, to the member's phone or to a number that the visitor entered.
pub async fn sms(
    State(stytch): State<Stytch>,
    page: Page,
    session: BrowserSession,
    Options(options): Options,
    Form(form): Form<PhoneForm>,
) -> Result<Response, AppError> {
    let (mut due, now) = (session.mfa_due().await?, page.clock.now());
    let entered = pasted::e164(&form.phone_number);
    let is_entered = due.may_add_phone() && !(due.phone_is_new && entered.is_empty());
    let entered = is_entered.then_some(entered.as_str());
    let before = due.sms_sent_at;
    if let Some(wrong) = phone_error(entered) {
        return page.refuse_phone(due, wrong, form.phone_number);
    }
    // Recorded as sent before the call, so that simultaneous requests send only one.
    let may_send = (due.has_sms() || is_entered) && page.takes_new_sms(&due);
    if !may_send || !due.mark_sms_sent(now).await? {
        return Ok(Redirect::to("/mfa").into_response());
    }
    if is_entered && due.phone_is_new {
        delete_phone(&stytch, &mut due, before).await?;
    }
    let sent = factors(&stytch, &due).send_sms(entered, &options).await;
    let Err(error) = sent else {
        if let Some(entered) = entered {
            due.save_phone(entered).await?;
        }
        return Ok(Redirect::to("/mfa").into_response());
    };
    if !error.may_have_happened() {
        let before = before.filter(|_| due.has_sms());
        due.unmark_sms_sent(before).await?;
    }
    // If the number was not entered, there is no field for it on the page.
    if let Some(wrong) = field_error(if is_entered { "phone" } else { "sms" }, &error) {
        return page.refuse_phone(due, wrong, form.phone_number);
    }
    keep_typed_phone(&error, &mut due, &form.phone_number).await?;
    look_again(&stytch, page, due, error).await
}

/// Starts to set up an authenticator app. The app becomes a second factor when its first code is accepted.
pub async fn totp(
    State(stytch): State<Stytch>,
    page: Page,
    session: BrowserSession,
) -> Result<Response, AppError> {
    let mut due = session.mfa_due().await?;
    // If another tab has started this already, the page shows its result.
    if !due.may_add_app() || due.enrollment.is_some() {
        return Ok(Redirect::to("/mfa").into_response());
    }
    let created = factors(&stytch, &due).create_totp().await;
    match created {
        Ok(new) => {
            let enrollment = Enrollment {
                secret: new.secret,
                recovery_codes: new.recovery_codes,
            };
            due.save_enrollment(&enrollment).await?;
            Ok(Redirect::to("/mfa").into_response())
        }
        Err(error) => look_again(&stytch, page, due, error).await,
    }
}

/// Deletes a number that the visitor entered by mistake, unless it has been verified meanwhile. This is necessary
/// because Stytch stores a number before it is verified. If the deletion fails, no code is sent, so the SMS is no
/// longer recorded as sent.
async fn delete_phone(
    stytch: &Stytch,
    due: &mut Step<Mfa>,
    before: Option<OffsetDateTime>,
) -> Result<(), AppError> {
    let partial = &due.partial;
    let (id, member_id) = (&partial.organization.organization_id, &partial.member_id);
    let members = stytch.members();
    let deleted = match members.get(id, member_id).await {
        Ok(member) if member.mfa_phone_number_verified => {
            let error = AppError::from(NotAllowed::UseYours).at(&partial.organization);
            due.unmark_sms_sent(before).await?;
            return Err(error);
        }
        Ok(member) if member.mfa_phone_number.is_empty() => Ok(()),
        Ok(_) => members.delete_mfa_phone_number(id, member_id).await,
        Err(error) => Err(error),
    };
    // An administrator may have removed it just now.
    let deleted = deleted.or_else(|error| {
        if vendor::factors_changed(&error) {
            return Ok(());
        }
        Err(error)
    });
    match deleted {
        Ok(()) => due.forget_phone().await,
        Err(error) => {
            due.unmark_sms_sent(before).await?;
            Err(due.refused(error).await)
        }
    }
}

/// Keeps the entered number in the form if a retry may succeed.
async fn keep_typed_phone(error: &Error, due: &mut Step<Mfa>, typed: &str) -> Result<(), AppError> {
    match error {
        Error::Rejected { .. } | Error::OtherOrganization => Ok(()),
        _ => due.save_typed_phone(typed).await,
    }
}

/// Reads the member's second factors again, if Stytch refused because they have changed during this sign-in. For
/// example, an administrator removed one, or another browser added one.
async fn look_again(
    stytch: &Stytch,
    page: Page,
    mut due: Step<Mfa>,
    error: Error,
) -> Result<Response, AppError> {
    if !vendor::factors_may_have_changed(&error) {
        return Err(due.refused(error).await);
    }
    let partial = &due.partial;
    let organization_id = &partial.organization.organization_id;
    match stytch
        .members()
        .get(organization_id, &partial.member_id)
        .await
    {
        Ok(member) if due.differs_from(&member) || vendor::factors_changed(&error) => {
            due.save_factors(&member).await?;
            page.refuse(due.into_state(), FACTORS_CHANGED)
        }
        Ok(_) => Err(due.refused(error).await),
        Err(error) => Err(due.refused(error).await),
    }
}

const FACTORS_CHANGED: FieldError = FieldError {
    field: "factors",
    text: "Your second factors have just changed. Continue with one of those below.",
};

/// Checks a code before it is sent to Stytch.
fn code_error(field: &'static str, code: &str) -> Option<FieldError> {
    let text = match field {
        "recovery" => "Enter one of your recovery codes.",
        _ => vendor::SIX_DIGITS,
    };
    (!pasted::is_plausible(code)).then_some(FieldError { field, text })
}

/// Checks an entered phone number before it is sent to Stytch.
fn phone_error(entered: Option<&str>) -> Option<FieldError> {
    let wrong = entered.filter(|number| !pasted::is_plausible(number));
    wrong.map(|_| FieldError {
        field: "phone",
        text: vendor::PHONE_FORM,
    })
}

fn factors<'a>(stytch: &'a Stytch, due: &'a Mfa) -> mfa::Mfa<'a> {
    let partial = &due.partial;
    let organization = &partial.organization.organization_id;
    stytch.mfa(&partial.ist, organization, &partial.member_id)
}

/// Values that the page needs in addition to the sign-in in progress.
pub struct Page {
    clock: Clock,
    limits: CodeLimits,
    shell: Shell,
}

impl<S: Sync> FromRequestParts<S> for Page
where
    Clock: FromRef<S>,
    CodeLimits: FromRef<S>,
    Site: FromRef<S>,
{
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, AppError> {
        Ok(Self {
            clock: Clock::from_ref(state),
            limits: CodeLimits::from_ref(state),
            shell: Shell::from_request_parts(parts, state).await?,
        })
    }
}

impl Page {
    /// Whether the visitor could enter another code. If not, none is sent, because an SMS costs money. The page says
    /// why.
    fn takes_new_sms(&self, due: &Mfa) -> bool {
        let now = self.clock.now();
        self.limits.takes_new(&TypedCode::sms(due), now)
    }

    fn refuse_phone(
        self,
        due: Step<Mfa>,
        wrong: FieldError,
        typed: String,
    ) -> Result<Response, AppError> {
        let mut due = due.into_state();
        due.typed_phone = typed;
        self.refuse(due, wrong)
    }

    fn refuse(self, due: Mfa, wrong: FieldError) -> Result<Response, AppError> {
        let page = self.show(due, wrong)?;
        Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
    }

    /// Shows at the field why the code was not checked.
    fn no_attempt(
        self,
        due: Mfa,
        field: &'static str,
        refusal: NoAttempt,
    ) -> Result<Response, AppError> {
        let retry_after = refusal.seconds();
        let retry_after = retry_after.map(|seconds| [(RETRY_AFTER, seconds.to_string())]);
        let wrong = FieldError {
            field,
            text: "The code was not checked.",
        };
        let page = self.show(due, wrong)?;
        Ok((StatusCode::TOO_MANY_REQUESTS, retry_after, page).into_response())
    }

    fn show(self, due: Mfa, field_error: FieldError) -> Result<Html<String>, AppError> {
        let now = self.clock.now();
        let refusal = |code| self.limits.refusal(&code, now);
        let refusals = Refusals {
            sms: refusal(TypedCode::sms(&due)),
            totp: refusal(TypedCode::totp(&due)),
            recovery: refusal(TypedCode::recovery(&due)),
        };
        let sms_until = due.sms_sent_at.map(|at| at + Mfa::SMS_CODE_LIFETIME);
        let enrollment = due.enrollment.as_ref();
        views::render(&MfaPage {
            shell: self.shell,
            now,
            wait: seconds_until_resend(due.sms_sent_at, now),
            sms_until: sms_until.filter(|until| *until > now && refusals.sms.is_none()),
            qr: enrollment.and_then(|it| views::qr::otpauth(&due.partial, &it.secret)),
            form_id: views::form_id(),
            refusals,
            due,
            field_error,
        })
    }
}
