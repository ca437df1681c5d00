//! Cache of organizations by slug. Anyone can request `/org/{slug}`, each lookup is a call to Stytch, and Stytch allows a
//! hundred searches per minute.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use time::OffsetDateTime;
use tokio::sync::{OnceCell, Semaphore};

use super::rate_limit::RateLimiter;
use crate::{
    clock::Clock,
    error::AppError,
    stytch::{Error, Slug, Stytch, objects::Organization},
};

/// Lookups that run at once. Others are refused rather than queued, so that a flood does not delay sign-ins.
const MOST_IN_FLIGHT: usize = 32;

/// Number of cached organizations, a few kilobytes each.
const MOST_KEPT: usize = 1_000;

/// How long it is cached that there is no organization, at most: it may be created elsewhere, and its page opened at once.
const MISSES_FRESH_FOR: Duration = Duration::from_secs(2);

/// Looks organizations up through the cache. Cheap to clone.
#[derive(Clone)]
pub struct OrganizationCache(Arc<Inner>);

struct Inner {
    stytch: Stytch,
    clock: Clock,
    fresh_for: Duration,
    in_flight: Semaphore,
    per_minute: RateLimiter,
    by_slug: Mutex<HashMap<String, LookUp>>,
}

#[derive(Clone)]
struct LookUp {
    started_at: OffsetDateTime,
    /// Set by the first request; the others wait for it. A failure leaves it empty.
    found: Arc<OnceCell<Option<Organization>>>,
}

impl OrganizationCache {
    /// Caches each result for `fresh_for`, misses for two seconds at most, and makes at most `per_minute` calls per minute.
    pub fn new(stytch: Stytch, clock: Clock, fresh_for: Duration, per_minute: usize) -> Self {
        Self(Arc::new(Inner {
            stytch,
            clock,
            fresh_for,
            in_flight: Semaphore::new(MOST_IN_FLIGHT),
            per_minute: RateLimiter::new(per_minute, time::Duration::MINUTE),
            by_slug: Mutex::default(),
        }))
    }

    /// The organization that a visitor means by a slug. Slugs keep their case at Stytch, and people don't: the exact slug
    /// comes first, then the one in lower case. Each is a lookup of its own.
    ///
    /// # Errors
    /// As [`Self::find`].
    pub async fn find_in_any_case(&self, slug: &str) -> Result<Organization, AppError> {
        let lower_case = slug.to_ascii_lowercase();
        match self.find(slug).await {
            Err(AppError::NoOrganization { typed }) if lower_case != slug => {
                match self.find(&lower_case).await {
                    Err(AppError::NoOrganization { .. }) => Err(AppError::NoOrganization { typed }),
                    found => found,
                }
            }
            found => found,
        }
    }

    /// The organization with exactly this slug.
    ///
    /// # Errors
    /// No organization, in the same way for text that can't be a slug and for an unknown slug. Those of the call. "Try
    /// later" when too many lookups run.
    pub async fn find(&self, slug: &str) -> Result<Organization, AppError> {
        let unknown = || AppError::NoOrganization {
            typed: slug.to_owned(),
        };
        let slug = Slug::parse(slug).ok_or_else(unknown)?;
        let now = self.0.clock.now();
        let look_up = self.look_up(slug.as_str(), now);
        let ask = || async {
            let Ok(_permit) = self.0.in_flight.try_acquire() else {
                return Err(AppError::busy(Duration::from_secs(1)));
            };
            self.0.per_minute.take("", now)?;
            let found = self.0.stytch.organizations().by_slug(&slug).await;
            // The limit is Stytch's: what never reached it does not count.
            if let Err(Error::Unavailable {
                may_have_happened: false,
                ..
            }) = found
            {
                self.0.per_minute.give_back("", now);
            }
            Ok(found?)
        };
        let found = look_up.found.get_or_try_init(ask).await?;
        found.clone().ok_or_else(unknown)
    }

    /// Empties the cache, because this app has created or changed an organization.
    pub fn clear(&self) {
        self.by_slug_now().clear();
    }

    fn look_up(&self, slug: &str, now: OffsetDateTime) -> LookUp {
        let mut by_slug = self.by_slug_now();
        let fresh = |look_up: &LookUp| {
            let is_miss = matches!(look_up.found.get(), Some(None));
            let misses = self.0.fresh_for.min(MISSES_FRESH_FOR);
            let fresh_for = if is_miss { misses } else { self.0.fresh_for };
            look_up.started_at + fresh_for > now
        };
        if let Some(kept) = by_slug.get(slug).filter(|kept| fresh(kept)) {
            return kept.clone();
        }
        if by_slug.len() >= MOST_KEPT {
            by_slug.retain(|_, look_up| fresh(look_up));
        }
        if by_slug.len() >= MOST_KEPT {
            by_slug.clear();
        }
        let look_up = LookUp {
            started_at: now,
            found: Arc::default(),
        };
        by_slug.insert(slug.to_owned(), look_up.clone());
        look_up
    }

    fn by_slug_now(&self) -> std::sync::MutexGuard<'_, HashMap<String, LookUp>> {
        self.0
            .by_slug
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
