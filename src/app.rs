//! Every URL on one screen, and what happens to a request before it reaches its handler.

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{Method, Uri},
    middleware::{from_fn, from_fn_with_state},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use tower_http::catch_panic::CatchPanicLayer;
use tower_sessions::{SessionManagerLayer, cookie::SameSite};

use crate::{
    config::is_loopback,
    error::AppError,
    routes::{
        authenticate, confirm, create_org, discovery, email, health, home, jit, login, logout,
        member, mfa, org, organizations, provider, sso, start, step_up, step_up_sso, step_up_start,
    },
    sign_in::origin::ReturnPath,
    state::AppState,
    views::error_page::{self, ErrorPages},
    web::{
        assets, csrf, detached,
        headers::{self, Hsts},
        host::{self, AppUrl},
        inspector, mount, one_at_a_time,
        replay::{self, Replay},
        request_id, session_cookie, speculation, whole_body,
    },
};

/// Largest body of our own forms, in bytes: a name and a slug are far smaller.
const LARGEST_FORM: usize = 64 * 1024;

/// Where a sign-in starts, and where it comes back to.
fn flow() -> Router<AppState> {
    Router::new()
        .route("/start/{provider}", get(start::discovery))
        .route("/org/{slug}/start/{provider}", get(start::organization))
        .route("/org/{slug}/sso/{connection_id}", get(sso::start))
        .route("/step_up/start/{provider}", get(step_up_start::provider))
        .route("/step_up/sso/{connection_id}", get(step_up_sso::start))
        .route("/discovery", get(discovery::callback))
        .route("/authenticate", get(authenticate::callback))
}

fn pages() -> Router<AppState> {
    Router::new()
        .route("/confirm", get(confirm::ask).post(confirm::confirm))
        .route("/organizations", get(organizations::list))
        .route(
            "/login/{organization_id}",
            get(login::ask).post(login::login),
        )
        .route(
            "/create_org",
            get(create_org::form).post(create_org::create),
        )
        .route("/email", get(email::page).post(email::send))
        .route("/email/code", post(email::code))
        .route("/step_up", get(step_up::page).post(step_up::code))
        .route("/step_up/send", post(step_up::send))
        .route("/mfa", get(mfa::page).post(mfa::code))
        .route("/mfa/sms", post(mfa::sms))
        .route("/mfa/totp", post(mfa::totp))
        .route("/org", get(org::look_up))
        .route("/org/{slug}", get(org::page))
        .route("/org/{slug}/", get(org::with_slash))
        .route("/org/{slug}/provider/{provider}", get(provider::tokens))
        .route("/org/{slug}/jit", post(jit::switch))
        .route("/member", get(member::member))
        .route("/logout", post(logout::logout))
        .route("/static/{hash}/{name}", get(assets::asset))
        .route("/signed_out.css", get(assets::signed_out))
}

/// What only the application at the root has: a start page and health checks.
fn root() -> Router<AppState> {
    Router::new()
        .route("/", get(home::home))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
}

/// The whole application.
pub fn router(state: AppState) -> Router {
    router_with(state, Router::new())
}

/// The whole application with more pages next to its own, behind the layers of [`protect`].
pub fn router_with(state: AppState, more: Router<AppState>) -> Router {
    let pages = pages().merge(root()).fallback(not_found);
    let more = protect(more, &state, Layers::default());
    own_layers(pages, &state).merge(more).with_state(state)
}

/// This package's routes with all their layers, for an application that has its own: `merge` them, or `nest` them at
/// [`Settings::prefix`](crate::state::Settings::prefix). The start page is among them unless the settings name another.
pub fn routes<S: Clone + Send + Sync + 'static>(state: &AppState) -> Router<S> {
    let mut pages = pages();
    if state.has_own_start_page() {
        pages = pages.route("/", get(home::home));
    }
    own_layers(pages, state).with_state(state.clone())
}

/// Which layers an application's own routes get from [`protect`]. The default is all of them.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent layers")]
pub struct Layers {
    /// Largest body in bytes. The whole body is read before the handler runs. `None` leaves bodies to the handlers, with
    /// axum's own limit.
    pub body_limit: Option<usize>,
    /// Turns this package's errors, such as "not signed in", and refusals of its layers into pages. An application's own
    /// error responses stay as they are in any case.
    pub error_pages: bool,
    /// Adds the security headers that a response lacks, a content security policy among them.
    pub security_headers: bool,
    /// Serves only the host of `APP_URL`.
    pub host_check: bool,
    /// Refuses cross-site POST requests.
    pub csrf: bool,
}

impl Default for Layers {
    /// All layers, and bodies of at most 2 MiB.
    fn default() -> Self {
        Self {
            body_limit: Some(2 * 1024 * 1024),
            error_pages: true,
            security_headers: true,
            host_check: true,
            csrf: true,
        }
    }
}

/// Puts the layers around an application's own routes. With them, [`CurrentMember`](crate::session::CurrentMember) and
/// [`BrowserSession`](crate::session::BrowserSession) work in handlers over any state `S` for which
/// [`Context`](crate::session::Context) implements `FromRef<S>`.
pub fn protect<S: Clone + Send + Sync + 'static>(
    router: Router<S>,
    state: &AppState,
    layers: Layers,
) -> Router<S> {
    let router = run_to_completion(with_session(router, state), state, layers.body_limit);
    outer(router, state, layers, false)
}

/// The layers of this package's own routes.
fn own_layers(pages: Router<AppState>, state: &AppState) -> Router<AppState> {
    let around = |router| {
        let replay = Replay {
            cache: state.replay().clone(),
            cookie: state.cookie_name(),
            longest_wait: state.longest_wait(),
        };
        let one = state.one_at_a_time().clone();
        let router = inspected(with_session(router, state), state)
            // Forms and callbacks of one session run one after another, and lead to where the first one went.
            .layer(from_fn_with_state(one, one_at_a_time::layer))
            // A duplicate gets the first request's response.
            .layer(from_fn_with_state(replay, replay::layer));
        run_to_completion(router, state, Some(LARGEST_FORM))
    };
    let router = around(pages)
        // Only a person's click starts or completes a sign-in, and no `Referer` leaves from a URL with a token.
        .merge(around(flow()).layer(from_fn(speculation::layer)))
        .layer(from_fn_with_state(state.site().clone(), mount::layer));
    outer(router, state, Layers::default(), true)
}

/// Innermost: the session itself, and around it the cookie.
fn with_session<S: Clone + Send + Sync + 'static>(
    router: Router<S>,
    state: &AppState,
) -> Router<S> {
    let cookie = state.cookie_name();
    let sessions = SessionManagerLayer::new(state.context().store.clone())
        .with_name(cookie.as_str().to_owned())
        .with_same_site(SameSite::Lax)
        .with_secure(state.is_https());
    router
        .layer(from_fn(session_cookie::inner_layer))
        .layer(sessions)
        .layer(from_fn_with_state(cookie, session_cookie::layer))
}

/// Shows developers what happened, if the settings say so.
fn inspected<S: Clone + Send + Sync + 'static>(router: Router<S>, state: &AppState) -> Router<S> {
    match state.inspector() {
        Some(inspector) => router.layer(from_fn_with_state(inspector.clone(), inspector::layer)),
        None => router,
    }
}

fn run_to_completion<S: Clone + Send + Sync + 'static>(
    router: Router<S>,
    state: &AppState,
    body_limit: Option<usize>,
) -> Router<S> {
    let router = router
        // A bug becomes a page and a log line, and not a closed connection.
        .layer(CatchPanicLayer::custom(panicked))
        // The browser may disconnect: what was started is completed.
        .layer(from_fn_with_state(state.context().clone(), detached::layer));
    match body_limit {
        None => router,
        Some(limit) => router
            .layer(from_fn_with_state(state.body_timeout(), whole_body::layer))
            .layer(DefaultBodyLimit::max(limit)),
    }
}

fn outer<S: Clone + Send + Sync + 'static>(
    mut router: Router<S>,
    state: &AppState,
    layers: Layers,
    is_own: bool,
) -> Router<S> {
    if layers.csrf {
        router = router.layer(csrf::layer());
    }
    if layers.host_check {
        let app_url = AppUrl(Arc::clone(state.site().app_url()));
        router = router.layer(from_fn_with_state(app_url, host::layer));
    }
    if layers.error_pages {
        let pages = ErrorPages {
            site: state.site().clone(),
            all: is_own,
            explains_setup: is_loopback(state.site().app_url()),
            is_inspected: state.inspector().is_some(),
        };
        router = router.layer(from_fn_with_state(pages, error_page::layer));
    }
    router = router.layer(from_fn(request_id::layer));
    if layers.security_headers {
        let hsts = Hsts(state.is_https() && !is_loopback(state.site().app_url()));
        router = router.layer(from_fn_with_state(hsts, headers::layer));
    }
    router
}

/// A link to a page with a slash at its end leads to the page. Callbacks, which have a query, never do.
async fn not_found(method: Method, uri: Uri) -> Result<Redirect, AppError> {
    let page = uri.path().strip_suffix('/').and_then(ReturnPath::parse);
    match page {
        Some(page) if method.is_safe() && uri.query().is_none() => Ok(Redirect::to(page.as_str())),
        _ => Err(AppError::NotFound),
    }
}

fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    AppError::ours("a handler panicked").into_response()
}
