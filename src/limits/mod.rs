//! Limits on what anonymous visitors can trigger, and the caches that keep repeated requests cheap.

pub mod organization_cache;
pub mod rate_limit;
pub mod replay_cache;
pub mod turns;

use time::{Duration, OffsetDateTime};

pub use self::{
    organization_cache::OrganizationCache, rate_limit::RateLimiter, replay_cache::ReplayCache,
    turns::Turns,
};
use crate::{error::vendor, stytch::Error};

/// Limits on emails to an address that nobody has verified yet: those of Discovery, and those for a step-up.
#[derive(Clone)]
pub struct EmailLimits {
    /// Emails to one address. A failed call does not count.
    pub per_address: RateLimiter,
    /// Failed calls for one address after which an email may be on its way all the same. Further ones count as emails.
    pub unknown_per_address: RateLimiter,
    /// Attempts at one code.
    pub per_code: RateLimiter,
}

impl EmailLimits {
    /// Gives back the turn of an email that was not sent, because of this error.
    pub fn not_sent(&self, address: &str, taken_at: OffsetDateTime, error: &Error) {
        if !error.may_have_happened() || self.unknown_per_address.take(address, taken_at).is_ok() {
            self.per_address.give_back(address, taken_at);
        }
    }

    /// Gives back the attempt at a code that Stytch has not judged, because of this error.
    pub fn not_judged(&self, code_id: &str, taken_at: OffsetDateTime, error: &Error) {
        if !error.may_have_happened() && vendor::correction(error).is_none() {
            self.per_code.give_back(code_id, taken_at);
        }
    }
}

impl Default for EmailLimits {
    /// Five each in ten minutes.
    fn default() -> Self {
        let five = || RateLimiter::new(5, Duration::minutes(10));
        Self {
            per_address: five(),
            unknown_per_address: five(),
            per_code: five(),
        }
    }
}
