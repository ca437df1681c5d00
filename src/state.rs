//! What handlers and layers share.

use std::{sync::Arc, time::Duration};

use axum::extract::FromRef;
use tokio::task::JoinHandle;
use tokio_util::task::TaskTracker;
use tracing::Instrument;
use url::Url;

use crate::{
    brake::Brake,
    clock::Clock,
    config::{Config, SessionStore},
    look_ups::LookUps,
    session::{
        TEN_MINUTES,
        member::LONGEST_SESSION,
        renewals::Renewals,
        store::{Store, memory::MemoryStore, redis::RedisStore},
    },
    stytch::{Credentials, Provider, Stytch, tally},
    web::once::Answers,
};

/// Stytch allows a hundred.
const SEARCHES_A_MINUTE: usize = 60;

/// A call to Stytch takes a few hundred milliseconds; after this the visitor is told.
const STYTCH_DEADLINE: Duration = Duration::from_secs(6);

/// Some 300 MB of sessions at most.
const MOST_SESSIONS: usize = 100_000;

/// Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    /// The client.
    pub stytch: Stytch,
    /// The time.
    pub clock: Clock,
    /// Where browsers reach us: an origin.
    pub app_url: Arc<Url>,
    /// What the home page offers.
    pub providers: Arc<[Provider]>,
    /// What is asked of Stytch for a member session: `SESSION_MINUTES`, but never more than [`LONGEST_SESSION`], so that
    /// nothing goes on there after it has ended here.
    pub session_minutes: u32,
    /// Where Stytch is when it is the embedded sandbox: every page says so.
    pub sandbox: Option<String>,
    /// How long a sign-out waits to see whether Stytch has ended the session too.
    pub logout_wait: Duration,
    /// How long a request's body may take to come.
    pub body_within: Duration,
    /// The sessions.
    pub store: Store,
    /// Mail to one address that nobody has proved yet, in ten minutes.
    pub mail: Brake,
    /// Tries of one code by e-mail, in ten minutes.
    pub tries: Brake,
    /// Organizations that somebody asked for a moment ago.
    pub look_ups: LookUps,
    /// The renewals in flight.
    pub renewals: Renewals,
    /// What duplicates of a one-time request get.
    pub answers: Answers,
    /// Requests that run on although their browser has left.
    pub tasks: TaskTracker,
}

impl AppState {
    /// For one Stytch project at `base_url`. A store that is down now is no reason to fail: it will be back.
    ///
    /// # Errors
    /// When the platform's TLS roots can't be read.
    pub fn new(
        config: &Config,
        credentials: Credentials,
        base_url: Url,
        sandbox: bool,
    ) -> reqwest::Result<Self> {
        let clock = Clock::default();
        let store = match &config.session_store {
            SessionStore::Memory => MemoryStore::new(clock.clone(), MOST_SESSIONS).into(),
            SessionStore::Redis { client, key } => {
                RedisStore::new(redis::Client::clone(client), key.clone(), clock.clone()).into()
            }
        };
        let longest = u32::try_from(LONGEST_SESSION.whole_minutes()).unwrap_or(u32::MAX);
        let origin = base_url.origin().ascii_serialization();
        Ok(Self {
            stytch: Stytch::new(credentials, base_url, STYTCH_DEADLINE)?,
            store,
            clock,
            app_url: Arc::new(config.app_url.clone()),
            providers: config.providers.clone().into(),
            session_minutes: config.session_minutes.min(longest),
            sandbox: sandbox.then_some(origin),
            logout_wait: Duration::from_secs(1),
            mail: Brake::new(5, TEN_MINUTES),
            tries: Brake::new(5, TEN_MINUTES),
            // In the sandbox a person changes an organization and looks at once.
            look_ups: LookUps::new(
                Duration::from_secs(if sandbox { 1 } else { 30 }),
                SEARCHES_A_MINUTE,
            ),
            body_within: Duration::from_secs(10),
            renewals: Renewals::default(),
            answers: Answers::default(),
            tasks: TaskTracker::new(),
        })
    }

    /// Runs this to its end, whatever becomes of the request that it belongs to. The server waits for it before it
    /// stops; its log lines and calls to Stytch are the request's.
    pub fn spawn<Done: Send + 'static>(
        &self,
        work: impl Future<Output = Done> + Send + 'static,
    ) -> JoinHandle<Done> {
        self.tasks.spawn(tally::carry(work.in_current_span()))
    }

    /// Whether browsers reach us by https.
    pub fn https(&self) -> bool {
        self.app_url.scheme() == "https"
    }

    /// A URL of ours as Stytch and browsers know it; `path` begins with a slash.
    pub fn url(&self, path: &str) -> Url {
        let mut url = Url::clone(&self.app_url);
        url.set_path(path);
        url
    }
}

/// Handlers that only call Stytch take only the client.
impl FromRef<AppState> for Stytch {
    fn from_ref(state: &AppState) -> Self {
        state.stytch.clone()
    }
}
