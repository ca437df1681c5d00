//! Cache of organizations by slug. Anyone can request `/org/{slug}`, each lookup is a call to Stytch, and Stytch allows
//! a hundred searches per minute.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use time::OffsetDateTime;
use tokio::sync::{OnceCell, Semaphore};

use super::{
    Client, RateLimiter,
    rate_limit::{give_all_back, take_all},
};
use crate::{
    clock::Clock,
    error::{AppError, Outage, TryLater},
    stytch::{Slug, Stytch, objects::Organization},
};

/// Maximum number of simultaneous lookups. Further ones are refused and not queued, because a queue would delay
/// sign-ins.
const MOST_IN_FLIGHT: usize = 32;

/// How many of them may be for slugs that were never found. The rest is reserved for organizations that exist.
const MOST_UNKNOWN_IN_FLIGHT: usize = 24;

/// Number of cached organizations, a few kilobytes each, and of lookups that run or found nothing.
const MOST_KEPT: usize = 1_000;

/// Maximum time to cache that an organization does not exist. It may be created elsewhere, and its page opened at once.
const MISSES_FRESH_FOR: Duration = Duration::from_secs(2);

/// Maximum age of a result that is used because a limit refuses a new lookup. Stytch checks again what it permits.
const STALE_FOR: Duration = Duration::from_hours(1);

/// Looks organizations up through the cache. Cheap to clone.
#[derive(Clone)]
pub struct OrganizationCache(Arc<Inner>);

struct Inner {
    stytch: Stytch,
    clock: Clock,
    fresh_for: Duration,
    in_flight: Semaphore,
    unknown_in_flight: Semaphore,
    per_client: RateLimiter,
    unknown_per_minute: RateLimiter,
    per_minute: RateLimiter,
    kept: Mutex<CachedOrganizations>,
}

#[derive(Default)]
struct CachedOrganizations {
    /// Organizations that exist. They are evicted only by other organizations that exist.
    found: HashMap<String, Found>,
    /// Lookups that run or found nothing. Anyone can make up any number of them.
    lookups: HashMap<String, Lookup>,
    /// Number of times that all results were invalidated.
    generation: u64,
}

#[derive(Clone)]
struct Found {
    organization: Organization,
    /// When its lookup started.
    as_of: OffsetDateTime,
    used_at: OffsetDateTime,
    generation: u64,
}

#[derive(Clone)]
struct Lookup {
    started_at: OffsetDateTime,
    generation: u64,
    /// Set by the first request; the others wait for it. A failure leaves it empty.
    found: Arc<OnceCell<Option<Organization>>>,
}

impl OrganizationCache {
    /// Creates the cache. It keeps each result for `fresh_for`, and misses for at most two seconds. It makes at most
    /// `per_minute` calls per minute, two thirds of them for slugs that were never found, and `per_client` per client.
    pub fn new(
        stytch: Stytch,
        clock: Clock,
        fresh_for: Duration,
        per_minute: usize,
        per_client: usize,
    ) -> Self {
        let in_a_minute = |most| RateLimiter::new(most, time::Duration::MINUTE);
        Self(Arc::new(Inner {
            stytch,
            clock,
            fresh_for,
            in_flight: Semaphore::new(MOST_IN_FLIGHT),
            unknown_in_flight: Semaphore::new(MOST_UNKNOWN_IN_FLIGHT),
            per_client: in_a_minute(per_client),
            unknown_per_minute: in_a_minute(per_minute - per_minute / 3),
            per_minute: in_a_minute(per_minute),
            kept: Mutex::default(),
        }))
    }

    /// Returns the organization with exactly this slug. While a limit refuses a new lookup, returns the result of the
    /// last hour.
    ///
    /// # Errors
    /// "No organization", for an unknown slug and for text that can't be a slug alike. "Try later" if this client, or
    /// all clients together, have made too many lookups. The errors of the call.
    pub async fn find(&self, client: &Client, slug: &str) -> Result<Organization, AppError> {
        let unknown = || AppError::NoOrganization {
            typed: slug.to_owned(),
        };
        let slug = Slug::parse(slug).ok_or_else(unknown)?;
        let now = self.0.clock.now();
        let (known, generation) = {
            let mut kept = self.kept();
            (kept.use_found(slug.as_str(), now), kept.generation)
        };
        if let Some(known) = &known
            && known.as_of + self.0.fresh_for > now
            && known.generation == generation
        {
            return Ok(known.organization.clone());
        }
        let lookup = self.lookup(slug.as_str(), now);
        let ask = || async {
            let found = self.search(client, &slug, known.is_some(), now).await?;
            self.kept().keep(&slug, found.as_ref(), &lookup);
            Ok(found)
        };
        // Boxed, because the handler of a member's page, which needs no lookup, would be as large.
        let asked = Box::pin(lookup.found.get_or_try_init(ask));
        match (asked.await, known) {
            (Ok(found), _) => found.clone().ok_or_else(unknown),
            (Err(error), Some(known)) if is_busy(&error) && known.as_of + STALE_FOR > now => {
                Ok(known.organization)
            }
            (Err(error), _) => Err(error),
        }
    }

    /// Invalidates all results, because this app has created or changed an organization.
    pub fn clear(&self) {
        let mut kept = self.kept();
        kept.generation += 1;
        kept.lookups.clear();
    }

    /// Makes one call, if the limits allow it. The client's own limit comes first, so a call that it refuses does not
    /// use up the shared limits.
    async fn search(
        &self,
        client: &Client,
        slug: &Slug,
        is_known: bool,
        now: OffsetDateTime,
    ) -> Result<Option<Organization>, AppError> {
        let it = &self.0;
        let client = client.key();
        let per_client = client.as_deref().map(|client| (&it.per_client, client));
        let per_unknown = (!is_known).then_some((&it.unknown_per_minute, ""));
        let limits = per_client.into_iter().chain(per_unknown);
        let limits: Vec<_> = limits.chain([(&it.per_minute, "")]).collect();
        take_all(&limits, now)?;
        let permit = it.in_flight.try_acquire();
        let unknown = (!is_known).then(|| it.unknown_in_flight.try_acquire());
        if permit.is_err() || unknown.as_ref().is_some_and(Result::is_err) {
            give_all_back(&limits, now);
            return Err(AppError::busy(Duration::from_secs(1)));
        }
        let found = it.stytch.organizations().by_slug(slug).await;
        // The limits protect Stytch's rate limit, so a call that never reached Stytch does not count.
        if let Err(error) = &found
            && error.never_reached_stytch()
        {
            give_all_back(&limits, now);
        }
        Ok(found?)
    }

    fn lookup(&self, slug: &str, now: OffsetDateTime) -> Lookup {
        let mut kept = self.kept();
        let fresh = |lookup: &Lookup| {
            let is_miss = matches!(lookup.found.get(), Some(None));
            let misses = self.0.fresh_for.min(MISSES_FRESH_FOR);
            let fresh_for = if is_miss { misses } else { self.0.fresh_for };
            lookup.started_at + fresh_for > now
        };
        if let Some(running) = kept.lookups.get(slug).filter(|lookup| fresh(lookup)) {
            return running.clone();
        }
        if kept.lookups.len() >= MOST_KEPT {
            kept.lookups.retain(|_, lookup| fresh(lookup));
        }
        if kept.lookups.len() >= MOST_KEPT {
            kept.lookups.clear();
        }
        let lookup = Lookup {
            started_at: now,
            generation: kept.generation,
            found: Arc::default(),
        };
        kept.lookups.insert(slug.to_owned(), lookup.clone());
        lookup
    }

    fn kept(&self) -> MutexGuard<'_, CachedOrganizations> {
        self.0.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CachedOrganizations {
    /// The last result, regardless of its age.
    fn use_found(&mut self, slug: &str, now: OffsetDateTime) -> Option<Found> {
        let found = self.found.get_mut(slug)?;
        found.used_at = now;
        Some(found.clone())
    }

    /// Stores the result of a lookup. A full cache evicts the organization that was unused for the longest time.
    fn keep(&mut self, slug: &Slug, found: Option<&Organization>, lookup: &Lookup) {
        let slug = slug.as_str();
        let Some(organization) = found else {
            self.found.remove(slug);
            return;
        };
        if self.found.len() >= MOST_KEPT && !self.found.contains_key(slug) {
            let oldest = self.found.iter().min_by_key(|(_, found)| found.used_at);
            let oldest = oldest.map(|(slug, _)| slug.clone());
            oldest.and_then(|slug| self.found.remove(&slug));
        }
        let found = Found {
            organization: organization.clone(),
            as_of: lookup.started_at,
            used_at: lookup.started_at,
            generation: lookup.generation,
        };
        self.found.insert(slug.to_owned(), found);
        self.lookups.remove(slug);
    }
}

fn is_busy(error: &AppError) -> bool {
    matches!(
        error,
        AppError::TryLater(TryLater {
            outage: Outage::Busy(_),
            ..
        })
    )
}
