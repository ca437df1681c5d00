//! A sandbox on a free port, and helpers for common calls.

use proptest::test_runner::Config;
use reqwest::Method;
use reqwest::header::{COOKIE, HeaderMap, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use serde_json::{Value, json};
use stytch_sandbox::{Approval, Credentials, Flow, Limits, Options, Sandbox, World};
use tokio::net::TcpListener;

/// A running sandbox and one of its worlds.
pub struct Lab {
    pub sandbox: Sandbox,
    pub world: World,
    pub url: String,
    pub http: reqwest::Client,
}

/// A response with its whole body.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Lab {
    pub async fn start() -> Self {
        Self::with(Limits {
            rate_limits: false, // tests send more requests than people
            ..Limits::default()
        })
        .await
    }

    /// A sandbox with other limits.
    pub async fn with(limits: Limits) -> Self {
        let sandbox = Sandbox::with(Options {
            app_url: "http://localhost:3000".to_owned(),
            is_reference_app: true,
            limits,
            ..Options::default()
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let serving = sandbox.clone();
        tokio::spawn(async move { serving.serve(listener, std::future::pending()).await });
        // No certificates, because TLS is not used here and loading the system's certificates takes longer than most
        // tests.
        let http = reqwest::Client::builder()
            .tls_certs_only([])
            .redirect(Policy::none())
            .build()
            .expect("a client");
        Self {
            world: sandbox.world(),
            sandbox,
            url,
            http,
        }
    }

    pub fn credentials(&self) -> Credentials {
        self.world.credentials().clone()
    }

    /// A server API call with the world's credentials.
    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.try_post(path, body).await.expect("a response")
    }

    pub async fn try_post(&self, path: &str, body: Value) -> reqwest::Result<Reply> {
        let Credentials {
            project_id, secret, ..
        } = self.credentials();
        let request = self
            .http
            .post(format!("{}{path}", self.url))
            .basic_auth(project_id, Some(secret));
        Reply::read(request.json(&body).send().await?).await
    }

    /// A GET with the world's credentials.
    pub async fn get(&self, path: &str) -> Reply {
        let Credentials {
            project_id, secret, ..
        } = self.credentials();
        let request = self
            .http
            .get(format!("{}{path}", self.url))
            .basic_auth(project_id, Some(secret));
        Reply::send(request).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Reply {
        Reply::send(self.call(Method::PUT, path).json(&body)).await
    }

    pub async fn delete(&self, path: &str) -> Reply {
        Reply::send(self.call(Method::DELETE, path)).await
    }

    /// A request with the world's credentials, which the caller completes.
    pub fn call(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let Credentials {
            project_id, secret, ..
        } = self.credentials();
        self.http
            .request(method, format!("{}{path}", self.url))
            .basic_auth(project_id, Some(secret))
    }

    /// A browser's request: without credentials, preferring HTML.
    pub async fn open(&self, path: &str) -> Reply {
        let request = self.http.get(format!("{}{path}", self.url));
        Reply::send(request.header("accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"))
            .await
    }

    /// A one-time token of the discovery flow.
    pub fn discovery_token(&self, provider: &str, email: &str) -> String {
        self.token(Flow::DiscoveryOauth, provider, email, None)
    }

    /// A one-time token of an organization's flow.
    pub fn oauth_token(&self, provider: &str, email: &str, organization: &str) -> String {
        self.token(Flow::Oauth, provider, email, Some(organization))
    }

    fn token(&self, flow: Flow, provider: &str, email: &str, organization: Option<&str>) -> String {
        let approval = Approval {
            flow,
            provider,
            email,
            organization,
            pkce_code_challenge: None,
        };
        self.world.approve(approval).token
    }

    /// The response of a complete discovery login.
    pub async fn discover(&self, provider: &str, email: &str) -> Value {
        let token = self.discovery_token(provider, email);
        self.post(
            "/v1/b2b/oauth/discovery/authenticate",
            json!({ "discovery_oauth_token": token }),
        )
        .await
        .ok()
    }

    /// An intermediate session.
    pub async fn ist(&self, provider: &str, email: &str) -> String {
        text(&self.discover(provider, email).await["intermediate_session_token"])
    }

    pub async fn exchange(&self, ist: &str, organization: &str) -> Reply {
        let body = json!({ "intermediate_session_token": ist, "organization_id": organization });
        self.post("/v1/b2b/discovery/intermediate_sessions/exchange", body)
            .await
    }

    pub async fn create(&self, body: Value) -> Reply {
        self.post("/v1/b2b/discovery/organizations/create", body)
            .await
    }

    /// `oauth.authenticate` with a new token and these additional fields.
    pub async fn sign_in(
        &self,
        provider: &str,
        email: &str,
        organization: &str,
        mut more: Value,
    ) -> Reply {
        more["oauth_token"] = json!(self.oauth_token(provider, email, organization));
        self.post("/v1/b2b/oauth/authenticate", more).await
    }

    /// Token and JWT of Ada's session in Acme.
    pub async fn adas_session(&self) -> (String, String) {
        let answer = self
            .sign_in("google", "ada@acme.example", "acme", json!({}))
            .await
            .ok();
        (text(&answer["session_token"]), text(&answer["session_jwt"]))
    }

    /// The member's object in the world.
    pub fn member(&self, organization: &str, email: &str) -> Value {
        let state = self.world.state();
        let id = self.organization(organization)["organization_id"].clone();
        let members = state["members"].as_array().expect("members");
        let found = members
            .iter()
            .find(|it| it["organization_id"] == id && it["email_address"] == email);
        found.cloned().unwrap_or_default()
    }

    /// The organization's object in the world.
    pub fn organization(&self, slug: &str) -> Value {
        let state = self.world.state();
        let organizations = state["organizations"].as_array().expect("organizations");
        organizations
            .iter()
            .find(|it| it["organization_slug"] == slug)
            .cloned()
            .unwrap_or_default()
    }

    /// Opens a start URL with the public token and these parameters, and returns the consent page with its cookie.
    pub async fn begin(&self, provider: &str, flow: &str, parameters: &str) -> Consent<'_> {
        let token = self.credentials().public_token;
        let reply = self
            .open(&format!(
                "/v1/b2b/public/oauth/{provider}/{flow}?public_token={token}&{parameters}"
            ))
            .await;
        assert_eq!(reply.status, 302, "{}", reply.text);
        let path = reply.header(LOCATION.as_str()).to_owned();
        assert!(
            path.starts_with("/_sandbox/"),
            "a page of the sandbox: {path}"
        );
        let cookie = reply
            .header(SET_COOKIE.as_str())
            .split(';')
            .next()
            .unwrap_or_default()
            .to_owned();
        Consent {
            lab: self,
            path,
            cookie,
        }
    }
}

/// A consent page in a browser.
pub struct Consent<'a> {
    pub lab: &'a Lab,
    pub path: String,
    pub cookie: String,
}

impl Consent<'_> {
    pub async fn page(&self) -> Reply {
        self.lab.open(&self.path).await
    }

    /// Presses a button: posts the form to the page's path followed by `more`.
    pub async fn press(&self, more: &str, form: &str) -> Reply {
        Reply::send(self.request(more, form).header(COOKIE, &self.cookie)).await
    }

    /// The same request without the cookie, which the caller completes.
    pub fn request(&self, more: &str, form: &str) -> reqwest::RequestBuilder {
        let request = self
            .lab
            .http
            .post(format!("{}{}{more}", self.lab.url, self.path));
        request
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.to_owned())
    }

    /// Presses the button of the person with this address.
    pub async fn choose(&self, email: &str) -> Reply {
        let page = self.page().await.text;
        let button = page
            .split("<button")
            .find(|it| it.contains(email))
            .expect("a button with the address");
        let id = button
            .split("value=\"")
            .nth(1)
            .and_then(|rest| rest.split('"').next())
            .expect("a value");
        self.press("", &format!("person={id}")).await
    }
}

impl Reply {
    pub async fn send(request: reqwest::RequestBuilder) -> Self {
        Self::read(request.send().await.expect("a response"))
            .await
            .expect("a complete response")
    }

    async fn read(response: reqwest::Response) -> reqwest::Result<Self> {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Self {
            status,
            headers,
            text: response.text().await?,
        })
    }

    /// The body of a successful response.
    pub fn ok(self) -> Value {
        let body = self.json();
        assert_eq!(
            (self.status, &body["status_code"]),
            (200, &json!(200)),
            "{body}"
        );
        body
    }

    pub fn json(&self) -> Value {
        assert_eq!(
            self.header("content-type"),
            "application/json",
            "{}",
            self.text
        );
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// Asserts the vendor's error with all fields of its body.
    #[track_caller]
    pub fn is_error(&self, status: u16, error_type: &str) {
        let body = self.json();
        assert_eq!(
            (self.status, body["error_type"].as_str()),
            (status, Some(error_type)),
            "{body}"
        );
        assert_eq!(body["status_code"], status);
        let request_id = body["request_id"].as_str().unwrap_or_default();
        assert!(request_id.starts_with("request-id-test-"), "{body}");
        assert!(
            !body["error_message"]
                .as_str()
                .unwrap_or_default()
                .is_empty(),
            "{body}"
        );
        let url = format!("https://stytch.com/docs/b2b/api/errors/{status}#{error_type}");
        assert_eq!(body["error_url"], url);
    }
}

/// The text of a JSON string.
#[track_caller]
pub fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("expected text, got {value}"))
        .to_owned()
}

/// Slug and membership type of the discovered organizations.
pub fn listed(answer: &Value) -> Vec<(String, String)> {
    let entries = answer["discovered_organizations"]
        .as_array()
        .expect("a list");
    let pair = |it: &Value| {
        (
            text(&it["organization"]["organization_slug"]),
            text(&it["membership"]["type"]),
        )
    };
    entries.iter().map(pair).collect()
}

/// The discovered organization with this slug.
#[track_caller]
pub fn entry<'a>(answer: &'a Value, slug: &str) -> &'a Value {
    let entries = answer["discovered_organizations"]
        .as_array()
        .expect("a list");
    let found = entries
        .iter()
        .find(|it| it["organization"]["organization_slug"] == slug);
    found.unwrap_or_else(|| panic!("{slug} is not listed in {answer}"))
}

/// The expected value for [`listed`].
pub fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected
        .iter()
        .map(|(slug, kind)| ((*slug).to_owned(), (*kind).to_owned()))
        .collect()
}

/// Configuration for this number of random cases, or for `PROPTEST_CASES` to search for more. With proptest's
/// `PROPTEST_RNG_SEED`, the cases are the same each time.
pub fn random(cases: u32) -> Config {
    let asked = std::env::var("PROPTEST_CASES").ok();
    Config {
        cases: asked.and_then(|it| it.parse().ok()).unwrap_or(cases),
        failure_persistence: None,
        ..Config::default()
    }
}
