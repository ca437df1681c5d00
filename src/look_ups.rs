//! Organizations by slug, remembered for a moment: anybody can ask for `/org/{slug}`, and each answer costs a call to
//! Stytch with our secret, which allows a hundred searches a minute.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use time::OffsetDateTime;
use tokio::sync::{OnceCell, Semaphore};

use crate::{
    brake::Brake,
    error::AppError,
    stytch::{Stytch, objects::Organization},
};

/// More at once are refused instead of waiting: a flood must not hold up those who are signing in.
const MOST_IN_FLIGHT: usize = 32;

/// An organization takes some kilobytes.
const MOST_KEPT: usize = 1_000;

/// Cheap to clone.
#[derive(Clone)]
pub struct LookUps(Arc<Inner>);

struct Inner {
    fresh_for: Duration,
    in_flight: Semaphore,
    a_minute: Brake,
    by_slug: Mutex<HashMap<String, LookUp>>,
}

#[derive(Clone)]
struct LookUp {
    begun: OffsetDateTime,
    /// Set by the first of those who ask; the others wait. A failure leaves it empty.
    found: Arc<OnceCell<Option<Organization>>>,
}

impl LookUps {
    /// Each answer counts for so long; that there is none, too. Stytch is asked `a_minute` times at most.
    pub fn new(fresh_for: Duration, a_minute: usize) -> Self {
        Self(Arc::new(Inner {
            fresh_for,
            in_flight: Semaphore::new(MOST_IN_FLIGHT),
            a_minute: Brake::new(a_minute, time::Duration::MINUTE),
            by_slug: Mutex::default(),
        }))
    }

    /// The organization with this slug, or `None`.
    ///
    /// # Errors
    /// Those of the call; "try later" when too many look-ups are under way.
    pub async fn by_slug(
        &self,
        stytch: &Stytch,
        slug: &str,
        now: OffsetDateTime,
    ) -> Result<Option<Organization>, AppError> {
        let look_up = self.look_up(slug, now);
        let ask = || async {
            let Ok(_permit) = self.0.in_flight.try_acquire() else {
                return Err(AppError::busy(Duration::from_secs(1)));
            };
            self.0.a_minute.take("", now)?;
            Ok(stytch.organizations().by_slug(slug).await?)
        };
        look_up.found.get_or_try_init(ask).await.cloned()
    }

    /// Forgets all: this app has made or changed an organization.
    pub fn forget(&self) {
        self.by_slug_now().clear();
    }

    fn look_up(&self, slug: &str, now: OffsetDateTime) -> LookUp {
        let mut by_slug = self.by_slug_now();
        let fresh = |look_up: &LookUp| look_up.begun + self.0.fresh_for > now;
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
            begun: now,
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
