//! The step in which another first factor is required.

use axum::response::Redirect;
use time::OffsetDateTime;

use super::{
    browser_session::{BrowserSession, Rotate},
    step::Step,
};
use crate::{
    error::{AppError, Reason},
    sign_in::{
        Origin, PartialSession, SessionData, SignIn, StepUp,
        origin::is_at_gmail,
        partial::{StepUpEmail, seconds_until_resend},
    },
    stytch::{Error, Login, Provider, Slug, StepUpDue},
};

impl BrowserSession {
    /// The step-up step, if the visitor is at it.
    ///
    /// # Errors
    /// "Start again" if the visitor is not at this step, or the ten minutes are over.
    pub async fn step_up_due(&self) -> Result<Step<StepUp>, AppError> {
        match &self.data().await?.sign_in {
            SignIn::StepUp(due) if due.partial.until > self.now() => Ok(self.step(due)),
            SignIn::StepUp(due) => {
                Err(AppError::start_again(Reason::TookTooLong).with_origin(&due.partial.origin))
            }
            _ => Err(self.not_started()),
        }
    }

    /// The missing first factor of a sign-in to this organization. `None` if the visitor is not at this step, or the
    /// ten minutes are over.
    pub async fn step_up_at(&self, slug: &Slug) -> Result<Option<StepUp>, AppError> {
        let SignIn::StepUp(due) = self.sign_in_state().await? else {
            return Ok(None);
        };
        Ok((&due.partial.organization.organization_slug == slug).then_some(due))
    }

    /// Stores that another first factor is required, and the intermediate session that came with it.
    pub(super) async fn to_step_up(
        &self,
        due: StepUpDue,
        mut origin: Origin,
    ) -> Result<Redirect, AppError> {
        if origin.is_proven.is_none() {
            origin.is_proven = Some(origin.proves_address() && is_enough(&due, &origin));
        }
        let until = self.ist_until(due.ist_expires_at);
        let slug = &due.organization.organization_slug;
        let before = self.step_up_at(slug).await?;
        // Another person may have been at this step in the same browser.
        let before = before.filter(|it| it.partial.member_id == due.member.member_id);
        self.change_to(SignIn::StepUp(StepUp {
            partial: PartialSession::new(due.ist, &due.member, &due.organization, until, origin),
            allowed_auth_methods: due.allowed_auth_methods,
            mfa_due_too: due.mfa_due_too,
            again: before.is_some(),
            code_sent_at: before.as_ref().and_then(|before| before.code_sent_at),
            link_sent_at: before.and_then(|before| before.link_sent_at),
        }))
        .await?;
        Ok(Redirect::to("/step_up"))
    }

    fn step(&self, due: &StepUp) -> Step<StepUp> {
        Step {
            session: self.clone(),
            state: due.clone(),
        }
    }
}

/// Whether the provider of the last factor proves the address of this account. This depends on the account: Google
/// proves it if the account has a Workspace, which responses don't say, or if the address is Google's own. A factor
/// that the organization allows, but that was not enough, does not prove it.
fn is_enough(due: &StepUpDue, origin: &Origin) -> bool {
    match origin.provider() {
        Some(Provider::Google) => is_at_gmail(&due.member.email_address),
        Some(provider) => !due.allowed_auth_methods.contains(&provider.auth_method()),
        None => true,
    }
}

impl Step<StepUp> {
    /// Continues with the outcome of the code that was sent to the member's address.
    pub async fn arrive(self, login: Login) -> Result<Redirect, AppError> {
        let origin = Origin {
            is_proven: Some(true),
            ..self.state.partial.origin
        };
        self.session.arrive(login, origin).await
    }

    /// The error for the visitor after Stytch refused the call.
    pub async fn refused(&self, error: Error) -> AppError {
        let partial = &self.partial;
        let refused = self
            .session
            .refused_at(error, &partial.origin, &partial.organization);
        refused.await
    }

    /// Marks an email as sent now. Call it before asking Stytch to send the email, so that simultaneous requests, here
    /// and at other instances, send only one. Returns whether an email can be sent now.
    pub async fn mark_sent(&self, way: StepUpEmail, now: OffsetDateTime) -> Result<bool, AppError> {
        let mark = |data: &mut SessionData| match &mut data.sign_in {
            SignIn::StepUp(due) if seconds_until_resend(due.sent_at(way), now) == 0 => {
                due.set_sent_at(way, Some(now));
                true
            }
            _ => false,
        };
        self.session.write(Rotate::No, mark).await
    }

    /// Removes the mark, because it is certain that the email was not sent.
    pub async fn unmark_sent(&self, way: StepUpEmail) -> Result<(), AppError> {
        let before = self.state.sent_at(way);
        let change = |data: &mut SessionData| {
            if let SignIn::StepUp(due) = &mut data.sign_in {
                due.set_sent_at(way, before);
            }
        };
        self.session.write(Rotate::No, change).await
    }
}
