//! Clicks through `examples/both_flows.rs`.

mod file;
mod flows;
mod process;
mod refusals;
mod session;

use std::time::Duration;

use serde_json::json;
use stytch_b2b_axum::stytch::{Credentials, Stytch};
use stytch_sandbox::{Approval, Call, Fault, FaultKind, Flow, World};
use tokio::net::TcpListener;
use tower_sessions::{MemoryStore, SessionStore, session::Id};
use url::Url;

use crate::support::{Browser, Page, app::start_sandbox, logs};

#[expect(dead_code, reason = "its main is not needed here")]
#[path = "../../../examples/both_flows.rs"]
mod example;

/// The id of an organization, which the built-in seed fixes.
const GLOBEX: &str = "organization-test-00000002-0000-4000-8000-000000000000";

/// The running example and its sandbox.
struct Example {
    url: String,
    world: World,
    store: MemoryStore,
}

impl Example {
    async fn start() -> Self {
        logs::keep();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let url = format!("http://localhost:{port}");
        let (world, base_url) = start_sandbox(&url).await;
        let store = MemoryStore::default();
        let stytch = stytch(&world, base_url);
        let router = example::router(stytch, Url::parse(&url).unwrap(), store.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, world, store }
    }

    /// A browser that has never visited the example.
    fn browser(&self) -> Browser {
        Browser::for_another_app(&self.url).with_session_cookie("both_flows")
    }

    /// A browser that must choose an organization.
    async fn choosing(&self, email: &str) -> Browser {
        let mut browser = self.browser();
        browser.get("/").await;
        browser.go("Continue with Google").await;
        let page = browser.go(email).await;
        assert_eq!(page.path(), "/organizations", "{}", page.text());
        browser
    }

    /// A browser in which Ada is signed in to Acme Corp.
    async fn signed_in(&self) -> Browser {
        let mut ada = self.choosing("ada@acme.example").await;
        assert_eq!(ada.go("Continue to Acme Corp").await.path(), "/dashboard");
        ada
    }

    /// The callback URL of a sign-in that was completed in another browser.
    fn approve(
        &self,
        email: &str,
        organization: Option<&str>,
        pkce_code_challenge: Option<&str>,
    ) -> String {
        let flow = match organization {
            None => Flow::DiscoveryOauth,
            Some(_) => Flow::Oauth,
        };
        let approval = Approval {
            flow,
            provider: "google",
            email,
            organization,
            pkce_code_challenge,
        };
        self.world.approve(approval).redirect_url
    }

    fn calls(&self, path: &str) -> Vec<Call> {
        let calls = self.world.calls().into_iter();
        calls.filter(|call| call.path == path).collect()
    }

    /// Makes the next call of this path fail.
    fn fault(&self, path: &str, kind: FaultKind) {
        self.world.fault(Fault {
            method: "POST".into(),
            path: path.into(),
            times: 1,
            kind,
        });
    }

    /// Makes a pending sign-in older, because the example reads the real clock.
    async fn age(&self, browser: &Browser, token_type: &str, age: Duration) {
        let id: Id = browser.cookie().unwrap().parse().unwrap();
        let mut record = self.store.load(&id).await.unwrap().unwrap();
        let pending = record.data.get_mut(token_type).unwrap();
        let seconds = &mut pending["started_at"]["secs_since_epoch"];
        *seconds = json!(seconds.as_u64().unwrap() - age.as_secs());
        self.store.save(&record).await.unwrap();
    }

    /// Whether a session id still leads to a record.
    async fn knows(&self, id: &str) -> bool {
        let id: Id = id.parse().unwrap();
        self.store.load(&id).await.unwrap().is_some()
    }
}

fn stytch(world: &World, base_url: Url) -> Stytch {
    let it = world.credentials().clone();
    let credentials = Credentials::new(it.project_id, it.secret, it.public_token);
    Stytch::new(credentials, base_url, Duration::from_secs(6)).unwrap()
}

/// The challenge in a start URL.
fn challenge(start: &Page) -> String {
    let location = start.location();
    let mut query = location.query_pairs();
    let pair = query.find(|(name, _)| name == "pkce_code_challenge");
    pair.expect("a challenge").1.into_owned()
}

/// Checks that the page is an error page of the example, without a word of what Stytch said.
fn assert_failed(page: &Page, status: u16, text: &str) {
    assert_eq!(page.status, status, "{}", page.text());
    assert!(page.text().contains(text), "{}", page.text());
    for internal in ["request-id", "oauth_token", "_not_found", "rejected"] {
        assert!(!page.body.contains(internal), "{}", page.body);
    }
    page.action("Start again", &[]);
}
