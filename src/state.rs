//! The shared state of the application, and the settings that it is created from.

use std::{
    sync::{Arc, atomic::AtomicI64},
    time::Duration,
};

use axum::{extract::FromRef, http::HeaderName};
use tokio_util::task::TaskTracker;
use url::Url;

use crate::{
    clock::Clock,
    config::{Config, DEFAULT_MEMORY, SessionStore, is_loopback, is_sandbox},
    limits::{ClientIpHeader, CodeLimits, EmailLimits, OrganizationCache, ReplayCache},
    session::{
        Context, context,
        renewals::Renewals,
        store::{Store, memory::MemoryStore},
    },
    sign_in::member::LONGEST_SESSION,
    stytch::{Credentials, Provider, Stytch},
    web::{
        inspector::Inspector, one_at_a_time::OneAtATime, session_cookie::CookieName, site::Site,
        whole_body::BodyTimeout,
    },
};

/// Organization searches per minute. Stytch allows 100; this leaves room for other callers.
const SEARCHES_PER_MINUTE: usize = 60;

/// Organization searches per minute for one client, a third of all. If many people in one office open the same
/// organization, there is one search in half a minute.
const SEARCHES_PER_CLIENT: usize = 20;

/// Discovery and step-up emails per minute. Raise it if your app has more sign-ins by email. Each email costs money,
/// and emails to strangers harm the sender's reputation.
const EMAILS_PER_MINUTE: usize = 60;

/// Discovery emails per client in ten minutes. This is enough for an office behind one address, and half of what all
/// clients together have in one minute.
const EMAILS_PER_CLIENT: usize = 30;

/// Time limit for a call to Stytch, including retries. A call usually takes a few hundred milliseconds.
const STYTCH_DEADLINE: Duration = Duration::from_secs(6);

/// How long a looked-up organization is cached. In a sandbox, a person changes an organization and looks at once.
const CACHED_FOR: Duration = Duration::from_secs(30);
const CACHED_FOR_IN_A_SANDBOX: Duration = Duration::from_secs(1);

/// Settings of the application. Start with [`Settings::new`], and change what you need.
#[derive(Clone)]
#[expect(missing_docs, reason = "the undocumented names say it all")]
pub struct Settings {
    pub stytch: Stytch,
    /// The clock, which a test can move.
    pub clock: Clock,
    pub store: Store,
    /// Origin at which browsers reach the application.
    pub app_url: Url,
    /// OAuth providers that the pages offer.
    pub providers: Vec<Provider>,
    /// Requested length of a member session in minutes.
    pub session_minutes: u32,
    /// URL of the sandbox, if Stytch is one. Every page shows a banner for it.
    pub sandbox: Option<String>,
    /// Path below which the routes are mounted, such as `/auth`; empty at the root.
    pub prefix: String,
    /// Path of the start page, if it is not this package's own.
    pub start_page: Option<String>,
    /// Path where a sign-in ends, if it is not the organization's page.
    pub landing: Option<String>,
    /// How long a looked-up organization is cached. A slug without an organization is cached for at most two seconds.
    pub cached_for: Duration,
    pub searches_per_minute: usize,
    /// Organization searches per minute for one client.
    pub searches_per_client: usize,
    /// Discovery emails per minute, to all addresses together.
    pub emails_per_minute: usize,
    /// Discovery emails in ten minutes for one client.
    pub emails_per_client: usize,
    /// Header in which a proxy in front puts the client's address. `None`: the peer is the client, unless its address
    /// is a loopback or private one; then there are no limits per client.
    pub client_ip_header: Option<HeaderName>,
    /// Whether each page shows what happened in the sign-in, with secrets masked: for development, with `app_url` on
    /// loopback.
    pub inspector: bool,
    /// Time limit for the body of a request to arrive.
    pub body_timeout: Duration,
    /// Maximum time that a form or callback waits for the other requests of its session.
    pub longest_wait: Duration,
}

impl Settings {
    /// The defaults: sessions in memory, all providers, one hour, mounted at the root. Whether Stytch is a sandbox
    /// follows from its URL.
    pub fn new(stytch: Stytch, app_url: Url) -> Self {
        let clock = Clock::default();
        let sandbox = is_sandbox(stytch.base_url());
        let sandbox = sandbox.then(|| stytch.public_url().origin().ascii_serialization());
        Self {
            cached_for: if sandbox.is_some() {
                CACHED_FOR_IN_A_SANDBOX
            } else {
                CACHED_FOR
            },
            sandbox,
            stytch,
            store: Store::new(MemoryStore::new(clock.clone(), DEFAULT_MEMORY)),
            clock,
            app_url,
            providers: Provider::ALL.to_vec(),
            session_minutes: 60,
            prefix: String::new(),
            start_page: None,
            landing: None,
            searches_per_minute: SEARCHES_PER_MINUTE,
            searches_per_client: SEARCHES_PER_CLIENT,
            emails_per_minute: EMAILS_PER_MINUTE,
            emails_per_client: EMAILS_PER_CLIENT,
            client_ip_header: None,
            inspector: false,
            body_timeout: Duration::from_secs(10),
            longest_wait: Duration::from_secs(10),
        }
    }

    /// From the configuration, for the Stytch project that this server calls at `base_url` and to which browsers go at
    /// `public_url`. Succeeds even if the session store is down, because it may become available.
    ///
    /// # Errors
    /// When the platform's TLS roots can't be read.
    pub fn from_config(
        config: &Config,
        credentials: Credentials,
        base_url: Url,
        public_url: Url,
    ) -> reqwest::Result<Self> {
        let stytch = Stytch::with_public_url(credentials, base_url, public_url, STYTCH_DEADLINE)?;
        let mut settings = Self::new(stytch, config.app_url.clone());
        let clock = settings.clock.clone();
        settings.store = match &config.session_store {
            SessionStore::Memory { bytes } => Store::new(MemoryStore::new(clock, *bytes)),
            #[cfg(feature = "redis")]
            SessionStore::Redis { client, key } => {
                use crate::session::store::redis::RedisStore;
                let client = redis::Client::clone(client);
                Store::new(RedisStore::new(client, key.clone(), clock))
            }
        };
        settings.providers.clone_from(&config.providers);
        settings.session_minutes = config.session_minutes;
        settings.inspector = config.inspector;
        settings
            .client_ip_header
            .clone_from(&config.client_ip_header);
        Ok(settings)
    }
}

/// The state that handlers and layers share. Cheap to clone. Handlers take only the part that they need.
#[derive(Clone)]
pub struct AppState(Arc<Parts>);

struct Parts {
    context: Context,
    site: Site,
    organizations: OrganizationCache,
    email_limits: EmailLimits,
    code_limits: CodeLimits,
    client_ip_header: ClientIpHeader,
    replay: ReplayCache,
    one_at_a_time: OneAtATime,
    longest_wait: Duration,
    body_timeout: BodyTimeout,
    has_own_start_page: bool,
    inspector: Option<Inspector>,
}

impl AppState {
    /// Creates the state from these settings.
    ///
    /// # Panics
    /// If the inspector is on and `app_url` is not on loopback.
    pub fn new(settings: Settings) -> Self {
        assert!(
            !settings.inspector || is_loopback(&settings.app_url),
            "Settings::inspector is on, and app_url is not on localhost: the inspector shows visitors what happens at Stytch, \
             so turn it off, or set app_url to a URL on localhost"
        );
        let prefix = settings.prefix.trim_end_matches('/').to_owned();
        let own_start_page = if prefix.is_empty() { "/" } else { &prefix };
        let home = settings
            .start_page
            .as_deref()
            .unwrap_or(own_start_page)
            .to_owned();
        let (stytch, clock) = (settings.stytch, settings.clock);
        let longest = u32::try_from(LONGEST_SESSION.whole_minutes()).unwrap_or(u32::MAX);
        let organizations = OrganizationCache::new(
            stytch.clone(),
            clock.clone(),
            settings.cached_for,
            settings.searches_per_minute,
            settings.searches_per_client,
        );
        let email_limits = EmailLimits::new(settings.emails_per_minute, settings.emails_per_client);
        let code_limits = CodeLimits::default();
        let cookie = CookieName::new(&settings.app_url);
        let site = Site::new(
            settings.app_url.clone(),
            prefix,
            home,
            settings.providers,
            settings.sandbox,
        );
        let inspector = settings
            .inspector
            .then(|| Inspector::new(&settings.store, cookie.clone(), site.clone()));
        Self(Arc::new(Parts {
            inspector,
            organizations,
            email_limits,
            code_limits: code_limits.clone(),
            client_ip_header: ClientIpHeader(settings.client_ip_header),
            replay: ReplayCache::new(clock.clone()),
            one_at_a_time: OneAtATime::new(clock.clone(), cookie, settings.longest_wait),
            longest_wait: settings.longest_wait,
            body_timeout: BodyTimeout(settings.body_timeout),
            has_own_start_page: settings.start_page.is_none(),
            context: Context::from(context::Parts {
                stytch,
                clock,
                store: settings.store,
                renewals: Renewals::default(),
                tasks: TaskTracker::new(),
                minutes: settings.session_minutes.min(longest),
                app_url: settings.app_url,
                on_sign_in: Box::new(move |member| code_limits.signed_in(member)),
                landing: settings.landing,
                logged_clock: AtomicI64::default(),
            }),
            site,
        }))
    }

    /// What sessions need: the client, the clock, the store and the tasks.
    pub fn context(&self) -> &Context {
        &self.0.context
    }

    /// The application's URLs, and the providers that it offers.
    pub fn site(&self) -> &Site {
        &self.0.site
    }

    pub(crate) fn replay(&self) -> &ReplayCache {
        &self.0.replay
    }

    pub(crate) fn one_at_a_time(&self) -> &OneAtATime {
        &self.0.one_at_a_time
    }

    pub(crate) fn longest_wait(&self) -> Duration {
        self.0.longest_wait
    }

    pub(crate) fn body_timeout(&self) -> BodyTimeout {
        self.0.body_timeout
    }

    pub(crate) fn has_own_start_page(&self) -> bool {
        self.0.has_own_start_page
    }

    pub(crate) fn inspector(&self) -> Option<&Inspector> {
        self.0.inspector.as_ref()
    }

    pub(crate) fn is_https(&self) -> bool {
        self.0.site.app_url().scheme() == "https"
    }

    pub(crate) fn cookie_name(&self) -> CookieName {
        CookieName::new(self.0.site.app_url())
    }
}

impl FromRef<AppState> for Context {
    fn from_ref(state: &AppState) -> Self {
        state.0.context.clone()
    }
}

impl FromRef<AppState> for Site {
    fn from_ref(state: &AppState) -> Self {
        state.0.site.clone()
    }
}

impl FromRef<AppState> for Stytch {
    fn from_ref(state: &AppState) -> Self {
        state.0.context.stytch.clone()
    }
}

impl FromRef<AppState> for Clock {
    fn from_ref(state: &AppState) -> Self {
        state.0.context.clock.clone()
    }
}

impl FromRef<AppState> for OrganizationCache {
    fn from_ref(state: &AppState) -> Self {
        state.0.organizations.clone()
    }
}

impl FromRef<AppState> for ClientIpHeader {
    fn from_ref(state: &AppState) -> Self {
        state.0.client_ip_header.clone()
    }
}

impl FromRef<AppState> for EmailLimits {
    fn from_ref(state: &AppState) -> Self {
        state.0.email_limits.clone()
    }
}

impl FromRef<AppState> for CodeLimits {
    fn from_ref(state: &AppState) -> Self {
        state.0.code_limits.clone()
    }
}
