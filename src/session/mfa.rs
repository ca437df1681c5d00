//! The step in which a second factor is required.

use axum::response::Redirect;
use time::OffsetDateTime;

use super::{
    browser_session::{BrowserSession, Rotate},
    step::Step,
};
use crate::{
    error::{AppError, Reason},
    sign_in::{
        Enrollment, Mfa, Origin, PartialSession, SessionData, SignIn,
        partial::{last_four, seconds_until_resend},
    },
    stytch::{Error, MfaDue, SignedIn, objects::Member},
};

impl BrowserSession {
    /// The MFA step, if the visitor is at it.
    ///
    /// # Errors
    /// "Start again" if the visitor is not at this step, or the ten minutes are over.
    pub async fn mfa_due(&self) -> Result<Step<Mfa>, AppError> {
        match &self.data().await?.sign_in {
            SignIn::Mfa(due) if due.partial.until > self.now() => Ok(Step {
                session: self.clone(),
                state: due.clone(),
            }),
            SignIn::Mfa(due) => {
                Err(AppError::start_again(Reason::TookTooLong).with_origin(&due.partial.origin))
            }
            _ => Err(self.not_started()),
        }
    }

    /// Stores that a second factor is required, and the intermediate session that came with it.
    pub(super) async fn to_mfa(
        &self,
        due: MfaDue,
        mut origin: Origin,
    ) -> Result<Redirect, AppError> {
        origin.is_proven = Some(origin.proves_address());
        let until = self.ist_until(due.ist_expires_at);
        self.change_to(SignIn::Mfa(Mfa {
            partial: PartialSession::new(due.ist, &due.member, &due.organization, until, origin),
            phone_ending: last_four(&due.phone_number),
            phone_is_new: false,
            typed_phone: String::new(),
            has_totp: due.has_totp,
            allows_sms: due.organization.allows_mfa("sms_otp", &due.member),
            allows_totp: due.organization.allows_mfa("totp", &due.member),
            sms_sent_at: due.sms_sent.then(|| self.now()),
            enrollment: None,
        }))
        .await?;
        Ok(Redirect::to("/mfa"))
    }
}

impl Step<Mfa> {
    /// Signs the member in.
    pub async fn to_member(self, signed_in: &SignedIn) -> Result<Redirect, AppError> {
        let origin = self.state.partial.origin;
        self.session.to_member(signed_in, origin).await
    }

    /// The error for the visitor after Stytch refused the call.
    pub async fn refused(&self, error: Error) -> AppError {
        let partial = &self.partial;
        let refused = self
            .session
            .refused_at(error, &partial.origin, &partial.organization);
        refused.await
    }

    /// Marks a code as sent now. Call it before asking Stytch to send the code, so that simultaneous requests, here and
    /// at other instances, send only one. Returns whether a code can be sent now.
    pub async fn mark_sms_sent(&mut self, now: OffsetDateTime) -> Result<bool, AppError> {
        let mark = |data: &mut SessionData| match &mut data.sign_in {
            SignIn::Mfa(due) if seconds_until_resend(due.sms_sent_at, now) == 0 => {
                due.sms_sent_at = Some(now);
                true
            }
            _ => false,
        };
        let marked = self.session.write(Rotate::No, mark).await?;
        if marked {
            self.state.sms_sent_at = Some(now);
        }
        Ok(marked)
    }

    /// Removes the mark, because it is certain that the code was not sent.
    pub async fn unmark_sms_sent(
        &mut self,
        before: Option<OffsetDateTime>,
    ) -> Result<(), AppError> {
        self.state.sms_sent_at = before;
        let change = |data: &mut SessionData| {
            if let SignIn::Mfa(due) = &mut data.sign_in {
                due.sms_sent_at = before;
            }
        };
        self.session.write(Rotate::No, change).await
    }

    /// Stores the phone that the visitor entered just now.
    pub async fn save_phone(&mut self, entered: &str) -> Result<(), AppError> {
        self.update(|due| due.set_phone(entered)).await
    }

    /// Stores an authenticator app that is being set up.
    pub async fn save_enrollment(&mut self, enrollment: &Enrollment) -> Result<(), AppError> {
        self.update(|due| due.enrollment = Some(enrollment.clone()))
            .await
    }

    /// Stores which second factors the member has at Stytch now.
    pub async fn save_factors(&mut self, member: &Member) -> Result<(), AppError> {
        self.update(|due| due.set_factors(member)).await
    }

    /// Stores a number that could not be used yet.
    pub async fn save_typed_phone(&mut self, typed: &str) -> Result<(), AppError> {
        self.update(|due| typed.clone_into(&mut due.typed_phone))
            .await
    }

    /// Forgets the phone that was entered in this sign-in.
    pub async fn forget_phone(&mut self) -> Result<(), AppError> {
        self.update(Mfa::forget_phone).await
    }

    async fn update(&mut self, change: impl Fn(&mut Mfa)) -> Result<(), AppError> {
        change(&mut self.state);
        let change = |data: &mut SessionData| {
            if let SignIn::Mfa(due) = &mut data.sign_in {
                change(due);
            }
        };
        self.session.update(change).await
    }
}
