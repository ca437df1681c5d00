//! Limits on what anonymous visitors can trigger, and the caches that keep repeated requests cheap.

pub mod organization_cache;
pub mod rate_limit;
pub mod replay_cache;

use time::Duration;

pub use self::{
    organization_cache::OrganizationCache, rate_limit::RateLimiter, replay_cache::ReplayCache,
};

/// Limits on discovery emails, for an address that nobody has verified yet.
#[derive(Clone)]
pub struct EmailLimits {
    /// Emails to one address.
    pub per_address: RateLimiter,
    /// Attempts at one code.
    pub per_code: RateLimiter,
}

impl Default for EmailLimits {
    /// Five each in ten minutes.
    fn default() -> Self {
        let five = || RateLimiter::new(5, Duration::minutes(10));
        let (per_address, per_code) = (five(), five());
        Self {
            per_address,
            per_code,
        }
    }
}
