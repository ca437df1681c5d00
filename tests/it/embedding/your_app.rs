//! Clicks through `examples/your_app.rs`.

use serde_json::json;
use stytch_b2b_axum::{
    state::{AppState, Settings},
    stytch::{Credentials, ProjectSecret, Stytch},
    web::server::{self, Timeouts},
};
use stytch_sandbox::{FaultKind, World};
use tokio::net::TcpListener;
use url::Url;

use crate::support::{Browser, app::start_sandbox};

#[expect(dead_code, reason = "its main is not needed here")]
#[path = "../../../examples/your_app.rs"]
mod example;

struct YourApp {
    url: String,
    world: World,
}

impl YourApp {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let url = format!("http://localhost:{port}");
        let (world, base_url) = start_sandbox(&format!("{url}/auth")).await;
        let pinned = world.credentials();
        let credentials = Credentials {
            project_id: pinned.project_id.clone(),
            secret: ProjectSecret::new(pinned.secret.clone()),
            public_token: pinned.public_token.clone(),
        };
        let deadline = std::time::Duration::from_secs(6);
        let stytch = Stytch::new(credentials, base_url, deadline).unwrap();
        let settings = Settings::new(stytch, Url::parse(&url).unwrap());
        let login = AppState::new(example::mounted(settings));
        let tasks = login.context().tasks.clone();
        let router = example::router(login);
        let never = std::future::pending();
        tokio::spawn(server::serve(
            listener,
            router,
            tasks,
            Timeouts::default(),
            never,
        ));
        Self { url, world }
    }

    fn browser(&self) -> Browser {
        Browser::for_another_app(&self.url)
    }

    async fn signed_in(&self) -> Browser {
        let mut ada = self.browser();
        ada.get("/").await;
        ada.go("Continue with Google").await;
        ada.go("ada@acme.example").await;
        ada.go("Sign in to Acme Corp").await;
        ada
    }
}

/// Signs in from the application's start page, reaches its dashboard, switches, and signs out: every link stays below
/// `/auth`.
#[tokio::test]
async fn a_sign_in_ends_on_the_applications_own_page() {
    let app = YourApp::start().await;
    let mut ada = app.browser();
    ada.get("/").await;
    ada.go("Continue with Google").await;
    let list = ada.go("ada@acme.example").await;
    assert_eq!(list.path(), "/auth/organizations");
    let dashboard = ada.go("Sign in to Acme Corp").await;
    assert_eq!(dashboard.path(), "/dashboard");
    assert!(
        dashboard
            .text()
            .contains("You are signed in to Acme Corp as ada@acme.example")
    );
    assert_eq!(ada.get("/").await.location().path(), "/dashboard");
    let switch = ada.get("/auth/organizations").await;
    assert!(switch.text().contains("Switch organization"));
    assert_eq!(ada.go("O'Neil").await.path(), "/dashboard");
    ada.get("/dashboard").await;
    let out = ada.go("Sign out").await;
    assert_eq!(out.path(), "/");
    assert_eq!(ada.cookie(), None);
    assert_eq!(ada.get("/dashboard").await.status, 401);
}

/// Every link and form of this package's pages leads below `/auth`, or to the application's own start page.
#[tokio::test]
async fn pages_below_a_prefix_link_below_it() {
    let app = YourApp::start().await;
    let mut ada = app.signed_in().await;
    let mut anonymous = app.browser();
    let mut choosing = app.browser();
    choosing.get("/auth/start/google").await;
    choosing.arrive().await;
    choosing.go("ada@acme.example").await;
    let mut pages = Vec::new();
    for path in [
        "/auth/organizations",
        "/auth/org/acme",
        "/auth/org/acme/provider/google",
    ] {
        pages.push(ada.get(path).await);
    }
    for path in [
        "/auth/org/acme",
        "/auth/email",
        "/auth/org/unknown",
        "/auth/confirm",
    ] {
        pages.push(anonymous.get(path).await);
    }
    for path in ["/auth/create_org", "/auth/organizations"] {
        pages.push(choosing.get(path).await);
    }
    pages.push(choosing.go("Sign in to Initech").await);
    for page in &pages {
        let links = page
            .body
            .match_indices("href=\"/")
            .chain(page.body.match_indices("action=\"/"));
        let mut count = 0;
        for (at, _) in links {
            let link = page.body[at..].split('"').nth(1).unwrap();
            assert!(
                link == "/" || link.starts_with("/auth/"),
                "{link} on {}",
                page.url
            );
            count += 1;
        }
        assert!(count >= 3, "{}", page.url);
    }
    let style = pages[0]
        .body
        .split("rel=\"stylesheet\" href=\"")
        .nth(1)
        .unwrap();
    let style = style.split('"').next().unwrap();
    assert_eq!(anonymous.get(style).await.status, 200, "{style}");
}

/// A visitor who requests a private page signs in and ends there.
#[tokio::test]
async fn a_private_page_is_where_the_sign_in_ends() {
    let app = YourApp::start().await;
    let mut ada = app.browser();
    let refused = ada.get("/settings").await;
    assert_eq!(refused.status, 401);
    assert_eq!(refused.header("set-cookie"), "");
    ada.go("Continue with Google").await;
    ada.go("ada@acme.example").await;
    let page = ada.go("Sign in to Acme Corp").await;
    assert_eq!(page.path(), "/settings");
    assert!(page.text().contains("Settings of ada@acme.example"));
}

/// An organization's own sign-in page, with its callback below the prefix.
#[tokio::test]
async fn an_organization_signs_in_below_the_prefix() {
    let app = YourApp::start().await;
    let mut bob = app.browser();
    bob.get("/auth/org/globex").await;
    bob.go("Continue with Google").await;
    let callback = bob.click("bob@globex.example").await.location();
    assert_eq!(callback.path(), "/auth/authenticate");
    assert_eq!(bob.arrive().await.path(), "/dashboard");
    // A reload of the callback leads to the member's page.
    bob.get(callback.as_str()).await;
    assert_eq!(bob.arrive().await.path(), "/dashboard");
    let calls = app.world.calls();
    let calls = calls
        .iter()
        .filter(|call| call.path == "/v1/b2b/oauth/authenticate");
    assert_eq!(calls.count(), 1, "the token is spent once");
}

/// The application's own responses: problem details, its fallback, its health check, its policy and its cookie.
#[tokio::test]
async fn the_applications_own_responses_stay() {
    let app = YourApp::start().await;
    let mut ada = app.signed_in().await;
    let policy = ada.get("/dashboard").await;
    assert!(
        policy
            .header("content-security-policy")
            .starts_with("default-src 'none'; style-src 'self'; frame-ancestors")
    );
    assert_eq!(
        policy.header("x-frame-options"),
        "DENY",
        "the other headers are added"
    );
    let unknown = ada.get("/nowhere").await;
    assert_eq!(unknown.status, 404);
    assert!(
        unknown
            .text()
            .contains("Your own page for unknown addresses.")
    );
    assert_eq!(app.browser().get("/healthz").await.body, "ok");
    for mounted in ["/auth", "/auth/"] {
        let start = app.browser().get(mounted).await;
        assert_eq!(start.status, 404, "the start page is the application's own");
    }
    assert_eq!(
        ada.get("/org").await.status,
        200,
        "the application's own /org"
    );
    assert_eq!(ada.get("/api/notes/7").await.status, 404);
    let post = async |ada: &Browser, body: serde_json::Value| {
        let request = ada.request("POST", "/api/notes");
        let request = request.header("sec-fetch-site", "same-origin").json(&body);
        request.send().await.unwrap()
    };
    let conflict = post(&ada, json!({"text": ""})).await;
    assert_eq!(conflict.status(), 409);
    assert_eq!(
        conflict.headers()["content-type"],
        "application/problem+json"
    );
    assert_eq!(post(&ada, json!({"text": "hello"})).await.status(), 201);
    assert_eq!(
        post(&app.browser(), json!({"text": "hello"}))
            .await
            .status(),
        401
    );
    let cookie = ada.cookie();
    assert_eq!(
        ada.post("/theme/dark", &[]).await.header("set-cookie"),
        "theme=dark; Path=/; SameSite=Lax"
    );
    assert_eq!(ada.cookie(), cookie, "the session's cookie is untouched");
    assert_eq!(ada.post("/theme/pink", &[]).await.status, 422);
    let mut anonymous = app.browser();
    anonymous.post("/theme/dark", &[]).await;
    assert!(anonymous.get("/").await.text().contains("Theme: dark"));
}

/// Each layer has a limit of its own: the upload accepts a mebibyte, and the forms of the sign-in do not.
#[tokio::test]
async fn an_upload_is_larger_than_a_form() {
    let app = YourApp::start().await;
    let ada = app.signed_in().await;
    let send = async |path: &str, bytes: usize| {
        let request = ada
            .request("POST", path)
            .header("sec-fetch-site", "same-origin");
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        request.body(vec![b'x'; bytes]).send().await.unwrap()
    };
    let uploaded = send("/upload?name=notes.txt", 1024 * 1024).await;
    assert_eq!(uploaded.status(), 200);
    let text = uploaded.text().await.unwrap();
    assert_eq!(
        text,
        "ada@acme.example uploaded 1048576 bytes as \"notes.txt\""
    );
    assert_eq!(send("/upload", 1024 * 1024 + 1).await.status(), 413);
    assert_eq!(send("/auth/create_org", 70_000).await.status(), 413);
    let cross_site = ada
        .request("POST", "/upload")
        .header("sec-fetch-site", "cross-site");
    assert_eq!(cross_site.body("x").send().await.unwrap().status(), 403);
}

/// A failure at Stytch during a mounted sign-in is a page whose link leads back below the prefix.
#[tokio::test]
async fn an_error_page_leads_back_below_the_prefix() {
    let app = YourApp::start().await;
    let mut ada = app.browser();
    ada.get("/").await;
    ada.go("Continue with Google").await;
    app.world.fault(stytch_sandbox::Fault {
        method: "POST".into(),
        path: "/v1/b2b/oauth/discovery/authenticate".into(),
        times: 1,
        kind: FaultKind::Error {
            status: 404,
            error_type: "oauth_token_not_found".into(),
            message: String::new(),
        },
    });
    let page = ada.go("ada@acme.example").await;
    assert_eq!(page.status, 400);
    let again = page.action("Start again with Google", &[]);
    assert_eq!(again.url.path(), "/auth/start/google");
}
