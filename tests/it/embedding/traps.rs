//! What an application's own handlers may do next to this package's without breaking either.

use axum::{
    Router,
    extract::Query,
    http::{StatusCode, header::CONTENT_TYPE, header::SET_COOKIE},
    response::{AppendHeaders, IntoResponse},
    routing::{get, post},
};
use serde::Deserialize;
use stytch_b2b_axum::{session::CurrentMember, state::AppState};
use tower_sessions::{MemoryStore, Session, SessionManagerLayer};

use crate::support::{Browser, TestApp, app::Setup};

async fn app_with(more: Router<AppState>) -> TestApp {
    TestApp::with(Setup {
        more,
        ..Setup::default()
    })
    .await
}

#[derive(Deserialize)]
struct Value {
    name: String,
    v: String,
}

/// S1: a handler's own cookies stay as they are. None of them replaces the session cookie, whatever a stranger wrote
/// into a link.
#[tokio::test]
async fn another_cookie_never_replaces_the_session_cookie() {
    async fn theme() -> impl IntoResponse {
        let all = [
            (SET_COOKIE, "theme=dark; Path=/"),
            (SET_COOKIE, "stytch_b2b_axum_theme=dark; Path=/"),
            (SET_COOKIE, "language=en; Path=/"),
        ];
        AppendHeaders(all)
    }
    async fn echo(Query(value): Query<Value>) -> impl IntoResponse {
        let ours = format!("{}={}; Path=/", value.name, value.v);
        let theirs = format!("last={}; Path=/", value.v);
        AppendHeaders([(SET_COOKIE, theirs), (SET_COOKIE, ours)])
    }
    let more = Router::new()
        .route("/theme", get(theme))
        .route("/echo", get(echo));
    let app = app_with(more).await;
    let ada = app.signed_in("acme", "ada@acme.example").await;
    let mallory = app.choosing("frank@startup.example").await;
    let planted = mallory.cookie().unwrap();
    let cookies = async |browser: &Browser, path: &str| {
        let response = browser.request("GET", path).send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        let cookies = response.headers().get_all("set-cookie").iter();
        let cookies = cookies.map(|cookie| cookie.to_str().unwrap().to_owned());
        cookies.collect::<Vec<_>>()
    };
    for browser in [&ada, &app.browser()] {
        let theme = [
            "theme=dark; Path=/",
            "stytch_b2b_axum_theme=dark; Path=/",
            "language=en; Path=/",
        ];
        assert_eq!(cookies(browser, "/theme").await, theme);
        let echo = format!("/echo?v={planted}&name={}", browser.cookie_name());
        let last = format!("last={planted}; Path=/");
        assert_eq!(cookies(browser, &echo).await, [last]);
    }
    let mut ada = ada;
    assert_eq!(ada.get("/member").await.status, 200, "still signed in");
}

/// S1: an application's own sessions, even by tower-sessions, exist next to this package's.
#[tokio::test]
async fn an_application_can_have_its_own_sessions() {
    async fn count(CurrentMember(_): CurrentMember, session: Session) -> String {
        let count: u32 = session.get("count").await.unwrap().unwrap_or_default();
        session.insert("count", count + 1).await.unwrap();
        count.to_string()
    }
    let own = SessionManagerLayer::new(MemoryStore::default()).with_name("own");
    let more = Router::new().route("/count", get(count)).layer(own);
    let app = app_with(more).await;
    let ada = app.signed_in("acme", "ada@acme.example").await;
    let ours = format!("{}={}", ada.cookie_name(), ada.cookie().unwrap());
    let mut cookie = ours.clone();
    for n in 0..3 {
        let request = app
            .browser()
            .request("GET", "/count")
            .header("cookie", &cookie);
        let response = request.send().await.unwrap();
        let set: Vec<_> = response.headers().get_all("set-cookie").iter().collect();
        assert_eq!(set.len(), 1, "{n}");
        let own = set[0].to_str().unwrap().split(';').next().unwrap();
        assert!(own.starts_with("own="), "{own}");
        cookie = format!("{ours}; {own}");
        assert_eq!(response.text().await.unwrap(), n.to_string());
    }
}

/// W1, W2, W5, W6: routes that are added to the whole application have its layers.
#[tokio::test]
async fn added_routes_are_protected() {
    let more = Router::new()
        .route("/note", post(|| async { "kept" }))
        .route("/private", get(async |_: CurrentMember| "secret"));
    let app = app_with(more).await;
    let anonymous = app.browser();
    let request = || anonymous.request("POST", "/note");
    for (request, status) in [
        (request(), 200),
        (request().header("sec-fetch-site", "cross-site"), 403),
        (request().header("host", "evil.example"), 421),
        (request().body(vec![b'x'; 2 * 1024 * 1024]), 200),
        (request().body(vec![b'x'; 2 * 1024 * 1024 + 1]), 413),
    ] {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), status);
        assert!(response.headers().contains_key("content-security-policy"));
    }
    let page = app.browser().get("/private").await;
    assert_eq!(page.status, 401);
    page.action("Continue with Google", &[]);
}

/// P6: a handler's own 500 stays as it is, and does not sign the visitor out.
#[tokio::test]
async fn a_bare_500_stays_a_500() {
    async fn fails() -> StatusCode {
        StatusCode::INTERNAL_SERVER_ERROR
    }
    let app = app_with(Router::new().route("/fails", get(fails))).await;
    for browser in [
        app.signed_in("acme", "ada@acme.example").await,
        app.browser(),
    ] {
        let response = browser.request("GET", "/fails").send().await.unwrap();
        assert_eq!(response.status(), 500);
        assert!(response.headers().get("location").is_none());
        assert!(response.headers().get("set-cookie").is_none());
    }
}

/// W7: an application's own error responses keep their bodies and types.
#[tokio::test]
async fn an_applications_own_errors_stay() {
    async fn problem() -> impl IntoResponse {
        let content_type = [(CONTENT_TYPE, "application/problem+json")];
        (StatusCode::CONFLICT, content_type, r#"{"title":"taken"}"#)
    }
    let more = Router::new()
        .route("/problem", get(problem))
        .route(
            "/text",
            get(|| async { (StatusCode::UNPROCESSABLE_ENTITY, "a name, please") }),
        )
        .route(
            "/busy",
            get(|| async { (StatusCode::SERVICE_UNAVAILABLE, "back at noon") }),
        )
        .route("/empty", get(|| async { StatusCode::IM_A_TEAPOT }));
    let app = app_with(more).await;
    for (path, status, content_type, body) in [
        (
            "/problem",
            409,
            "application/problem+json",
            r#"{"title":"taken"}"#,
        ),
        ("/text", 422, "text/plain; charset=utf-8", "a name, please"),
        ("/busy", 503, "text/plain; charset=utf-8", "back at noon"),
        ("/empty", 418, "", ""),
    ] {
        let page = app.browser().get(path).await;
        assert_eq!(page.status, status, "{path}");
        assert_eq!(page.header("content-type"), content_type, "{path}");
        assert_eq!(page.body, body, "{path}");
    }
}
