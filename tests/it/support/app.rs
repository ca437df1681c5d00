//! The app and its sandbox, on free ports.

use std::{collections::HashMap, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::FromRequestParts,
    http::{HeaderName, Request},
};
use serde_json::json;
use stytch_b2b_axum::{
    app,
    clock::Clock,
    config::Config,
    session::{BrowserSession, OwnSession, renewals::Renewals, store::Store},
    sign_in::SignedInMember,
    state::{AppState, Settings},
    stytch::{Credentials, ProjectSecret, Stytch},
    web::server::{self, Limits, Timeouts},
};
use stytch_sandbox::{Approval, Call, Fault, FaultKind, Flow, Options, Sandbox, World};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};
use tokio_util::task::TaskTracker;
use tower_sessions::Session;
use url::Url;

use super::{Browser, TestStore, logs};

/// A running app. Dropping it stops it.
pub struct TestApp {
    /// `http://localhost:…`
    pub url: String,
    /// URL of its Stytch.
    pub stytch_url: Url,
    /// The sandbox, as tests see and change it.
    pub world: World,
    /// The app, as tests see and change it.
    pub state: AppInternals,
    config: Config,
    stop: Option<oneshot::Sender<Duration>>,
    server: JoinHandle<std::io::Result<()>>,
    log_begins: usize,
}

/// Options for the start.
#[derive(Default)]
pub struct Setup {
    pub deadline: Option<Duration>,
    pub public_url: Option<&'static str>,
    pub more: Router<AppState>,
    pub providers: &'static str,
    pub lookups_fresh_for: Duration,
    pub lookups_a_minute: Option<usize>,
    pub emails_per_minute: Option<usize>,
    /// `CLIENT_IP_HEADER`, in lower case.
    pub client_ip_header: Option<&'static str>,
    /// URL of the Redis that stores sessions. They are in memory otherwise.
    pub redis: Option<String>,
    /// URL at which browsers reach Stytch, if the app calls it at another one.
    pub browsers_at: Option<Url>,
    /// Another instance of the same app: the same sandbox, and the same address.
    pub beside: Option<(World, Url)>,
    pub periods: Timeouts,
    /// Number of connections of the server, and of those reserved for health checks.
    pub connections: Option<(usize, usize)>,
    pub body_within: Option<Duration>,
    /// How long a request waits for other requests of its session.
    pub waits_for: Option<Duration>,
    /// `SESSION_MEMORY_MB`
    pub session_memory_mb: &'static str,
    /// `SESSION_MINUTES`
    pub session_minutes: &'static str,
    /// Whether pages show the inspector. It is off otherwise, so that tests read what the page itself says.
    pub inspector: bool,
}

/// Encrypts the sessions of the tests.
pub const SESSION_KEY: &str = "c2VhbHMgdGhlIHNlc3Npb25zIG9mIHRoZSB0ZXN0cyE=";

impl TestApp {
    pub async fn start() -> Self {
        Self::with(Setup::default()).await
    }

    pub async fn with(setup: Setup) -> Self {
        logs::keep();
        let log_begins = logs::len();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let url = format!("http://localhost:{port}");
        let app_url = setup.public_url.unwrap_or(&url);
        let (world, base_url) = match setup.beside {
            Some(beside) => beside,
            None => start_sandbox_for(app_url, setup.browsers_at.as_ref()).await,
        };
        let values = [
            ("APP_URL", url.as_str()),
            ("OAUTH_PROVIDERS", setup.providers),
            ("SESSION_STORE", setup.redis.as_deref().unwrap_or_default()),
            ("SESSION_KEY", SESSION_KEY),
            ("SESSION_MEMORY_MB", setup.session_memory_mb),
            ("SESSION_MINUTES", setup.session_minutes),
            ("INSPECTOR", if setup.inspector { "on" } else { "off" }),
        ];
        let values = values.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let config = Config::from_values(&HashMap::from(values)).unwrap();
        let public_url = setup.browsers_at.as_ref().unwrap_or(&base_url);
        let mut settings = settings(&config, &world, &base_url, public_url);
        settings.app_url = Url::parse(app_url).unwrap();
        // Rules that a test changes apply at once.
        settings.cached_for = setup.lookups_fresh_for;
        settings.searches_per_minute = setup.lookups_a_minute.unwrap_or(usize::MAX);
        settings.emails_per_minute = setup.emails_per_minute.unwrap_or(usize::MAX);
        settings.client_ip_header = setup.client_ip_header.map(HeaderName::from_static);
        if let Some(deadline) = setup.deadline {
            settings.stytch = Stytch::new(credentials(&world), base_url.clone(), deadline).unwrap();
        }
        settings.body_timeout = setup.body_within.unwrap_or(settings.body_timeout);
        settings.longest_wait = setup.waits_for.unwrap_or(settings.longest_wait);
        let state = AppInternals::new(settings);
        let router = app::router_with(state.app.clone(), setup.more);
        let mut limits = Limits::from(setup.periods);
        if let Some((connections, reserve)) = setup.connections {
            (limits.connections, limits.reserve) = (connections, reserve);
        }
        let (stop, server) = serve(listener, router, &state, limits);
        Self {
            url,
            stytch_url: base_url,
            world,
            state,
            config,
            stop: Some(stop),
            server,
            log_begins,
        }
    }

    /// Starts the shutdown. The port stays open for this time.
    pub fn begin_stop(&mut self, drain: Duration) {
        let _ = self.stop.take().unwrap().send(drain);
    }

    /// Waits for the end of a shutdown.
    pub async fn stopped(&mut self) {
        (&mut self.server).await.unwrap().unwrap();
    }

    /// Stops the app and starts it again on the same port, with an empty store.
    pub async fn restart(&mut self) {
        self.begin_stop(Duration::ZERO);
        self.stopped().await;
        let port = Url::parse(&self.url).unwrap().port().unwrap();
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let settings = settings(
            &self.config,
            &self.world,
            &self.stytch_url,
            &self.stytch_url,
        );
        self.state = AppInternals::new(settings);
        let router = app::router(self.state.app.clone());
        let (stop, server) = serve(listener, router, &self.state, Limits::default());
        (self.stop, self.server) = (Some(stop), server);
    }

    /// A browser that has never visited the app.
    pub fn browser(&self) -> Browser {
        Browser::new(&self.url)
    }

    /// A browser in which this person is signed in to this organization by Google.
    pub async fn signed_in(&self, slug: &str, email: &str) -> Browser {
        let mut browser = self.browser();
        browser.get(&format!("/org/{slug}")).await;
        browser.go("Continue with Google").await;
        let page = browser.go(email).await;
        assert_eq!(page.path(), format!("/org/{slug}"), "{}", page.text());
        assert!(page.text().contains("You are signed in"), "{}", page.text());
        browser
    }

    /// A browser in which this person has signed in by Google and must choose an organization.
    pub async fn choosing(&self, email: &str) -> Browser {
        let mut browser = self.browser();
        browser.get("/").await;
        browser.go("Continue with Google").await;
        let page = browser.go(email).await;
        assert_eq!(page.path(), "/organizations", "{}", page.text());
        browser
    }

    /// The callback URL of a sign-in that was completed elsewhere, without PKCE.
    pub fn foreign_discovery(&self, email: &str) -> String {
        let approved = self.world.approve(Approval {
            flow: Flow::DiscoveryOauth,
            provider: "google",
            email,
            organization: None,
            pkce_code_challenge: None,
        });
        approved.redirect_url
    }

    /// The same, for one organization.
    pub fn foreign_login(&self, email: &str, slug: &str) -> String {
        let approved = self.world.approve(Approval {
            flow: Flow::Oauth,
            provider: "google",
            email,
            organization: Some(slug),
            pkce_code_challenge: None,
        });
        approved.redirect_url
    }

    /// Removes Ada's phone, so that she has no second factor for Initech, which requires one.
    pub fn ada_without_phone(&self) {
        let none = json!({"mfa_phone_number": "", "mfa_phone_number_verified": false});
        self.world.patch_member("initech", "ada@acme.example", none);
    }

    /// Makes the next call of this path fail once.
    pub fn fault(&self, path: &str, kind: FaultKind) {
        self.faults(path, 1, kind);
    }

    /// Makes the next calls of this path fail.
    pub fn faults(&self, path: &str, times: u32, kind: FaultKind) {
        self.world.fault(Fault {
            method: "POST".into(),
            path: path.into(),
            times,
            kind,
        });
    }

    /// The calls of this path so far.
    pub fn calls(&self, path: &str) -> Vec<Call> {
        let calls = self.world.calls().into_iter();
        calls.filter(|call| call.path == path).collect()
    }

    /// Waits for tasks that continue after their response.
    pub async fn settle(&self) {
        self.state.tasks.close();
        self.state.tasks.wait().await;
        self.state.tasks.reopen();
    }

    /// Forgets the calls so far, including those of tasks that continue after their response.
    pub async fn forget_calls(&self) {
        self.settle().await;
        self.world.clear_calls();
    }

    /// Values that must never be shown: those that the sandbox issued, the verifiers that it received, and the
    /// project's secret.
    pub fn secrets(&self) -> Vec<String> {
        let calls = self.world.calls();
        let verifiers = calls
            .iter()
            .filter_map(|call| call.body["pkce_code_verifier"].as_str());
        let mut secrets = self.world.minted_secrets();
        secrets.extend(verifiers.map(str::to_owned));
        secrets.push(self.world.credentials().secret.clone());
        secrets
    }

    fn no_secret_is_logged(&self) {
        let log = logs::since(self.log_begins);
        let secrets = self.secrets();
        // Of thousands of secrets, a sample shows as much, in less time.
        for secret in secrets.iter().step_by(secrets.len() / 100 + 1) {
            let at = log.find(secret);
            let line = at.and_then(|at| log[..at].lines().next_back());
            assert!(
                line.is_none(),
                "{}… is in the log after {line:?}",
                &secret[..8]
            );
        }
        for never in ["@acme.example", "@globex.example", "@startup.example"] {
            let line = log.lines().find(|line| line.contains(never));
            assert!(line.is_none(), "an address is in the log: {line:?}");
        }
        let mut cookies = logs::cookies().into_iter();
        let logged = cookies.find(|cookie| log.contains(cookie.as_str()));
        assert!(logged.is_none(), "a cookie is in the log");
    }

    /// Moves the app's clock, not the sandbox's.
    pub fn advance_app(&self, seconds: u64) {
        self.state.clock.advance(Duration::from_secs(seconds));
    }

    /// Sets the app's clock back, not the sandbox's.
    pub fn set_app_back(&self, seconds: u64) {
        self.state.clock.set_back(Duration::from_secs(seconds));
    }

    /// Moves the app's and the sandbox's clock.
    pub fn advance(&self, seconds: u64) {
        self.advance_app(seconds);
        self.world.advance(Duration::from_secs(seconds));
    }
}

/// V1: no secret of any test is in the log.
impl Drop for TestApp {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.no_secret_is_logged();
        }
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(Duration::ZERO);
        }
    }
}

/// The parts of the app that tests inspect and change.
pub struct AppInternals {
    pub app: AppState,
    pub stytch: Stytch,
    pub clock: Clock,
    pub store: TestStore,
    pub renewals: Renewals<Arc<SignedInMember>>,
    pub tasks: TaskTracker,
}

impl AppInternals {
    fn new(mut settings: Settings) -> Self {
        let store = TestStore::around(settings.store.backend());
        settings.store = Store::new(store.clone());
        let (stytch, clock) = (settings.stytch.clone(), settings.clock.clone());
        let app = AppState::new(settings);
        Self {
            renewals: app.context().renewals.clone(),
            tasks: app.context().tasks.clone(),
            stytch,
            clock,
            store,
            app,
        }
    }
}

fn settings(config: &Config, world: &World, base_url: &Url, public_url: &Url) -> Settings {
    let credentials = credentials(world);
    Settings::from_config(config, credentials, base_url.clone(), public_url.clone()).unwrap()
}

fn credentials(world: &World) -> Credentials {
    Credentials {
        project_id: world.credentials().project_id.clone(),
        secret: ProjectSecret::new(world.credentials().secret.clone()),
        public_token: world.credentials().public_token.clone(),
    }
}

fn serve(
    listener: TcpListener,
    router: Router,
    state: &AppInternals,
    limits: Limits,
) -> (oneshot::Sender<Duration>, JoinHandle<std::io::Result<()>>) {
    let (stop, stopped) = oneshot::channel();
    let tasks = state.tasks.clone();
    let server = server::serve(listener, router, tasks, limits, async {
        stopped.await.unwrap_or_default()
    });
    (stop, tokio::spawn(server))
}

/// A second value over the same record, as a concurrent request has one. For a task of its own.
pub async fn session_of_another_request(app: &AppState, session: &Session) -> BrowserSession {
    let store = Arc::new(app.context().store.clone());
    let (mut parts, ()) = Request::new(()).into_parts();
    let same = Session::new(session.id(), store, None);
    parts.extensions.insert(OwnSession(same));
    let session = BrowserSession::from_request_parts(&mut parts, app).await;
    session.unwrap()
}

pub async fn start_sandbox(app_url: &str) -> (World, Url) {
    start_sandbox_for(app_url, None).await
}

/// Starts one that browsers reach at another URL.
async fn start_sandbox_for(app_url: &str, browsers_at: Option<&Url>) -> (World, Url) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let sandbox = Sandbox::with(Options {
        app_url: app_url.trim_end_matches('/').to_owned(),
        public_url: browsers_at.cloned(),
        is_reference_app: true,
        limits: stytch_sandbox::Limits {
            rate_limits: false, // tests click faster than people
            ..stytch_sandbox::Limits::default()
        },
        ..Options::default()
    });
    let world = sandbox.world();
    tokio::spawn(async move { sandbox.serve(listener, std::future::pending()).await });
    (world, base_url)
}

pub const DISCOVERY: &str = "/v1/b2b/oauth/discovery/authenticate";
pub const EXCHANGE: &str = "/v1/b2b/discovery/intermediate_sessions/exchange";
pub const CREATE: &str = "/v1/b2b/discovery/organizations/create";
pub const AUTHENTICATE: &str = "/v1/b2b/oauth/authenticate";
pub const SEARCH: &str = "/v1/b2b/organizations/search";
pub const SESSION: &str = "/v1/b2b/sessions/authenticate";
pub const REVOKE: &str = "/v1/b2b/sessions/revoke";
pub const LIST: &str = "/v1/b2b/discovery/organizations";
pub const SWITCH: &str = "/v1/b2b/sessions/exchange";
