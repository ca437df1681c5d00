//! Both OAuth flows of Stytch B2B in one file: *Discovery* (sign in, then choose or create an organization) and
//! *Organization* (sign in at `/org/{slug}`). To use it in your app, copy this file and the folder `src/stytch`.
//!
//! `cargo run --example both_flows` reads `BIND`, `APP_URL`, `SANDBOX_BIND` and `STYTCH_*` (see `.env.example`). If no
//! credentials are set, it starts a sandbox Stytch. To use your account, register two redirect URLs in the dashboard:
//! `{APP_URL}/discovery` (type Discovery) and `{APP_URL}/authenticate` (types Login and Signup).
//!
//! This sign-in is safe but not complete. It leaves out:
//!
//! - Completion of requests: a browser that disconnects during a callback loses its sign-in (`src/web/detached.rs`).
//! - Replay of duplicates: a double click signs the visitor out, and a reloaded callback fails (`src/web/replay.rs`).
//! - Step-up and MFA: members can't sign in where these are required (`src/routes/step_up.rs`, `src/routes/mfa.rs`).
//! - A store that purges: expired sessions fill the memory, and a restart loses all (`src/session/store/memory.rs`).
//! - Care for the old session: a slow request can undo a sign-out, and signing in again does not end the old session at
//!   Stytch (`src/session/browser_session.rs`).
//! - Confirmation of unsolicited callbacks: invitations and sign-ins from elsewhere fail (`src/routes/confirm.rs`).
//! - Local JWT checks: each private page waits for Stytch, and fails while it is down (`src/session/renewals.rs`).
//! - Rate limits: strangers can use up your quota of organization searches (`src/limits/organization_cache.rs`).
//! - Security headers: pages can be framed and cached, `Referer` can leak a callback's token (`src/web/headers.rs`).
//! - A page per vendor error: visitors don't learn what they can correct (`src/error/vendor.rs`).
//! - Checks of `Host` and the configuration: sign-in over HTTP is possible (`src/web/host.rs`, `src/config/mod.rs`).
//! - Timeouts and a graceful stop: slow clients hold connections, a restart cuts them off (`src/web/server.rs`).
//! - A request log without queries: most loggers write a callback's query, with its token (`src/web/request_id.rs`).

use std::{error::Error, net::SocketAddr, str::FromStr, time::Duration, time::SystemTime};

use axum::{
    Form, Router,
    extract::{Path, Query, Request, State},
    http::{Method, StatusCode, header::ALLOW},
    middleware::{Next, from_fn},
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use serde::{Deserialize, Serialize};
use stytch_b2b_axum::stytch::{
    self, AuthenticateOptions, Credentials, IntermediateSessionToken, Login, OrganizationId,
    PkceVerifier, Provider, SessionOptions, SessionToken, SignedIn, Slug, Stytch,
    oauth::StartOptions, pkce, secret::CallbackToken,
};
use tower_sessions::{MemoryStore, Session, SessionManagerLayer, cookie::SameSite};
use url::Url;

#[tokio::main]
async fn main() {
    if let Err(error) = run().await {
        eprintln!("error: {error}");
        std::process::exit(2);
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    if dotenvy::from_path(".env").is_err_and(|error| !error.not_found()) {
        // Not dotenvy's own message: it quotes the line, which may contain a secret.
        return Err(".env contains a line that can't be read: write NAME=value".into());
    }
    tracing_subscriber::fmt::init();
    let listener = listen("BIND", "127.0.0.1:3000").await?;
    let bind = listener.local_addr()?;
    let app_url: Url = variable("APP_URL", &format!("http://localhost:{}", bind.port()))?;
    let stytch = client(bind, &app_url).await?;
    let origin = app_url.origin().ascii_serialization();
    println!("  Open    {origin} or {origin}/org/{{slug}}\n");
    Ok(axum::serve(listener, router(stytch, app_url, MemoryStore::default())).await?)
}

#[derive(Clone)]
struct App {
    stytch: Stytch,
    url: Url,
}

/// Every URL, and the layers around them.
pub fn router(stytch: Stytch, url: Url, store: MemoryStore) -> Router {
    let sessions = SessionManagerLayer::new(store)
        .with_name("both_flows")
        // With `Strict`, the default, browsers don't send the cookie when they come back from Stytch.
        .with_same_site(SameSite::Lax)
        .with_secure(url.scheme() == "https");
    let home = page("Sign in", &provider_links("", Provider::ALL.into_iter()));
    Router::new()
        .route("/start/{provider}", get(start_discovery))
        .route("/discovery", get(discovery))
        .route("/org/{slug}/start/{provider}", get(start_org))
        .route("/authenticate", get(authenticate))
        .route_layer(from_fn(only_clicks)) // around the four routes above
        .route("/", get(home))
        .route("/organizations", get(organizations))
        .route("/login/{organization_id}", post(login))
        .route("/create_org", get(create_form).post(create))
        .route("/org/{slug}", get(org))
        .route("/dashboard", get(dashboard))
        .route("/logout", post(logout))
        .layer(sessions)
        .layer(tower_http::csrf::CsrfLayer::new()) // refuses forms that other sites send
        .with_state(App { stytch, url })
}

/// Refuses HEAD, for which axum runs the GET handler, and prefetches. They would start a sign-in or spend a token.
async fn only_clicks(request: Request, next: Next) -> Response {
    let is_prefetch = request.headers().contains_key("sec-purpose");
    match *request.method() {
        Method::HEAD => (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, "GET")]).into_response(),
        _ if is_prefetch => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        _ => next.run(request).await,
    }
}

/// Links and not forms, because the `form-action` of a content security policy applies to redirects too.
fn provider_links(base: &str, providers: impl Iterator<Item = Provider>) -> String {
    let link = r#"<p><a href="{}/start/{}">Continue with {}</a></p>"#;
    let link = |it: Provider| html(link, &[base, it.slug(), &it.to_string()]);
    providers.map(link).collect()
}

async fn start_discovery(app: State<App>, session: Session, path: Path<Provider>) -> Redirected {
    let options = begin(&session, "discovery_oauth", None).await?;
    let (oauth, back) = (app.stytch.oauth(), app.url.join("/discovery")?);
    let url = oauth.discovery_start_url(*path, &back, &options);
    Ok(Redirect::to(url.as_str()))
}

/// The visitor is back from the provider. This verifies their email address but does not sign them in yet.
async fn discovery(app: State<App>, session: Session, query: Query<Callback>) -> Redirected {
    let pending = take_pending(&session, "discovery_oauth", &query).await?;
    let (oauth, verifier) = (app.stytch.oauth(), Some(&pending.verifier));
    let found = oauth.discovery_authenticate(&query.token, verifier).await?;
    let organizations = found.discovered_organizations.first.into_iter();
    let organizations = organizations.map(|it| it.organization);
    let offered = organizations.map(|it| (it.organization_id, it.organization_name));
    let choosing = (found.intermediate_session_token, offered.collect());
    change_identity(&session, SignIn::Choosing(choosing)).await?;
    Ok(Redirect::to("/organizations")) // removes the token from the address bar
}

async fn organizations(session: Session) -> Result<Html<String>> {
    let (_, offered) = choosing(&session).await?;
    let form = r#"<form method="post" action="/login/{}"><button>Continue to <bdi>{}</bdi></button></form>"#;
    let form = |(id, name): &(OrganizationId, String)| html(form, &[id.as_str(), name]);
    let create = r#"<p><a href="/create_org">Create an organization</a></p>"#;
    let body = offered.iter().map(form).collect::<String>() + create;
    Ok(page("Choose an organization", &body))
}

async fn login(app: State<App>, session: Session, id: Path<OrganizationId>) -> Redirected {
    let (ist, offered) = choosing(&session).await?;
    // The visitor can put any id into the URL.
    if !offered.iter().any(|(offered, _)| *offered == *id) {
        return Err(Failure::NOT_FOUND);
    }
    let options = SessionOptions::default();
    let login = app.stytch.discovery().exchange(&ist, &id, &options).await?;
    finish(&session, login).await
}

async fn create_form(session: Session) -> Result<Html<String>> {
    choosing(&session).await?;
    let form = r#"<form method="post"><p><label>Name <input name="name"></label></p>
        <p><label>Slug <input name="slug"></label></p><button>Create organization</button></form>"#;
    Ok(page("Create an organization", form))
}

#[derive(Deserialize)]
struct NewOrganization {
    name: String,
    slug: String,
}

async fn create(app: State<App>, session: Session, new: Form<NewOrganization>) -> Redirected {
    let (ist, _) = choosing(&session).await?;
    let (discovery, options) = (app.stytch.discovery(), SessionOptions::default());
    let (name, slug) = (new.name.trim(), new.slug.trim());
    let login = discovery.create(&ist, name, slug, &options).await?;
    finish(&session, login).await
}

async fn org(app: State<App>, slug: Path<Slug>) -> Result<Html<String>> {
    let found = app.stytch.organizations().by_slug(&slug).await?;
    let org = found.ok_or(Failure::NOT_FOUND)?;
    let providers = Provider::ALL.into_iter().filter(|it| org.allows(*it));
    let links = provider_links(&format!("/org/{}", *slug), providers);
    let title = format!("Sign in to {}", org.organization_name);
    Ok(page(&title, &links))
}

async fn start_org(app: State<App>, session: Session, path: Path<(Slug, Provider)>) -> Redirected {
    let (slug, provider) = &*path;
    let found = app.stytch.organizations().by_slug(slug).await?;
    let id = found.ok_or(Failure::NOT_FOUND)?.organization_id;
    let options = begin(&session, "oauth", Some(id.clone())).await?;
    let (oauth, back) = (app.stytch.oauth(), app.url.join("/authenticate")?);
    let url = oauth.organization_start_url(*provider, &id, &back, &options);
    Ok(Redirect::to(url.as_str()))
}

async fn authenticate(app: State<App>, session: Session, query: Query<Callback>) -> Redirected {
    let pending = take_pending(&session, "oauth", &query).await?;
    let options = AuthenticateOptions::with_pkce(&pending.verifier);
    let oauth = app.stytch.oauth();
    let answer = oauth.authenticate(&query.token, &options).await?;
    if pending.organization != Some(answer.organization_id) {
        return Err(Failure::OTHER_ORGANIZATION);
    }
    finish(&session, answer.login).await
}

/// Both flows end here. Stytch's status is 200 in all cases, but only one of them is a member session.
async fn finish(session: &Session, login: Login) -> Redirected {
    match login {
        Login::SignedIn(it) => change_identity(session, SignIn::Member(it.session_token)).await?,
        Login::StepUp(_) => return Err(Failure::STEP_UP),
        Login::Mfa(_) => return Err(Failure::MFA),
    }
    Ok(Redirect::to("/dashboard"))
}

/// A private page.
async fn dashboard(app: State<App>, session: Session) -> Result<Html<String>> {
    let it = current_member(&app, &session).await?;
    let body = r#"<p>You are signed in to <bdi>{}</bdi> as <bdi>{}</bdi>.</p>
        <form method="post" action="/logout"><button>Sign out</button></form>"#;
    let (name, email) = (&it.organization.organization_name, &it.member.email_address);
    Ok(page("Dashboard", &html(body, &[name, email])))
}

/// The signed-in member. Asks Stytch each time, so that a session that was revoked elsewhere ends here.
async fn current_member(app: &App, session: &Session) -> Result<SignedIn> {
    let Some(SignIn::Member(token)) = session.get(SIGN_IN).await? else {
        return Err(Failure::SIGNED_OUT);
    };
    let (sessions, options) = (app.stytch.sessions(), SessionOptions::default());
    Ok(sessions.authenticate(&token, &options).await?)
}

async fn logout(app: State<App>, session: Session) -> Redirected {
    let sign_in = session.get(SIGN_IN).await?;
    session.flush().await?; // first, so that the visitor is signed out here even if Stytch is down
    if let Some(SignIn::Member(token)) = sign_in {
        app.stytch.sessions().revoke(&token).await?;
    }
    Ok(Redirect::to("/"))
}

/// Who the visitor is: one value, so that an intermediate session can't exist next to a member session.
#[derive(Serialize, Deserialize)]
enum SignIn {
    Choosing(Choosing),
    Member(SessionToken),
}

/// Session key of [`SignIn`]. Session data stays on the server, and the cookie contains only a random id.
const SIGN_IN: &str = "sign_in";

/// The address is verified, and one of these organizations must be chosen.
type Choosing = (IntermediateSessionToken, Vec<(OrganizationId, String)>);

async fn choosing(session: &Session) -> Result<Choosing> {
    match session.get(SIGN_IN).await? {
        Some(SignIn::Choosing(choosing)) => Ok(choosing),
        _ => Err(Failure::START_AGAIN),
    }
}

/// Changes who the visitor is, under a new session id: a stranger may have planted the old one (session fixation).
async fn change_identity(session: &Session, sign_in: SignIn) -> Result<()> {
    session.cycle_id().await?;
    Ok(session.insert(SIGN_IN, sign_in).await?)
}

/// A sign-in that has left for Stytch. Its session key is the type of the expected token.
#[derive(Serialize, Deserialize)]
struct PendingSignIn {
    verifier: PkceVerifier,
    started_at: SystemTime,
    organization: Option<OrganizationId>, // `None` in discovery
}

/// Stores a pending sign-in. Its verifier binds the callback to this browser (PKCE, RFC 7636).
async fn begin(session: &Session, key: &str, org: Option<OrganizationId>) -> Result<StartOptions> {
    let pending = PendingSignIn {
        verifier: pkce::verifier(),
        started_at: SystemTime::now(),
        organization: org,
    };
    session.insert(key, &pending).await?;
    Ok(StartOptions::with_pkce(&pending.verifier))
}

/// What Stytch appends to a callback URL. If the visitor canceled, there is no token.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Callback {
    stytch_token_type: String,
    token: CallbackToken,
}

/// Takes the pending sign-in of a callback. Without one, the token may be a stranger's (login CSRF) and is not spent.
async fn take_pending(session: &Session, key: &str, query: &Callback) -> Result<PendingSignIn> {
    if query.stytch_token_type != key || query.token.is_empty() {
        return Err(Failure::START_AGAIN);
    }
    let pending: PendingSignIn = session.remove(key).await?.ok_or(Failure::START_AGAIN)?;
    session.save().await?; // now, because tower-sessions saves nothing if the response is a 5xx
    match pending.started_at.elapsed() {
        Ok(age) if age < Duration::from_mins(10) => Ok(pending),
        _ => Err(Failure::START_AGAIN),
    }
}

type Redirected = Result<Redirect>;
type Result<T, E = Failure> = std::result::Result<T, E>;

/// An error page: its status, and what the visitor can do. The cause is in the log.
struct Failure(u16, &'static str);

impl Failure {
    const START_AGAIN: Self = Self(400, "No sign-in is in progress here. Start again.");
    const SIGNED_OUT: Self = Self(401, "You are not signed in.");
    const REFUSED: Self = Self(403, "Stytch refused this. Check your input or start again.");
    const STEP_UP: Self = Self(403, "Step-up is required here. This example leaves it out.");
    const MFA: Self = Self(403, "MFA is required here. This example leaves it out.");
    const NOT_FOUND: Self = Self(404, "There is no such organization.");
    const OTHER_ORGANIZATION: Self = Self(409, "The sign-in was for another organization.");
    const UNAVAILABLE: Self = Self(503, "Sign-in is not available. Try again in a minute.");
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let body = r#"<p>{}</p><p><a href="/">Start again</a></p>"#;
        let status = StatusCode::from_u16(self.0).expect("the status is valid");
        (status, page("That did not work", &html(body, &[self.1]))).into_response()
    }
}

impl<E: Error + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        tracing::error!(%error, "a request failed");
        match (&error as &dyn Error).downcast_ref::<stytch::Error>() {
            Some(error) if error.error_type() == Some("session_not_found") => Self::SIGNED_OUT,
            Some(error @ stytch::Error::Rejected { .. }) if !error.refuses_us() => Self::REFUSED,
            _ => Self::UNAVAILABLE,
        }
    }
}

fn page(title: &str, body: &str) -> Html<String> {
    let head = r#"<!doctype html><html lang="en"><title>{}</title><h1>{}</h1>"#;
    Html(html(head, &[title, title]) + body)
}

/// Replaces each `{}` with a value. Escapes it, and drops characters that reverse text: people choose their names.
fn html(template: &str, values: &[&str]) -> String {
    let mut parts = template.split("{}");
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for (value, part) in values.iter().zip(parts) {
        let turns = |c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        let value = value.replace(turns, "").replace('&', "&amp;");
        let value = value.replace('<', "&lt;");
        filled += &value.replace('"', "&quot;").replace('\'', "&#39;");
        filled += part;
    }
    filled
}

/// A client for the account whose credentials are set, or for a sandbox. Your app needs only the account.
async fn client(bind: SocketAddr, app_url: &Url) -> Result<Stytch, Box<dyn Error>> {
    let names = ["STYTCH_PROJECT_ID", "STYTCH_SECRET", "STYTCH_PUBLIC_TOKEN"];
    let mut keys = names.map(|name| std::env::var(name).unwrap_or_default());
    let is_live = keys[0].starts_with("project-live-");
    let host = if is_live { "api" } else { "test" };
    let mut base_url = variable("STYTCH_BASE_URL", &format!("https://{host}.stytch.com"))?;
    if keys.iter().any(String::is_empty) {
        let listener = listen("SANDBOX_BIND", "127.0.0.1:3100").await?;
        let address = listener.local_addr()?;
        // A sandbox lets everyone in: it must never replace an account that lost its credentials.
        stytch_sandbox::may_start(!keys.concat().is_empty(), bind, app_url, address)?;
        let sandbox = stytch_sandbox::Sandbox::new(app_url.as_str());
        let it = sandbox.world().credentials().clone();
        tokio::spawn(async move { sandbox.serve(listener, std::future::pending()).await });
        base_url = Url::parse(&format!("http://{address}"))?;
        keys = [it.project_id, it.secret, it.public_token];
    }
    println!("\n  Stytch  {base_url}");
    let [project_id, secret, public_token] = keys;
    let credentials = Credentials::new(project_id, secret, public_token);
    Ok(Stytch::new(credentials, base_url, Duration::from_secs(10))?)
}

/// A variable's value. Empty means not set, as in `.env.example`.
fn variable<T: FromStr<Err: Error>>(name: &str, default: &str) -> Result<T, String> {
    let value = std::env::var(name).ok().filter(|it| !it.is_empty());
    let wrong = |error| format!("{name}: {error}. Write it like {default}");
    value.as_deref().unwrap_or(default).parse().map_err(wrong)
}

async fn listen(name: &str, default: &str) -> Result<tokio::net::TcpListener, String> {
    let address: SocketAddr = variable(name, default)?;
    let failed = |error| format!("{name}: can't listen on {address}: {error}");
    tokio::net::TcpListener::bind(address).await.map_err(failed)
}
