//! What sessions need from the application: one value that an application provides with `FromRef`.

use std::sync::Arc;

use tokio::task::JoinHandle;
use tokio_util::task::TaskTracker;
use tracing::Instrument;
use url::Url;

use super::{renewals::Renewals, store::Store};
use crate::{
    clock::Clock,
    sign_in::{SignedInMember, member::LONGEST_SESSION},
    stytch::{Stytch, tally},
};

/// The parts of the application that [`super::BrowserSession`] uses. Cheap to clone. An application with its own state
/// implements `FromRef<ItsState>` for this type, and all extractors of this module work with that state.
#[derive(Clone)]
pub struct Context(Arc<Parts>);

struct Parts {
    stytch: Stytch,
    clock: Clock,
    store: Store,
    renewals: Renewals<SignedInMember>,
    tasks: TaskTracker,
    minutes: u32,
    app_url: Url,
    landing: Option<String>,
}

impl Context {
    /// `minutes` is the requested length of a member session, reduced to [`LONGEST_SESSION`]. `app_url` is the origin
    /// under which browsers reach the application. `landing` is the path where a sign-in ends; without it, a sign-in
    /// ends on the organization's page.
    pub fn new(
        stytch: Stytch,
        clock: Clock,
        store: Store,
        minutes: u32,
        app_url: Url,
        landing: Option<String>,
    ) -> Self {
        let longest = u32::try_from(LONGEST_SESSION.whole_minutes()).unwrap_or(u32::MAX);
        Self(Arc::new(Parts {
            stytch,
            clock,
            store,
            renewals: Renewals::default(),
            tasks: TaskTracker::new(),
            minutes: minutes.min(longest),
            app_url,
            landing,
        }))
    }

    /// The client.
    pub fn stytch(&self) -> &Stytch {
        &self.0.stytch
    }

    /// The clock that decides what has expired.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// Where the sessions are stored.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// The renewals in progress.
    pub fn renewals(&self) -> &Renewals<SignedInMember> {
        &self.0.renewals
    }

    /// Requests and calls that run to completion, even if their browser disconnects.
    pub fn tasks(&self) -> &TaskTracker {
        &self.0.tasks
    }

    /// Requested length of a member session in minutes.
    pub fn minutes(&self) -> u32 {
        self.0.minutes
    }

    /// Path where a sign-in ends, if it is not the organization's page.
    pub fn landing(&self) -> Option<&str> {
        self.0.landing.as_deref()
    }

    /// Full URL of a page of the application, wherever this package's own routes are mounted.
    pub fn page(&self, path: &str) -> String {
        let origin = self.0.app_url.as_str().trim_end_matches('/');
        format!("{origin}{path}")
    }

    /// Runs this to completion, even if the request that it belongs to is dropped. The server waits for it before it
    /// stops. Its log lines and its calls to Stytch count for the request.
    pub fn spawn<Done: Send + 'static>(
        &self,
        work: impl Future<Output = Done> + Send + 'static,
    ) -> JoinHandle<Done> {
        self.0.tasks.spawn(tally::carry(work.in_current_span()))
    }
}
