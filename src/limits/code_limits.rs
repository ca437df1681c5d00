//! Limits on wrong codes. Stytch locks a member out of every sign-in after ten wrong codes in a row by default, so these
//! limits keep what is typed in a member's name below that number.

use time::{Duration, OffsetDateTime};

use super::{RateLimiter, rate_limit::take_all};
use crate::{
    error::vendor,
    sign_in::{Mfa, PartialSession, StepUp, partial::whole_seconds},
    stytch::Error,
};

/// Attempts at one code in one session, or at the codes of an app in five minutes.
const PER_CODE: usize = 4;

/// Wrong codes per member in one hour, in all sessions: Stytch's default lock needs ten in a row.
const PER_MEMBER: usize = 8;

/// Limits on attempts at codes that complete a sign-in in progress.
#[derive(Clone)]
pub struct CodeLimits {
    /// Attempts at a code that was sent, by session and code. They last as long as the sign-in in progress.
    per_code: RateLimiter,
    /// Attempts at codes that can't be sent again, by session. The sign-in in progress lives twice as long.
    per_session: RateLimiter,
    /// Wrong codes per member in sessions whose first factor does not prove the address: strangers can have those.
    unproven: RateLimiter,
    /// Wrong codes per member in all other sessions.
    proven: RateLimiter,
}

/// A code that someone types, and the sign-in in progress that it completes.
pub struct TypedCode<'a> {
    partial: &'a PartialSession,
    kind: &'static str,
    /// When it was sent. `None` for the codes of an app, and for a code that was sent from another session.
    sent_at: Option<OffsetDateTime>,
    can_be_sent: bool,
}

/// An attempt that was taken. It counts unless it is [settled](Self::settle).
#[must_use]
pub struct Attempt {
    taken: Vec<(RateLimiter, String)>,
    at: OffsetDateTime,
}

/// Why no code can be typed now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoAttempt {
    /// Whether a new code would have attempts of its own.
    pub needs_new_code: bool,
    /// Time until this code has an attempt.
    pub wait: Duration,
}

impl NoAttempt {
    /// The time to wait in seconds, rounded up.
    pub fn seconds(&self) -> u64 {
        whole_seconds(self.wait).unsigned_abs()
    }
}

impl Default for CodeLimits {
    fn default() -> Self {
        Self {
            per_code: RateLimiter::new(PER_CODE, Duration::minutes(10)),
            per_session: RateLimiter::new(PER_CODE, Duration::minutes(5)),
            unproven: RateLimiter::new(PER_MEMBER, Duration::HOUR),
            proven: RateLimiter::new(PER_MEMBER, Duration::HOUR),
        }
    }
}

impl CodeLimits {
    /// Takes an attempt, before Stytch judges the code.
    ///
    /// # Errors
    /// [`NoAttempt`] if none is left.
    pub fn take(&self, code: &TypedCode<'_>, now: OffsetDateTime) -> Result<Attempt, NoAttempt> {
        let (key, member) = (code.key(), code.partial.member_id.as_str());
        let mut taken = vec![(self.of_code(code), &*key), (self.of_member(code), member)];
        if take_all(&taken, now).is_err() {
            return Err(self.refusal(code, now).unwrap_or(NoAttempt {
                needs_new_code: false,
                wait: Duration::SECOND,
            }));
        }
        // All wrong codes of a member count for Stytch's lock, so the member's own leave fewer to strangers.
        if code.is_proven() && self.unproven.take(member, now).is_ok() {
            taken.push((&self.unproven, member));
        }
        let own = |(limiter, key): (&RateLimiter, &str)| (limiter.clone(), key.to_owned());
        Ok(Attempt {
            taken: taken.into_iter().map(own).collect(),
            at: now,
        })
    }

    /// Why this code can't be typed now; `None` if it can.
    pub fn refusal(&self, code: &TypedCode<'_>, now: OffsetDateTime) -> Option<NoAttempt> {
        let per_code = self.of_code(code).wait(&code.key(), now);
        let member = code.partial.member_id.as_str();
        let per_member = self.of_member(code).wait(member, now);
        let wait = per_code.max(per_member);
        wait.is_positive().then_some(NoAttempt {
            needs_new_code: code.can_be_sent && !per_member.is_positive(),
            wait,
        })
    }

    fn of_code(&self, code: &TypedCode<'_>) -> &RateLimiter {
        if code.can_be_sent {
            &self.per_code
        } else {
            &self.per_session
        }
    }

    fn of_member(&self, code: &TypedCode<'_>) -> &RateLimiter {
        if code.is_proven() {
            &self.proven
        } else {
            &self.unproven
        }
    }
}

impl<'a> TypedCode<'a> {
    /// The code that was sent by email for another first factor.
    pub fn email(due: &'a StepUp) -> Self {
        Self::sent("email", &due.partial, due.code_sent_at)
    }

    /// The code that was sent by SMS.
    pub fn sms(due: &'a Mfa) -> Self {
        Self::sent("sms", &due.partial, due.sms_sent_at)
    }

    /// A code of the authenticator app.
    pub fn totp(due: &'a Mfa) -> Self {
        Self::unsent("totp", &due.partial)
    }

    /// A recovery code.
    pub fn recovery(due: &'a Mfa) -> Self {
        Self::unsent("recovery", &due.partial)
    }

    fn sent(
        kind: &'static str,
        partial: &'a PartialSession,
        sent_at: Option<OffsetDateTime>,
    ) -> Self {
        Self {
            partial,
            kind,
            sent_at,
            can_be_sent: true,
        }
    }

    fn unsent(kind: &'static str, partial: &'a PartialSession) -> Self {
        Self {
            partial,
            kind,
            sent_at: None,
            can_be_sent: false,
        }
    }

    /// Names the session by its intermediate session, which is the same as long as the code is missing.
    fn key(&self) -> String {
        let sent_at = self.sent_at.map(OffsetDateTime::unix_timestamp_nanos);
        let sent_at = sent_at.unwrap_or_default();
        format!("{} {} {sent_at}", self.partial.ist.expose(), self.kind)
    }

    fn is_proven(&self) -> bool {
        self.partial.origin.proves_address()
    }
}

impl Attempt {
    /// Gives the attempt back if the code was right, or if Stytch has not judged it.
    pub fn settle<T>(self, outcome: &Result<T, Error>) {
        if outcome.as_ref().is_err_and(counts) {
            return;
        }
        for (limiter, key) in self.taken {
            limiter.give_back(&key, self.at);
        }
    }
}

/// Whether an attempt that ended so counts as a wrong code. Any refusal does, because the vendor can add reasons by which
/// it tells a wrong code, and so does a call that may have reached Stytch. A mistake in our setup does not, nor does the
/// member's lack of this factor.
pub(super) fn counts(error: &Error) -> bool {
    let is_refusal = matches!(error, Error::Rejected { .. });
    let has_judged = vendor::setup_advice(error).is_none() && !vendor::factors_changed(error);
    error.may_have_happened() || (is_refusal && has_judged)
}
