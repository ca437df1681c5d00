//! A sandbox on a port, worlds of any size in it, and the calls that are timed.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use stytch_sandbox::{Approval, Flow, Limits, Options, RedirectUrls, Sandbox, Seed, World};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

pub struct Lab {
    runtime: Runtime,
    sandbox: Sandbox,
    url: String,
    http: reqwest::Client,
}

/// What is asked of a small and of a large world.
pub const QUESTIONS: [(&str, Question); 5] = [
    (
        "search by the address of a member",
        Question::Search(r#"[{"filter_name":"member_emails","filter_value":["m7@o1.example"]}]"#),
    ),
    (
        "search by slug",
        Question::Search(r#"[{"filter_name":"organization_slugs","filter_value":["o1"]}]"#),
    ),
    (
        "search by part of an address, a scan",
        Question::Search(r#"[{"filter_name":"member_email_fuzzy","filter_value":"m7@o1.ex"}]"#),
    ),
    ("get an organization", Question::Get),
    ("discovery: what Ada can join", Question::Discover),
];

#[derive(Clone, Copy)]
pub enum Question {
    /// `organizations.search` with these operands.
    Search(&'static str),
    Get,
    /// `oauth.discovery.authenticate`.
    Discover,
}

impl Lab {
    pub fn start() -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let sandbox = Sandbox::with(Options {
            app_url: "http://localhost:3000".to_owned(),
            is_reference_app: true,
            limits: Limits {
                rate_limits: false,
                ..Limits::default()
            },
            ..Options::default()
        });
        let listener = runtime
            .block_on(TcpListener::bind("127.0.0.1:0"))
            .expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let serving = sandbox.clone();
        runtime.spawn(async move { serving.serve(listener, std::future::pending()).await });
        let http = reqwest::Client::builder().tls_certs_only([]).build();
        Self {
            runtime,
            sandbox,
            url,
            http: http.expect("a client"),
        }
    }

    /// The built-in cast and so many members more, ten an organization.
    pub fn world(&self, members: usize) -> World {
        let world = self
            .sandbox
            .create_world(Seed::Default, RedirectUrls::default());
        for number in 0..members / 10 {
            let (slug, domain) = (format!("o{number}"), format!("o{number}.example"));
            world.add_organization(json!({
                "name": format!("Organization {number}"),
                "slug": slug,
                "email_jit_provisioning": "RESTRICTED",
                "email_allowed_domains": [domain],
            }));
            for person in 0..10 {
                let email = format!("m{person}@{domain}");
                world.add_member(&slug, json!({ "email_address": email }));
            }
        }
        world
    }

    pub fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// Ada's discovery login to Acme: consent (in process), authenticate, exchange.
    pub async fn login(&self, world: &World) {
        let login = self.discover(world).await;
        let body = json!({
            "intermediate_session_token": login["intermediate_session_token"],
            "organization_id": "acme",
        });
        let answer = self
            .post(
                world,
                "/v1/b2b/discovery/intermediate_sessions/exchange",
                &body,
            )
            .await;
        assert_eq!(answer["member_authenticated"], true, "{answer}");
    }

    /// As many tasks as keep both cores busy, each in a world of its own.
    pub fn logins_per_second(&self, time: Duration) -> f64 {
        let worlds: Vec<World> = (0..4).map(|_| self.world(0)).collect();
        let (done, begun) = (AtomicUsize::new(0), Instant::now());
        self.runtime.block_on(async {
            let task = async |world: &World| {
                while begun.elapsed() < time {
                    self.login(world).await;
                    done.fetch_add(1, Ordering::Relaxed);
                }
            };
            let [one, two, three, four] = &worlds[..] else {
                unreachable!("four worlds")
            };
            tokio::join!(task(one), task(two), task(three), task(four));
        });
        #[expect(clippy::cast_precision_loss, reason = "no such number of logins")]
        let done = done.into_inner() as f64;
        done / begun.elapsed().as_secs_f64()
    }

    pub fn ask(&self, world: &World, question: Question) {
        self.block_on(async {
            match question {
                Question::Search(operands) => {
                    let operands: Value = serde_json::from_str(operands).expect("JSON");
                    let body = json!({ "query": { "operator": "AND", "operands": operands } });
                    let answer = self
                        .post(world, "/v1/b2b/organizations/search", &body)
                        .await;
                    assert_eq!(answer["results_metadata"]["total"], 1, "{answer}");
                }
                Question::Get => {
                    let request = self
                        .http
                        .get(format!("{}/v1/b2b/organizations/o1", self.url));
                    self.send(world, request).await;
                }
                Question::Discover => {
                    let answer = self.discover(world).await;
                    let found = answer["discovered_organizations"].as_array();
                    assert_eq!(found.map(Vec::len), Some(3), "{answer}");
                }
            }
        });
    }

    async fn discover(&self, world: &World) -> Value {
        let approval = Approval {
            flow: Flow::DiscoveryOauth,
            provider: "google",
            email: "ada@acme.example",
            organization: None,
            pkce_code_challenge: None,
        };
        let body = json!({ "discovery_oauth_token": world.approve(approval).token });
        self.post(world, "/v1/b2b/oauth/discovery/authenticate", &body)
            .await
    }

    async fn post(&self, world: &World, path: &str, body: &Value) -> Value {
        self.send(
            world,
            self.http.post(format!("{}{path}", self.url)).json(body),
        )
        .await
    }

    async fn send(&self, world: &World, request: reqwest::RequestBuilder) -> Value {
        let own = world.credentials();
        let request = request.basic_auth(&own.project_id, Some(&own.secret));
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
        answer.json().await.expect("JSON")
    }
}

/// The memory of this process, from Linux; 0 elsewhere.
pub fn rss_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok())
        .unwrap_or_default()
}
