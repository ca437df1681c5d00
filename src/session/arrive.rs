//! Continues after a login: the member is signed in, or another factor is required.

use std::sync::Arc;

use axum::response::Redirect;
use time::OffsetDateTime;

use super::browser_session::BrowserSession;
use crate::{
    error::{AppError, NotAllowed, Reason},
    sign_in::{OrganizationSummary, Origin, SignIn, SignedInMember},
    stytch::{Error, Login, SignedIn},
};

impl BrowserSession {
    /// Stores the outcome of a login and redirects to the page where the visitor continues.
    pub async fn arrive(&self, login: Login, origin: Origin) -> Result<Redirect, AppError> {
        match login {
            Login::SignedIn(signed_in) => self.to_member(&signed_in, origin).await,
            Login::StepUp(due) => self.to_step_up(*due, origin).await,
            Login::Mfa(due) => self.to_mfa(*due, origin).await,
        }
    }

    /// Signs the member in. The intermediate session is deleted in the same write. If the session can't be stored, the
    /// member session is revoked at Stytch.
    pub(super) async fn to_member(
        &self,
        signed_in: &SignedIn,
        origin: Origin,
    ) -> Result<Redirect, AppError> {
        (self.context().on_sign_in)(&signed_in.member.member_id);
        let member = SignedInMember {
            provider_tokens: origin.provider_tokens,
            ..self.vouched_member(signed_in, origin.since).await
        };
        if member.until <= self.now() {
            self.revoke(signed_in.session_token.clone());
            return Err(AppError::start_again(Reason::SessionEnded));
        }
        let asked = origin.return_to.as_ref();
        let asked = asked.filter(|path| path.fits(&member.organization.organization_slug));
        let next = match (asked, self.context().landing.as_deref()) {
            (Some(path), _) => self.context().page(path.as_str()),
            (None, Some(landing)) => self.context().page(landing),
            (None, None) => member.home(),
        };
        if let Err(error) = self.change_to(SignIn::Member(Arc::new(member))).await {
            self.revoke(signed_in.session_token.clone());
            return Err(error);
        }
        Ok(Redirect::to(&next))
    }

    /// Redirects to the page where the visitor continues.
    pub async fn to_home(&self) -> Result<Redirect, AppError> {
        let sign_in = self.sign_in_state().await?;
        match (&sign_in, self.context().landing.as_deref()) {
            (SignIn::Member(_), Some(landing)) => Ok(Redirect::to(&self.context().page(landing))),
            _ => Ok(Redirect::to(&sign_in.home())),
        }
    }

    /// The member of a new session, with its times by this machine's clock. `since` is the start of the session that it
    /// continues.
    pub(super) async fn vouched_member(
        &self,
        signed_in: &SignedIn,
        since: Option<OffsetDateTime>,
    ) -> SignedInMember {
        let ahead = self.context().clock_ahead();
        let started_at = signed_in.member_session.started_at.saturating_add(ahead);
        // A start in the future would extend the twelve hours after which the session ends here.
        let started_at = started_at.min(self.now());
        let expires_at = signed_in.member_session.expires_at.saturating_add(ahead);
        let vouched_until = self.vouched_until(signed_in, expires_at).await;
        SignedInMember::new(signed_in, vouched_until, started_at..expires_at, since)
    }

    /// Time until which a new JWT is valid. If the JWT can't be verified, this is now, and every page asks Stytch. A
    /// short session is renewed at half its time, because it ends before its JWT.
    async fn vouched_until(
        &self,
        signed_in: &SignedIn,
        expires_at: OffsetDateTime,
    ) -> OffsetDateTime {
        let organization = &signed_in.organization.organization_id;
        let (jwt, now) = (&signed_in.session_jwt, self.now());
        let sessions = self.context().stytch.sessions();
        let half = now.saturating_add((expires_at - now) / 2);
        match sessions.verify_new_jwt(jwt, organization, now).await {
            Ok(until) => until.min(half),
            Err(error) => {
                tracing::warn!(%error, "session JWT could not be verified; asking Stytch on every page");
                now
            }
        }
    }

    /// The error for the visitor after Stytch refused the call. Ends the sign-in if Stytch no longer has it, or no
    /// longer has the organization for which a factor is missing.
    pub async fn refused(&self, error: Error, origin: &Origin) -> AppError {
        let error = AppError::from(error).with_origin(origin);
        match self.end_if_over(&error).await {
            Ok(()) => error,
            Err(error) => error,
        }
    }

    async fn end_if_over(&self, error: &AppError) -> Result<(), AppError> {
        use Reason::{SessionEnded, TookTooLong};
        let data = self.data().await?;
        let is_choosing = matches!(data.sign_in, SignIn::Choosing(_));
        match error {
            AppError::StartAgain(again) if matches!(again.reason, TookTooLong | SessionEnded) => {
                if is_choosing {
                    return self.expire_choice().await;
                }
                self.end().await
            }
            AppError::NotAllowed {
                why: NotAllowed::OrganizationGone,
                ..
            } if !is_choosing && !matches!(data.sign_in, SignIn::Member(_)) => self.end().await,
            _ => Ok(()),
        }
    }

    /// The same as [`Self::refused`], for a sign-in to this organization.
    pub async fn refused_at(
        &self,
        error: Error,
        origin: &Origin,
        organization: &OrganizationSummary,
    ) -> AppError {
        self.refused(error, origin).await.at(organization)
    }
}
