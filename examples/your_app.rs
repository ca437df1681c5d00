//! An application with its own pages, which mounts this package's sign-in below `/auth`.
//!
//! It has its own state, errors, layout, start page, cookies and fallback. It uses these parts of this package:
//!
//! - [`app::routes`]: every sign-in page, nested at [`Settings::prefix`].
//! - [`app::protect`]: the layers around its own routes, so that [`CurrentMember`] and [`BrowserSession`] work there.
//!   Each layer is an option: the upload raises the body limit.
//! - One `impl FromRef<YourState> for Context`, so that both extractors work over its own state.
//!
//! `cargo run --example your_app` starts it with a sandbox Stytch and needs no account. Register
//! `{APP_URL}/auth/discovery` and `{APP_URL}/auth/authenticate` in the dashboard to run it with yours.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{FromRef, Path, Query, State},
    http::{
        HeaderMap, StatusCode,
        header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, COOKIE, SET_COOKIE},
    },
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::json;
use stytch_b2b_axum::{
    app::{self, Layers},
    config::{is_loopback, is_sandbox},
    session::{BrowserSession, Context, CurrentMember},
    sign_in::SignIn,
    state::{AppState, Settings},
    stytch::{Credentials, Stytch},
    views::names::is_disruptive,
    web::server::{self, Timeouts},
};
use tokio::net::TcpListener;
use url::Url;

/// Largest upload in bytes.
const LARGEST_UPLOAD: usize = 1024 * 1024;

/// Your state. It holds this package's state next to your own parts.
#[derive(Clone)]
pub struct YourState {
    login: AppState,
    notes: Arc<Mutex<Vec<String>>>,
}

impl FromRef<YourState> for Context {
    fn from_ref(state: &YourState) -> Self {
        state.login.context().clone()
    }
}

/// Your error type. A JSON client gets problem details (RFC 9457).
#[derive(Debug)]
enum YourError {
    NoSuchNote(usize),
    Empty,
}

impl IntoResponse for YourError {
    fn into_response(self) -> Response {
        let (status, title) = match self {
            Self::NoSuchNote(number) => {
                (StatusCode::NOT_FOUND, format!("There is no note {number}"))
            }
            Self::Empty => (StatusCode::CONFLICT, "A note needs a text".to_owned()),
        };
        let body = json!({"title": title, "status": status.as_u16()}).to_string();
        (status, [(CONTENT_TYPE, "application/problem+json")], body).into_response()
    }
}

/// Settings for mounting at `/auth`: sign-ins end on `/dashboard`, and the start page is yours.
pub fn mounted(defaults: Settings) -> Settings {
    Settings {
        prefix: "/auth".to_owned(),
        start_page: Some("/".to_owned()),
        landing: Some("/dashboard".to_owned()),
        ..defaults
    }
}

/// The whole application.
pub fn router(login: AppState) -> Router {
    let pages = Router::new()
        .route("/", get(start_page))
        .route("/dashboard", get(dashboard))
        .route("/settings", get(settings))
        .route("/theme/{theme}", post(set_theme))
        .route("/api/notes", post(add_note))
        .route("/api/notes/{number}", get(note))
        // Names that this package uses too, at the root, do not collide with its routes below `/auth`.
        .route("/login", get(|| async { Redirect::to("/") }))
        .route(
            "/org",
            get(|| async { page("Organizations", "Your own page.") }),
        );
    let upload = Router::new().route("/upload", post(upload));
    let large = Layers {
        body_limit: Some(LARGEST_UPLOAD),
        ..Layers::default()
    };
    Router::new()
        .merge(app::protect(pages, &login, Layers::default()))
        .merge(app::protect(upload, &login, large))
        .nest("/auth", app::routes(&login))
        .route("/healthz", get(|| async { "ok" }))
        .fallback(not_found)
        .with_state(YourState {
            login,
            notes: Arc::default(),
        })
}

/// A public page that knows who is signed in.
async fn start_page(session: BrowserSession, headers: HeaderMap) -> Response {
    let theme = theme(&headers);
    match session.sign_in_state().await {
        Ok(SignIn::Member(_)) => Redirect::to("/dashboard").into_response(),
        Ok(_) => page(
            "Your app",
            &format!(
                "<p>Theme: {theme}</p><p><a href=\"/auth/start/google\">Continue with Google</a></p>"
            ),
        )
        .into_response(),
        // This package's error pages are part of the layers.
        Err(error) => error.into_response(),
    }
}

/// A private page with its own content security policy, which the layers do not change.
async fn dashboard(CurrentMember(member): CurrentMember) -> impl IntoResponse {
    let policy = "default-src 'none'; style-src 'self'; frame-ancestors 'none'; form-action 'self'";
    let text = format!(
        "<p>You are signed in to <bdi>{}</bdi> as <bdi>{}</bdi>.</p>\
         <form method=\"post\" action=\"/auth/logout\"><button>Sign out</button></form>",
        escape(&member.organization.organization_name),
        escape(&member.member.email_address),
    );
    (
        [(CONTENT_SECURITY_POLICY, policy)],
        page("Dashboard", &text),
    )
}

/// A private page. A visitor without a session signs in first and comes back here.
async fn settings(CurrentMember(member): CurrentMember) -> Html<String> {
    let text = format!(
        "<p>Settings of <bdi>{}</bdi></p>",
        escape(&member.member.email_address)
    );
    page("Settings", &text)
}

/// Your own cookie next to the session's.
async fn set_theme(Path(theme): Path<String>) -> Response {
    if !["dark", "light"].contains(&theme.as_str()) {
        return StatusCode::UNPROCESSABLE_ENTITY.into_response();
    }
    let cookie = format!("theme={theme}; Path=/; SameSite=Lax");
    ([(SET_COOKIE, cookie)], Redirect::to("/")).into_response()
}

fn theme(headers: &HeaderMap) -> &'static str {
    let cookies = headers
        .get(COOKIE)
        .and_then(|cookies| cookies.to_str().ok());
    let is_dark = cookies.is_some_and(|cookies| cookies.split("; ").any(|it| it == "theme=dark"));
    if is_dark { "dark" } else { "light" }
}

#[derive(Deserialize)]
struct NewNote {
    text: String,
}

async fn add_note(
    State(state): State<YourState>,
    CurrentMember(_): CurrentMember,
    Json(note): Json<NewNote>,
) -> Result<(StatusCode, Json<serde_json::Value>), YourError> {
    if note.text.is_empty() {
        return Err(YourError::Empty);
    }
    let mut notes = state.notes.lock().unwrap_or_else(PoisonError::into_inner);
    notes.push(note.text);
    Ok((StatusCode::CREATED, Json(json!({"number": notes.len()}))))
}

async fn note(
    State(state): State<YourState>,
    CurrentMember(_): CurrentMember,
    Path(number): Path<usize>,
) -> Result<Json<serde_json::Value>, YourError> {
    let notes = state.notes.lock().unwrap_or_else(PoisonError::into_inner);
    let text = number.checked_sub(1).and_then(|at| notes.get(at));
    let text = text.ok_or(YourError::NoSuchNote(number))?;
    Ok(Json(json!({"text": text})))
}

#[derive(Deserialize)]
struct UploadQuery {
    #[serde(default)]
    name: String,
}

async fn upload(
    CurrentMember(member): CurrentMember,
    Query(query): Query<UploadQuery>,
    file: Bytes,
) -> String {
    let who = &member.member.email_address;
    format!("{who} uploaded {} bytes as {:?}", file.len(), query.name)
}

async fn not_found() -> (StatusCode, Html<String>) {
    let page = page("Not here", "<p>Your own page for unknown addresses.</p>");
    (StatusCode::NOT_FOUND, page)
}

/// Your layout.
fn page(title: &str, body: &str) -> Html<String> {
    Html(format!(
        "<!doctype html><html lang=\"en\"><title>{title}</title><h1>{title}</h1>{body}</html>"
    ))
}

/// Escapes text for HTML. A template engine such as askama does this for you.
fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // In a name, they would reverse the text around it.
            c if is_disruptive(c) => {}
            c => escaped.push(c),
        }
    }
    escaped
}

type Failure = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let bind: SocketAddr = variable("BIND", "127.0.0.1:3000").parse()?;
    let listener = TcpListener::bind(bind).await?;
    let port = listener.local_addr()?.port();
    let app_url = Url::parse(&variable("APP_URL", &format!("http://localhost:{port}")))?;
    let stytch = stytch(bind, &app_url).await?;
    let settings = Settings::new(stytch, app_url.clone());
    let login = AppState::new(mounted(settings));
    println!("\n  Open    {app_url}");
    let tasks = login.context().tasks.clone();
    let stop = server::stop_signal()?;
    server::serve(listener, router(login), tasks, Timeouts::default(), stop).await?;
    Ok(())
}

/// Your account, or a sandbox if no credential is set.
async fn stytch(bind: SocketAddr, app_url: &Url) -> Result<Stytch, Failure> {
    let names = ["STYTCH_PROJECT_ID", "STYTCH_SECRET", "STYTCH_PUBLIC_TOKEN"];
    let [project_id, secret, public_token] = names.map(|name| variable(name, ""));
    let deadline = Duration::from_secs(6);
    if [&project_id, &secret, &public_token]
        .iter()
        .any(|it| !it.is_empty())
    {
        let base_url = Url::parse(&variable("STYTCH_BASE_URL", "https://test.stytch.com"))?;
        let credentials = Credentials::new(project_id, secret, public_token);
        if is_sandbox(&base_url) && !is_loopback(app_url) {
            return Err("APP_URL must be on localhost, because STYTCH_BASE_URL is a sandbox, which lets everyone in".into());
        }
        return Ok(Stytch::new(credentials, base_url, deadline)?);
    }
    let sandbox_bind: SocketAddr = variable("SANDBOX_BIND", "127.0.0.1:3100").parse()?;
    stytch_sandbox::may_start(false, bind, app_url, sandbox_bind)?;
    let listener = TcpListener::bind(sandbox_bind).await?;
    let base_url = Url::parse(&format!("http://{}", listener.local_addr()?))?;
    println!("\n  Stytch  {base_url} (the sandbox: made-up people, no account)");
    let mounted_at = format!("{}auth", app_url.as_str());
    let sandbox = stytch_sandbox::Sandbox::new(&mounted_at);
    let pinned = sandbox.world().credentials().clone();
    tokio::spawn(async move { sandbox.serve(listener, std::future::pending()).await });
    let credentials = Credentials::new(pinned.project_id, pinned.secret, pinned.public_token);
    let stytch = Stytch::new(credentials, base_url, deadline)?;
    Ok(stytch)
}

/// An environment variable; unset and empty count as the default.
fn variable(name: &str, default: &str) -> String {
    let value = std::env::var(name).ok().filter(|value| !value.is_empty());
    value.unwrap_or_else(|| default.to_owned())
}
