//! Asks Stytch about a member's session, and stores the new JWT that it returns.

use std::sync::Arc;

use time::{Duration, OffsetDateTime};

use super::{
    browser_session::{BrowserSession, Rotate},
    store::request::{self, Refusal},
};
use crate::{
    error::{AppError, Reason, vendor},
    sign_in::{SessionData, SignIn, SignedInMember, member::LONGEST_SESSION},
    stytch::{Error, SessionOptions, SignedIn},
};

/// How long a member stays signed in after the JWT has expired while Stytch does not respond. An outage of Stytch must
/// not sign members out.
const STALE: Duration = Duration::minutes(5);

/// Shortest session that Stytch accepts.
const SHORTEST_MINUTES: u32 = 5;

type Outcome = Result<Arc<SignedInMember>, AppError>;

impl BrowserSession {
    /// Renews the session, unless another request has done so.
    pub(super) async fn renew_once(&self) -> Outcome {
        // Another request may have renewed the session already.
        match &self.reload().await?.sign_in {
            SignIn::Member(member) if member.is_vouched(self.now()) => Ok(Arc::clone(member)),
            SignIn::Member(member) => {
                let now = self.now();
                // If the expiry is in the future, our clock was set back, and the time of expiry is unknown.
                let expired_at = Some(member.jwt_until).filter(|at| *at <= now);
                let stale_until = expired_at.map_or(now, |at| at + STALE);
                let renewals = &self.context().renewals;
                if now < stale_until && renewals.is_quiet(&member.session_token, now) {
                    return Ok(Arc::clone(member));
                }
                self.authenticate(Arc::clone(member), stale_until).await
            }
            _ => Err(AppError::SessionGone),
        }
    }

    /// Asks Stytch. If it does not respond, the member counts as signed in until `stale_until`.
    pub(super) async fn authenticate(
        &self,
        member: Arc<SignedInMember>,
        stale_until: OffsetDateTime,
    ) -> Outcome {
        let options = SessionOptions {
            session_duration_minutes: Some(self.minutes_for(&member)),
            ..SessionOptions::default()
        };
        let sessions = self.context().stytch.sessions();
        match sessions.authenticate(&member.session_token, &options).await {
            Ok(renewed) => self.save_renewal(&member, &renewed).await,
            Err(error) if vendor::ends_session(&error) => {
                self.end().await?;
                Err(AppError::start_again(Reason::SessionEnded))
            }
            // The session stays, because a lock is temporary, and anyone can cause one by entering wrong codes.
            Err(error) if vendor::is_lock(&error) => Err(error.into()),
            Err(error) if self.now() < stale_until => {
                vendor::log_setup(&error);
                let renewals = &self.context().renewals;
                renewals.got_no_answer(&member.session_token, self.now());
                Ok(member)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Requested length of the renewed session: not past the twelve hours after which it ends here, but at least the
    /// vendor's minimum.
    fn minutes_for(&self, member: &SignedInMember) -> u32 {
        let end = member.since.saturating_add(LONGEST_SESSION);
        let left = end - self.now() + Duration::seconds(59);
        let left = u32::try_from(left.whole_minutes()).unwrap_or_default();
        left.clamp(SHORTEST_MINUTES, self.context().minutes)
    }

    /// Stores the same member in the same session, under the same session id.
    async fn save_renewal(&self, before: &SignedInMember, renewed: &SignedIn) -> Outcome {
        if renewed.organization.organization_id != before.organization.organization_id {
            return Err(AppError::from(Error::OtherOrganization));
        }
        let member = Arc::new(SignedInMember {
            provider_tokens: before.provider_tokens.clone(),
            ..self.vouched_member(renewed, Some(before.since)).await
        });
        let change = |data: &mut SessionData| {
            data.sign_in = SignIn::Member(Arc::clone(&member));
        };
        match self.write(Rotate::No, change).await {
            // The stored record remains valid until it expires. Until then, each page asks Stytch.
            Err(_) if matches!(request::refusal(), Some(Refusal::Full | Refusal::TooLarge)) => {
                Ok(member)
            }
            written => written.map(|()| member),
        }
    }
}
