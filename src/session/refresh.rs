//! How long a member's session is taken for good without asking Stytch, and who asks when that is over.

use time::{Duration, OffsetDateTime};

use super::{
    BrowserSession, Jit, Rotate, SignIn, SignedInMember, member::LONGEST_SESSION, state::Kept,
};
use crate::{
    error::{AppError, Reason, StartAgain},
    stytch::{Error, SessionOptions, SignedIn},
};

/// How long a member whose JWT has run out is still let in while Stytch does not answer: the vendor's failure never
/// signs anybody out.
const STALE: Duration = Duration::minutes(5);

/// What Stytch takes at least.
const SHORTEST_MINUTES: u32 = 5;

type Outcome = Result<SignedInMember, AppError>;

impl BrowserSession {
    /// The signed-in member, checked; `None` when nobody is signed in.
    ///
    /// While the JWT, verified when it came, has not run out, it vouches for the session: no signature is computed
    /// and nobody is asked. After that Stytch is asked, which brings a new JWT and extends the session.
    ///
    /// # Errors
    /// "Signed out" when Stytch no longer takes the session; "locked"; "try later" when it has not answered for five
    /// minutes.
    pub async fn member(&self) -> Result<Option<SignedInMember>, AppError> {
        let SignIn::Member(member) = self.sign_in_state().await? else {
            return Ok(None);
        };
        if member.is_vouched(self.now()) {
            return Ok(Some(*member));
        }
        let renewals = &self.app.renewals;
        // Boxed: nearly no page view asks, so nearly none should carry the room for it.
        renewals
            .once(&member.session_token, || Box::pin(self.ask()))
            .await
            .map(Some)
    }

    /// The member of the organization with this slug, for a page or form that must not act on yesterday's word: Stytch
    /// is asked now, and if it does not answer, nobody is let in.
    ///
    /// # Errors
    /// "Other tab" when the session is another organization's; "signed out" as [`Self::member`]; "try later" at once.
    pub async fn member_now(&self, slug: &str) -> Outcome {
        let SignIn::Member(member) = self.sign_in_state().await? else {
            return Err(StartAgain::plain(Reason::SignedOut));
        };
        member.is_at(slug)?;
        // No word of before counts.
        let stale_until = self.now();
        self.authenticate(*member, stale_until).await
    }

    async fn ask(&self) -> Outcome {
        // Another request may have renewed it between our look and our turn.
        match self.fresh().await?.sign_in {
            SignIn::Member(member) if member.is_vouched(self.now()) => Ok(*member),
            SignIn::Member(member) => {
                let now = self.now();
                // An end that lies ahead says nothing about how long ago it was: our clock was set back.
                let ran_out = Some(member.jwt_until).filter(|at| *at <= now);
                let stale_until = ran_out.map_or(now, |at| at + STALE);
                if now < stale_until && self.app.renewals.is_quiet(&member.session_token, now) {
                    return Ok(*member);
                }
                self.authenticate(*member, stale_until).await
            }
            _ => Err(AppError::SessionGone),
        }
    }

    /// Without an answer the member is taken for one until `stale_until`.
    async fn authenticate(&self, member: SignedInMember, stale_until: OffsetDateTime) -> Outcome {
        let options = SessionOptions {
            session_duration_minutes: Some(self.minutes_for(&member)),
            ..SessionOptions::default()
        };
        let sessions = self.app.stytch.sessions();
        match sessions.authenticate(&member.session_token, &options).await {
            Ok(renewed) => self.renew(&member, &renewed).await,
            Err(error) if ends_session(&error) => {
                self.end().await?;
                Err(StartAgain::plain(Reason::SessionEnded))
            }
            // The session is kept: locks end by themselves, and anybody's wrong codes can bring one about.
            Err(error) if is_lock(&error) => Err(AppError::from(error)),
            Err(_) if self.now() < stale_until => {
                let renewals = &self.app.renewals;
                renewals.got_no_answer(&member.session_token, self.now());
                Ok(member)
            }
            Err(error) => Err(AppError::from(error)),
        }
    }

    /// How long the session is to last at Stytch from now on: not past the twelve hours after which it ends here, but
    /// no less than the vendor's minimum.
    fn minutes_for(&self, member: &SignedInMember) -> u32 {
        let left = member.since + LONGEST_SESSION - self.now() + Duration::seconds(59);
        let left = u32::try_from(left.whole_minutes()).unwrap_or_default();
        left.clamp(SHORTEST_MINUTES, self.app.session_minutes)
    }

    /// The same member in the same session: no new session id.
    async fn renew(&self, before: &SignedInMember, renewed: &SignedIn) -> Outcome {
        if renewed.organization.organization_id != before.organization.organization_id {
            return Err(AppError::from(Error::OtherOrganization));
        }
        let member = SignedInMember {
            brought: before.brought.clone(),
            ..SignedInMember::new(
                renewed,
                self.vouched_until(renewed).await,
                Some(before.since),
            )
        };
        let kept_member = member.clone();
        let change = |kept: &mut Kept| kept.sign_in = SignIn::Member(Box::new(kept_member));
        self.write(Rotate::No, change).await?;
        Ok(member)
    }

    /// The organization's rules about who may join have changed by the member's own hand.
    pub async fn jit_changed(&self, jit: Jit) -> Result<(), AppError> {
        let change = |kept: &mut Kept| {
            if let SignIn::Member(member) = &mut kept.sign_in {
                member.jit = jit;
            }
        };
        self.keep(Rotate::No, change).await
    }

    /// Until when the JWT that just came vouches for the session. One that can't be verified vouches for nothing:
    /// Stytch is asked at every page then. A short session is renewed at its half: it would end before its JWT.
    pub(super) async fn vouched_until(&self, signed_in: &SignedIn) -> OffsetDateTime {
        let organization = &signed_in.organization.organization_id;
        let sessions = self.app.stytch.sessions();
        let now = self.now();
        let verified = sessions
            .verify_jwt(&signed_in.session_jwt, organization, now)
            .await;
        let half = now + (signed_in.member_session.expires_at - now) / 2;
        verified.map_or_else(
            |error| {
                tracing::warn!(%error, "a session JWT vouches for nothing");
                now
            },
            |until| until.min(half),
        )
    }
}

/// Whether Stytch has said that this session, its member or its organization has no way in any more. All else it may
/// refuse says nothing about the visitor: a wrong secret, a wrong address or a wrong duration is our own mistake.
fn ends_session(error: &Error) -> bool {
    let Error::Rejected {
        status, error_type, ..
    } = error
    else {
        return false;
    };
    let about_the_visitor = ["session", "member", "organization"]
        .iter()
        .any(|what| error_type.contains(what));
    let gone = matches!(status, 401 | 404) && about_the_visitor && !error.refuses_us();
    gone || matches!(
        error_type.as_str(),
        "invalid_session_token" | "organization_suspended"
    )
}

fn is_lock(error: &Error) -> bool {
    error.error_type() == Some("user_lock_limit_reached")
}
