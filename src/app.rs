//! The table of all URLs, and the middleware layers that a request passes before it reaches its handler.
//!
//! To mount the sign-in below a path of your application, set [`Settings::prefix`](crate::state::Settings::prefix) to
//! the path, and nest the routes there:
//!
//! ```
//! use axum::Router;
//! use stytch_b2b_axum::{
//!     app::{self, Layers},
//!     state::AppState,
//! };
//!
//! /// The prefix in the settings of `state` is `/auth`.
//! fn with_sign_in(yours: Router<AppState>, state: AppState) -> Router {
//!     app::protect(yours, &state, Layers::default())
//!         .nest("/auth", app::routes(&state))
//!         .with_state(state)
//! }
//! ```

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{Method, Uri},
    middleware::{from_fn, from_fn_with_state},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use tower::ServiceBuilder;
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
    views::error_page::ErrorPages,
    web::{
        around::AroundLayer,
        assets, csrf,
        detached::{self, Detached, OnGet},
        headers,
        host::AppUrl,
        inspector, mount, one_at_a_time,
        replay::{self, Replay},
        request_id::RequestIds,
        session_cookie::{HandlerSession, SessionCookie},
        speculation, whole_body,
    },
};

/// Maximum size of the body of our own forms, in bytes. A name and a slug are far smaller.
const LARGEST_FORM: usize = 64 * 1024;

/// Routes that start a sign-in, and the callbacks that it returns to.
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

/// Routes of forms, which change something.
fn forms() -> Router<AppState> {
    Router::new()
        .route("/confirm", post(confirm::confirm))
        .route("/login/{organization_id}", post(login::login))
        .route("/create_org", post(create_org::create))
        .route("/email", post(email::send))
        .route("/email/code", post(email::code))
        .route("/step_up", post(step_up::code))
        .route("/step_up/send", post(step_up::send))
        .route("/mfa", post(mfa::code))
        .route("/mfa/sms", post(mfa::sms))
        .route("/mfa/totp", post(mfa::totp))
        .route("/org/{slug}/jit", post(jit::switch))
        .route("/logout", post(logout::logout))
}

/// Routes of pages, which change nothing.
fn pages() -> Router<AppState> {
    Router::new()
        .route("/confirm", get(confirm::ask))
        .route("/organizations", get(organizations::list))
        .route("/login/{organization_id}", get(login::ask))
        .route("/create_org", get(create_org::form))
        .route("/email", get(email::page))
        .route("/step_up", get(step_up::page))
        .route("/mfa", get(mfa::page))
        .route("/org", get(org::look_up))
        .route("/org/{slug}", get(org::page))
        .route("/org/{slug}/", get(org::with_slash))
        .route("/org/{slug}/provider/{provider}", get(provider::tokens))
        .route("/member", get(member::member))
        .route("/static/{hash}/{name}", get(assets::asset))
        .route("/signed_out.css", get(assets::signed_out))
}

/// The start page. A surrounding application can replace it.
fn start_page() -> Router<AppState> {
    Router::new().route("/", get(home::home))
}

/// Health checks, for the complete application only. They need no session, and are served under any host name.
fn health() -> Router<AppState> {
    Router::new()
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
}

/// The complete application.
pub fn router(state: AppState) -> Router {
    router_with(state, Router::new())
}

/// The complete application with additional pages, which get the layers of [`protect`].
pub fn router_with(state: AppState, more: Router<AppState>) -> Router {
    let pages = pages().merge(start_page()).fallback(not_found);
    let more = protect(more, &state, Layers::default());
    let only_headers = Layers {
        error_pages: false,
        host_check: false,
        ..Layers::default()
    };
    let health = outer(health(), &state, only_headers, true);
    let router = own_layers(pages, &state).merge(more).merge(health);
    router.with_state(state)
}

/// This package's routes with all their layers, for an application with its own routes. `merge` them, or `nest` them at
/// [`Settings::prefix`](crate::state::Settings::prefix). They include the start page, unless the settings name another
/// one.
pub fn routes<S: Clone + Send + Sync + 'static>(state: &AppState) -> Router<S> {
    let mut pages = pages();
    if state.has_own_start_page() {
        pages = pages.merge(start_page());
    }
    own_layers(pages, state).with_state(state.clone())
}

/// Which layers an application's own routes get from [`protect`]. The default is all of them.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent layers")]
pub struct Layers {
    /// Maximum size of a body, in bytes. The whole body is read before the handler runs. With `None`, handlers read
    /// bodies themselves, with axum's own limit.
    pub body_limit: Option<usize>,
    /// Renders pages for this package's errors, such as "not signed in", and for refusals of its layers. Does not
    /// change an application's own error responses.
    pub error_pages: bool,
    /// Adds the security headers that a response lacks, including a content security policy.
    pub security_headers: bool,
    /// Serves only the host of `APP_URL`.
    pub host_check: bool,
    /// Refuses cross-site requests, except GET, HEAD and OPTIONS.
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

/// Adds the layers to an application's own routes. With them, [`CurrentMember`](crate::session::CurrentMember) and
/// [`BrowserSession`](crate::session::BrowserSession) work in handlers over any state `S` for which
/// [`Context`](crate::session::Context) implements `FromRef<S>`.
pub fn protect<S: Clone + Send + Sync + 'static>(
    router: Router<S>,
    state: &AppState,
    layers: Layers,
) -> Router<S> {
    let router = run_to_completion(with_session(router, state), state, OnGet::Shows);
    let router = match layers.body_limit {
        Some(limit) => with_whole_body(router, state, limit),
        None => router,
    };
    let router = if layers.csrf {
        router.layer(csrf::layer())
    } else {
        router
    };
    outer(router, state, layers, false)
}

/// The layers of this package's own routes.
fn own_layers(pages: Router<AppState>, state: &AppState) -> Router<AppState> {
    let session = |router| inspected(with_session(router, state), state);
    let pages = session(pages).layer(CatchPanicLayer::custom(panicked));
    let forms = run_to_completion(
        without_duplicates(session(forms()), state),
        state,
        OnGet::Shows,
    );
    let forms = with_whole_body(forms, state, LARGEST_FORM).layer(csrf::layer());
    let flow = run_to_completion(
        without_duplicates(session(flow()), state),
        state,
        OnGet::Changes,
    )
    // Only a click starts or completes a sign-in, and a URL with a token is not sent as a `Referer`.
    .layer(from_fn(speculation::layer));
    let router = pages.merge(forms).merge(flow);
    outer(router, state, Layers::default(), true)
}

/// Layers for routes that change something: a duplicate of a form or callback gets the same result.
fn without_duplicates(router: Router<AppState>, state: &AppState) -> Router<AppState> {
    let replay = Replay {
        cache: state.replay().clone(),
        cookie: state.cookie_name(),
        longest_wait: state.longest_wait(),
    };
    let one = state.one_at_a_time().clone();
    router.layer(
        ServiceBuilder::new()
            // A duplicate gets the first request's response.
            .layer(from_fn_with_state(replay, replay::layer))
            // Forms and callbacks of one session run one after another. If one replaces the session, the others follow
            // its redirect.
            .layer(from_fn_with_state(one, one_at_a_time::layer)),
    )
}

/// The innermost layers: the session, and around it the cookie.
fn with_session<S: Clone + Send + Sync + 'static>(
    router: Router<S>,
    state: &AppState,
) -> Router<S> {
    let cookie = state.cookie_name();
    let sessions = SessionManagerLayer::new(state.context().store.clone())
        .with_name(cookie.as_str().to_owned())
        .with_same_site(SameSite::Lax)
        .with_secure(state.is_https());
    router.layer(
        ServiceBuilder::new()
            .layer(AroundLayer(SessionCookie(cookie)))
            .layer(sessions)
            .layer(AroundLayer(HandlerSession)),
    )
}

/// The inspector, if the settings turn it on.
fn inspected<S: Clone + Send + Sync + 'static>(router: Router<S>, state: &AppState) -> Router<S> {
    match state.inspector() {
        Some(inspector) => router.layer(from_fn_with_state(inspector.clone(), inspector::layer)),
        None => router,
    }
}

/// The layer for routes that change something: the request is completed even if the browser disconnects.
fn run_to_completion<S: Clone + Send + Sync + 'static>(
    router: Router<S>,
    state: &AppState,
    on_get: OnGet,
) -> Router<S> {
    let detached = Detached {
        context: state.context().clone(),
        on_get,
    };
    router.layer(
        ServiceBuilder::new()
            .layer(from_fn_with_state(detached, detached::layer))
            // A panic results in an error page and a log line, instead of a closed connection.
            .layer(CatchPanicLayer::custom(panicked)),
    )
}

fn with_whole_body<S: Clone + Send + Sync + 'static>(
    router: Router<S>,
    state: &AppState,
    limit: usize,
) -> Router<S> {
    router.layer(
        ServiceBuilder::new()
            .layer(DefaultBodyLimit::max(limit))
            .layer(from_fn_with_state(state.body_timeout(), whole_body::layer)),
    )
}

/// The outermost layers. `is_own` is whether the routes are this package's.
fn outer<S: Clone + Send + Sync + 'static>(
    router: Router<S>,
    state: &AppState,
    layers: Layers,
    is_own: bool,
) -> Router<S> {
    let site = state.site();
    let hsts = state.is_https() && !is_loopback(site.app_url());
    let pages = ErrorPages {
        site: site.clone(),
        all: is_own,
        explains_setup: is_loopback(site.app_url()),
        is_inspected: state.inspector().is_some(),
    };
    let host = AppUrl(Arc::clone(site.app_url()));
    let mount = mount::layer(site.clone());
    router.layer(
        ServiceBuilder::new()
            .option_layer(layers.security_headers.then(|| headers::layer(hsts)))
            .layer(AroundLayer(RequestIds))
            .option_layer(layers.error_pages.then_some(AroundLayer(pages)))
            .option_layer(layers.host_check.then_some(AroundLayer(host)))
            .option_layer(is_own.then_some(mount)),
    )
}

/// Redirects a URL with a trailing slash to the page. Callbacks, which have a query, are never redirected.
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
