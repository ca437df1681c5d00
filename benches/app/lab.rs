//! The app on one core and the sandbox on the other, with any number of sessions.

use std::{collections::HashMap, future::pending, net::TcpListener, sync::mpsc, thread};

use axum::Router;
use serde_json::Value;
use stytch_b2b_axum::{
    app,
    config::Config,
    state::{AppState, Settings},
    stytch::Credentials,
    web::server::{self, Timeouts},
};
use stytch_sandbox::{Approval, Flow, Limits, Options, Sandbox, World};
use tokio::runtime::{Builder, Runtime};
use tokio_util::task::TaskTracker;
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
};

const ACME: &str = "organization-test-00000001-0000-4000-8000-000000000000";

/// A server with a thread of its own, and the processor time that this thread has used.
pub struct Server {
    pub port: u16,
    thread: String,
}

impl Server {
    pub fn start(listener: TcpListener, router: Router, tasks: TaskTracker) -> Self {
        let port = listener.local_addr().expect("an address").port();
        let (tell, told) = mpsc::channel();
        thread::spawn(move || {
            let me = std::fs::read_link("/proc/thread-self").expect("Linux");
            tell.send(format!("/proc/{}/schedstat", me.display()))
                .expect("the starter waits");
            one_core().block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
                server::serve(listener, router, tasks, Timeouts::default(), pending()).await
            })
        });
        let thread = told.recv().expect("a thread");
        Self { port, thread }
    }

    /// Processor time used so far, in seconds.
    pub fn processor_time(&self) -> f64 {
        let stat = std::fs::read_to_string(&self.thread).expect("schedstat");
        let nanos = stat
            .split_whitespace()
            .next()
            .and_then(|n| n.parse::<f64>().ok());
        nanos.expect("nanoseconds") / 1e9
    }
}

pub fn one_core() -> Runtime {
    let mut builder = Builder::new_current_thread();
    builder.enable_all().build().expect("a runtime")
}

pub fn free_port() -> TcpListener {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.set_nonblocking(true).expect("not blocking");
    listener
}

/// Starts a sandbox for the app at this URL, in a thread of its own. Returns its world and its port.
pub fn sandbox(app_url: String) -> (World, u16) {
    let sandbox = Sandbox::with(Options {
        app_url,
        is_reference_app: true,
        limits: Limits {
            rate_limits: false,
            ..Limits::default()
        },
        ..Options::default()
    });
    let world = sandbox.world();
    let at = free_port();
    let port = at.local_addr().expect("an address").port();
    thread::spawn(move || {
        one_core().block_on(async {
            let at = tokio::net::TcpListener::from_std(at).expect("a listener");
            sandbox.serve(at, pending()).await
        })
    });
    (world, port)
}

pub struct App {
    pub server: Server,
    pub sandbox_port: u16,
    pub state: AppState,
    pub world: World,
    /// A record from which sessions like it can be made.
    model: Option<Record>,
}

impl App {
    /// `store` is a value of `SESSION_STORE`.
    pub fn start(store: &str) -> Self {
        let listener = free_port();
        let app_url = format!(
            "http://localhost:{}",
            listener.local_addr().expect("an address").port()
        );
        let (world, sandbox_port) = sandbox(app_url.clone());
        let base_url = format!("http://127.0.0.1:{sandbox_port}");
        let pinned = world.credentials();
        let credentials =
            Credentials::new(&pinned.project_id, &pinned.secret, &pinned.public_token);
        let values = [
            ("APP_URL", app_url.as_str()),
            ("SESSION_STORE", store),
            ("INSPECTOR", "off"), // as in production
            (
                "SESSION_KEY",
                "c2VhbHMgdGhlIHNlc3Npb25zIG9mIHRoZSB0ZXN0cyE=",
            ),
        ];
        let values = values.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let values = HashMap::from(values);
        let config = Config::from_values(&values).expect("a configuration");
        let base_url: url::Url = base_url.parse().expect("a URL");
        let settings = Settings::from_config(&config, credentials, base_url.clone(), base_url);
        let state = AppState::new(settings.expect("a client"));
        let router = app::router(state.clone());
        let server = Server::start(listener, router, state.context().tasks.clone());
        Self {
            server,
            sandbox_port,
            state,
            world,
            model: None,
        }
    }

    /// Signs Ada in by Discovery, in three requests. Returns the id of her session.
    pub async fn login(&self, http: &reqwest::Client) -> Id {
        let (location, cookie) = self.go(http, "GET", "/start/google", "").await;
        let callback = self.approve(&location, Flow::DiscoveryOauth, None);
        let (location, cookie) = self.go(http, "GET", &callback, &cookie).await;
        assert_eq!(location, "/organizations");
        let (location, cookie) = self
            .go(http, "POST", &format!("/login/{ACME}"), &cookie)
            .await;
        assert_eq!(location, "/org/acme");
        let (_, id) = cookie.split_once('=').expect("a cookie");
        id.parse().expect("a session id")
    }

    /// Signs Ada in to Acme, in two requests.
    pub async fn organization_login(&self, http: &reqwest::Client) {
        let path = "/org/acme/start/google";
        let (location, cookie) = self.go(http, "GET", path, "").await;
        let callback = self.approve(&location, Flow::Oauth, Some("acme"));
        let (location, _) = self.go(http, "GET", &callback, &cookie).await;
        assert_eq!(location, "/org/acme");
    }

    /// Approves the sign-in as Ada on the consent page. Returns the path and query of the callback.
    fn approve(&self, start_url: &str, flow: Flow, organization: Option<&str>) -> String {
        let start: url::Url = start_url.parse().expect("a URL");
        let mut pairs = start.query_pairs();
        let challenge = pairs.find(|(name, _)| name == "pkce_code_challenge");
        let approved = self.world.approve(Approval {
            flow,
            provider: "google",
            email: "ada@acme.example",
            organization,
            pkce_code_challenge: challenge.map(|(_, value)| value.into_owned()).as_deref(),
        });
        let callback: url::Url = approved.redirect_url.parse().expect("a URL");
        callback[url::Position::BeforePath..].to_owned()
    }

    /// Has a code sent, and returns the cookie of that browser.
    pub async fn browser_with_code(&self, http: &reqwest::Client) -> String {
        let url = format!("http://localhost:{}/email", self.server.port);
        let page = http.get(url).send().await.expect("a page");
        let probe = page.headers().get("set-cookie").expect("a cookie");
        let probe = probe.to_str().expect("a text").split(';').next();
        let form = "way=code&email_address=grace%40acme.example";
        self.send(http, "POST", "/email", probe.unwrap_or_default(), form)
            .await
            .1
    }

    async fn go(
        &self,
        http: &reqwest::Client,
        method: &str,
        path: &str,
        cookie: &str,
    ) -> (String, String) {
        let form = if method == "POST" {
            "here=ada%40acme.example"
        } else {
            ""
        };
        self.send(http, method, path, cookie, form).await
    }

    async fn send(
        &self,
        http: &reqwest::Client,
        method: &str,
        path: &str,
        cookie: &str,
        form: &'static str,
    ) -> (String, String) {
        let url = format!("http://localhost:{}{path}", self.server.port);
        let request = http
            .request(method.parse().expect("a method"), url)
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("cookie", cookie)
            .body(form);
        let response = request.send().await.expect("a response");
        assert_eq!(response.status(), 303, "{method} {path}");
        let header = |name| {
            response
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok())
        };
        let cookie = header("set-cookie").and_then(|cookie| cookie.split(';').next());
        (
            header("location").expect("a redirect").to_owned(),
            cookie.unwrap_or_default().to_owned(),
        )
    }

    /// Creates this many live sessions of Ada's: the first one by a sign-in, the others as copies of it.
    pub async fn sessions(&mut self, http: &reqwest::Client, how_many: usize) -> Vec<Id> {
        let first = self.login(http).await;
        let model = self
            .state
            .context()
            .store
            .load(&first)
            .await
            .expect("the store");
        self.model = model;
        let mut ids = vec![first];
        for _ in 1..how_many {
            let mut record = self.model.clone().expect("a session");
            record.id = Id::default();
            let store = &self.state.context().store;
            store.create(&mut record).await.expect("the store");
            ids.push(record.id);
        }
        ids
    }

    /// Size of the two tokens of such a session in bytes. No app can do without these.
    pub async fn token_bytes(&self, http: &reqwest::Client) -> usize {
        let approval = Approval {
            flow: Flow::Oauth,
            provider: "google",
            email: "ada@acme.example",
            organization: Some("acme"),
            pkce_code_challenge: None,
        };
        let token = self.world.approve(approval).token;
        let url = format!(
            "http://127.0.0.1:{}/v1/b2b/oauth/authenticate",
            self.sandbox_port
        );
        let own = self.world.credentials();
        let request = http
            .post(url)
            .basic_auth(&own.project_id, Some(&own.secret));
        let request = request.json(&serde_json::json!({ "oauth_token": token }));
        let login: Value = request
            .send()
            .await
            .expect("a response")
            .json()
            .await
            .expect("JSON");
        let bytes = |name: &str| login[name].as_str().expect("a token").len();
        bytes("session_token") + bytes("session_jwt")
    }

    /// Makes the JWT of this session expire.
    pub async fn expire_jwt(&self, id: &Id) {
        let store = &self.state.context().store;
        let record = store.load(id).await.expect("the store");
        let mut record = record.expect("a session");
        let text = record.data["browser"].as_str().expect("a text");
        let mut kept: Value = serde_json::from_str(text).expect("a session");
        let member = &mut kept["sign_in"]["Member"];
        member["jwt_until"] = member["started_at"].clone();
        let kept = Value::String(kept.to_string());
        record.data.insert("browser".to_owned(), kept);
        self.state
            .context()
            .store
            .save(&record)
            .await
            .expect("the store");
    }
}

/// The memory of this process.
pub fn rss() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<usize>().ok());
    kib.unwrap_or_default() * 1024
}
