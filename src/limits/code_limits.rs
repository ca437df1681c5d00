//! Limits on wrong codes. By default, Stytch locks a member out of every sign-in after ten wrong codes in a row,
//! regardless of the time between them. These limits keep strangers from entering that many codes in a member's name.

use time::{Duration, OffsetDateTime};

use super::{RateLimiter, rate_limit::take_all};
use crate::{
    error::vendor,
    sign_in::{
        Mfa, PartialSession, StepUp,
        partial::{SEND_AGAIN_AFTER, whole_seconds},
    },
    stytch::{Error, MemberId},
};

/// Attempts at one code in one session, or at the codes of an app in five minutes.
const PER_CODE: usize = 4;

/// Wrong codes per member in one hour, and in a row: Stytch's default lock needs ten in a row.
const PER_MEMBER: usize = 8;

/// Period of the limit on wrong codes in a row. Stytch's own count never expires, so this is longer than any process
/// runs.
const FOR_EVER: Duration = Duration::weeks(52 * 100);

/// Limits on attempts at codes that complete a sign-in in progress.
#[derive(Clone)]
pub struct CodeLimits {
    /// Attempts at a code that was sent, by session and code. They last as long as the sign-in in progress.
    per_code: RateLimiter,
    /// Attempts at codes that can't be sent again, by session. The sign-in in progress lives twice as long.
    per_session: RateLimiter,
    /// Wrong codes per member in sessions whose first factor does not prove the address. Strangers can have such
    /// sessions.
    unproven: RateLimiter,
    /// Wrong codes per member in all other sessions.
    proven: RateLimiter,
    /// Wrong codes per member in all sessions, since the last correct code or sign-in that this process saw. This limit
    /// applies only to sessions that strangers can have.
    in_a_row: RateLimiter,
}

/// A code that a visitor enters, and the sign-in in progress that it completes.
pub struct TypedCode<'a> {
    partial: &'a PartialSession,
    kind: Kind,
    /// When it was sent. `None` for the codes of an app, and for a code that was sent from another session.
    sent_at: Option<OffsetDateTime>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Email,
    Sms,
    Totp,
    Recovery,
}

/// An attempt at a code. It counts as a wrong code unless it is [settled](Self::settle).
#[must_use]
pub struct Attempt {
    taken: Vec<(RateLimiter, String)>,
    in_a_row: RateLimiter,
    member: String,
    at: OffsetDateTime,
}

/// Why the visitor may not enter a code now, and what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoAttempt {
    /// The visitor needs a new code, which has its own attempts. It can be sent after this time.
    NeedsNewCode(Duration),
    /// The visitor can enter a code after this time.
    Wait(Duration),
    /// The visitor can't enter a code until the member has signed in another way.
    UseAnotherWay,
}

impl NoAttempt {
    /// Whether a new code would help, because it has its own attempts.
    pub fn needs_new_code(&self) -> bool {
        matches!(self, Self::NeedsNewCode(_))
    }

    /// The time to wait in seconds, rounded up, and at least one; `None` if waiting does not help.
    pub fn seconds(&self) -> Option<u64> {
        match self {
            Self::NeedsNewCode(wait) | Self::Wait(wait) => {
                Some(whole_seconds(*wait).unsigned_abs().max(1))
            }
            Self::UseAnotherWay => None,
        }
    }
}

impl Default for CodeLimits {
    fn default() -> Self {
        Self {
            per_code: RateLimiter::new(PER_CODE, Duration::minutes(10)),
            per_session: RateLimiter::new(PER_CODE, Duration::minutes(5)),
            unproven: RateLimiter::new(PER_MEMBER, Duration::HOUR),
            proven: RateLimiter::new(PER_MEMBER, Duration::HOUR),
            in_a_row: RateLimiter::new(PER_MEMBER, FOR_EVER),
        }
    }
}

impl CodeLimits {
    /// Takes an attempt. Call it before Stytch checks the code.
    ///
    /// # Errors
    /// [`NoAttempt`] if there are no attempts left.
    pub fn take(&self, code: &TypedCode<'_>, now: OffsetDateTime) -> Result<Attempt, NoAttempt> {
        let (key, member) = (code.key(), code.partial.member_id.as_str());
        let mut taken = vec![(self.of_code(code), &*key), (self.of_member(code), member)];
        // All wrong codes of a member count toward Stytch's lock, so the member's own leave fewer for strangers.
        let mut also = Vec::new();
        if code.is_proven() {
            also.push(&self.unproven);
        }
        if code.may_be_a_strangers() {
            taken.push((&self.in_a_row, member));
        } else {
            also.push(&self.in_a_row);
        }
        if take_all(&taken, now).is_err() {
            let refusal = self.refusal(code, now);
            return Err(refusal.unwrap_or(NoAttempt::Wait(Duration::SECOND)));
        }
        also.retain(|limiter| limiter.take(member, now).is_ok());
        taken.extend(also.into_iter().map(|limiter| (limiter, member)));
        let own = |(limiter, key): (&RateLimiter, &str)| (limiter.clone(), key.to_owned());
        Ok(Attempt {
            taken: taken.into_iter().map(own).collect(),
            in_a_row: self.in_a_row.clone(),
            member: member.to_owned(),
            at: now,
        })
    }

    /// Records that this member has signed in, which resets Stytch's count of wrong codes in a row.
    pub fn signed_in(&self, member: &MemberId) {
        self.in_a_row.forget(member.as_str());
    }

    /// Why the visitor may not enter this code now; `None` if they may.
    pub fn refusal(&self, code: &TypedCode<'_>, now: OffsetDateTime) -> Option<NoAttempt> {
        let member = code.partial.member_id.as_str();
        if code.may_be_a_strangers() && self.in_a_row.wait(member, now).is_positive() {
            return Some(NoAttempt::UseAnotherWay);
        }
        let per_code = self.of_code(code).wait(&code.key(), now);
        let per_member = self.of_member(code).wait(member, now);
        if code.can_be_sent() && !per_member.is_positive() {
            let sendable_at = code.sent_at.map_or(now, |at| at + SEND_AGAIN_AFTER);
            let refusal = NoAttempt::NeedsNewCode(sendable_at - now);
            return per_code.is_positive().then_some(refusal);
        }
        let wait = per_code.max(per_member);
        wait.is_positive().then_some(NoAttempt::Wait(wait))
    }

    /// Whether the visitor could enter a new code, if one were sent now.
    pub fn takes_new(&self, code: &TypedCode<'_>, now: OffsetDateTime) -> bool {
        let refusal = self.refusal(code, now);
        refusal.is_none_or(|refusal| refusal.needs_new_code())
    }

    fn of_code(&self, code: &TypedCode<'_>) -> &RateLimiter {
        if code.can_be_sent() {
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
        Self::new(Kind::Email, &due.partial, due.code_sent_at)
    }

    /// The code that was sent by SMS.
    pub fn sms(due: &'a Mfa) -> Self {
        Self::new(Kind::Sms, &due.partial, due.sms_sent_at)
    }

    /// A code of the authenticator app.
    pub fn totp(due: &'a Mfa) -> Self {
        Self::new(Kind::Totp, &due.partial, None)
    }

    /// A recovery code.
    pub fn recovery(due: &'a Mfa) -> Self {
        Self::new(Kind::Recovery, &due.partial, None)
    }

    fn new(kind: Kind, partial: &'a PartialSession, sent_at: Option<OffsetDateTime>) -> Self {
        Self {
            partial,
            kind,
            sent_at,
        }
    }

    fn can_be_sent(&self) -> bool {
        matches!(self.kind, Kind::Email | Kind::Sms)
    }

    /// Key of the code. For a code that was sent, it is the time of sending, which stays the same when the visitor
    /// signs in again in the same browser. For any other code, it is the intermediate session, which does not change in
    /// this step.
    fn key(&self) -> String {
        let (kind, partial) = (self.kind, self.partial);
        match self.sent_at.map(OffsetDateTime::unix_timestamp_nanos) {
            Some(sent_at) => format!("{} {kind:?} {sent_at}", partial.member_id.as_str()),
            None => format!("{} {kind:?}", partial.ist.expose()),
        }
    }

    /// Whether a stranger can reach the form for this code. Before a second factor, Stytch has accepted a first factor.
    fn may_be_a_strangers(&self) -> bool {
        self.kind == Kind::Email && !self.is_proven()
    }

    fn is_proven(&self) -> bool {
        self.partial.origin.proves_address()
    }
}

impl Attempt {
    /// Gives the attempt back if the code was correct, or if Stytch has not checked it. A correct code also resets the
    /// count of wrong codes in a row.
    pub fn settle<T>(self, outcome: &Result<T, Error>) {
        match outcome {
            Ok(_) => self.in_a_row.forget(&self.member),
            Err(error) if counts(error) => {
                // Stytch may have checked it after the correct code of another session.
                return self.in_a_row.keep(&self.member, self.at);
            }
            Err(_) => {}
        }
        for (limiter, key) in self.taken {
            limiter.give_back(&key, self.at);
        }
    }
}

/// Whether an attempt with this result counts as a wrong code. Any refusal counts, because Stytch may add new errors
/// for a wrong code, and so does a call that may have reached Stytch. A mistake in our setup does not count, and
/// neither does a factor that the member does not have.
pub(super) fn counts(error: &Error) -> bool {
    let is_refusal = matches!(error, Error::Rejected { .. });
    let has_judged = vendor::setup_advice(error).is_none() && !vendor::factors_changed(error);
    error.may_have_happened() || (is_refusal && has_judged)
}
