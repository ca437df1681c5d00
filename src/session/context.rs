//! The context that sessions need from the application, which provides it with `FromRef`.

use std::{
    ops::Deref,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use time::Duration;
use tokio::task::JoinHandle;
use tokio_util::task::TaskTracker;
use tracing::Instrument;
use url::Url;

use super::{
    renewals::Renewals,
    store::{Store, request},
};
use crate::{
    clock::Clock,
    sign_in::SignedInMember,
    stytch::{MemberId, Stytch, jwks::LEEWAY, tally},
};

/// The parts of the application that [`super::BrowserSession`] uses. Cheap to clone. An application with its own state
/// implements `FromRef<ItsState>` for this type, and all extractors of this module work with that state.
#[derive(Clone)]
pub struct Context(Arc<Parts>);

/// What a [`Context`] gives access to.
#[expect(missing_docs, reason = "parts are named after their types")]
pub struct Parts {
    pub stytch: Stytch,
    pub clock: Clock,
    pub store: Store,
    pub renewals: Renewals<Arc<SignedInMember>>,
    /// Requests and calls that run to completion, even if their browser disconnects.
    pub tasks: TaskTracker,
    /// Requested length of a member session in minutes; [`LONGEST_SESSION`](crate::sign_in::member::LONGEST_SESSION)
    /// at most, so that no session continues at Stytch after it has ended here.
    pub minutes: u32,
    /// Origin under which browsers reach the application.
    pub app_url: Url,
    /// Called with each member who signs in.
    pub on_sign_in: Box<dyn Fn(&MemberId) + Send + Sync>,
    /// Path where a sign-in ends, if it is not the organization's page.
    pub landing: Option<String>,
    /// The difference between the clocks that was logged last, in seconds, so that one warning is enough.
    pub logged_clock: AtomicI64,
}

impl From<Parts> for Context {
    fn from(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl Deref for Context {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl Context {
    /// Full URL of a page of the application, wherever this package's own routes are mounted.
    pub fn page(&self, path: &str) -> String {
        let origin = self.app_url.as_str().trim_end_matches('/');
        format!("{origin}{path}")
    }

    /// Difference by which this machine's clock is ahead of Stytch's, as of its last response; zero if it is half a
    /// minute or less. Add it to a time in that response to get the time by this machine's clock. With it, sign-in
    /// works even if the clock is wrong.
    pub(super) fn clock_ahead(&self) -> Duration {
        let now = self.clock.now();
        let ahead = now - self.stytch.now().unwrap_or(now);
        if ahead.abs() <= LEEWAY {
            return Duration::ZERO;
        }
        let seconds = ahead.whole_seconds();
        let logged = self.logged_clock.swap(seconds, Ordering::Relaxed);
        if (logged - seconds).abs() > LEEWAY.whole_seconds() {
            tracing::warn!(
                ahead_seconds = seconds,
                "this machine's clock differs from Stytch's; check its time synchronization"
            );
        }
        ahead
    }

    /// Runs a future to completion, even if its request is dropped. The server waits for it before it stops. Its log
    /// lines, calls to Stytch and changes of the session belong to the request.
    pub fn spawn<Done: Send + 'static>(
        &self,
        work: impl Future<Output = Done> + Send + 'static,
    ) -> JoinHandle<Done> {
        let work = request::carry(tally::carry(work.in_current_span()));
        self.tasks.spawn(work)
    }
}
