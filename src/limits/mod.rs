//! Limits on what anonymous visitors can trigger, and the caches that keep repeated requests cheap.

pub mod client;
pub mod code_limits;
pub mod email_limits;
pub mod organization_cache;
pub mod organization_lookups;
pub mod rate_limit;
pub mod replay_cache;
pub mod turns;

pub use self::{
    client::{Client, ClientIpHeader},
    code_limits::{CodeLimits, TypedCode},
    email_limits::EmailLimits,
    organization_cache::OrganizationCache,
    organization_lookups::OrganizationLookups,
    rate_limit::RateLimiter,
    replay_cache::ReplayCache,
    turns::Turns,
};
