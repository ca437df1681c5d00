//! Every URL on one screen, and what happens to a request before it reaches its handler.

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware::{from_fn, from_fn_with_state},
    routing::{get, post},
};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_sessions::{SessionManagerLayer, cookie::SameSite};

use crate::{
    error::AppError,
    routes::{
        authenticate, confirm, create_org, discovery, email, health, home, jit, login, logout,
        member, mfa, org, organizations, provider, start, step_up,
    },
    state::AppState,
    web::{
        assets, cookie, csrf, detached, error_page, headers, host, once, request_id, speculation,
        whole_body,
    },
};

/// Where a sign-in begins, and where it comes back to.
fn flow() -> Router<AppState> {
    Router::new()
        .route("/start/{provider}", get(start::discovery))
        .route("/org/{slug}/start/{provider}", get(start::organization))
        .route("/org/{slug}/sso/{connection_id}", get(start::sso))
        .route("/step_up/start/{provider}", get(start::step_up))
        .route("/step_up/sso/{connection_id}", get(start::step_up_sso))
        .route("/discovery", get(discovery::callback))
        .route("/authenticate", get(authenticate::callback))
}

fn pages() -> Router<AppState> {
    Router::new()
        .route("/", get(home::home))
        .route("/confirm", get(confirm::ask).post(confirm::go_on))
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
        .route("/org/{slug}/provider/{provider}", get(provider::tokens))
        .route("/org/{slug}/jit", post(jit::switch))
        .route("/member", get(member::member))
        .route("/logout", post(logout::logout))
        .route("/static/{hash}/{name}", get(assets::asset))
        .route("/signed_out.css", get(assets::signed_out))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
}

/// The whole app.
pub fn router(state: AppState) -> Router {
    router_with(state, Router::new())
}

/// The whole app with more pages behind the same layers: the seam for your own routes.
pub fn router_with(state: AppState, more: Router<AppState>) -> Router {
    let sessions = SessionManagerLayer::new(state.store.clone())
        .with_name(cookie::name(state.https()))
        .with_same_site(SameSite::Lax)
        .with_secure(state.https());
    let inner = ServiceBuilder::new()
        // Our largest form is a name and a slug.
        .layer(DefaultBodyLimit::max(64 * 1024))
        .layer(from_fn_with_state(state.clone(), whole_body::layer))
        // The browser may leave: what has begun is finished (D9).
        .layer(from_fn_with_state(state.clone(), detached::layer))
        // A bug is a page and a log line, not a dead connection.
        .layer(CatchPanicLayer::custom(panicked))
        // A double click gets the first click's answer (D8).
        .layer(from_fn_with_state(state.clone(), once::layer))
        // The cookie's exact words (D10) around the session itself.
        .layer(from_fn_with_state(state.clone(), cookie::layer))
        .layer(sessions);
    let flow = flow()
        .layer(inner.clone())
        // Only a person's click begins or finishes a sign-in; no Referer leaves from a URL with a token.
        .layer(from_fn(speculation::layer));
    let pages = pages().merge(more).fallback(not_found).layer(inner);
    flow.merge(pages)
        // Cross-site POSTs (D6).
        .layer(csrf::layer())
        // One name only, that of APP_URL.
        .layer(from_fn_with_state(state.clone(), host::layer))
        // Every error becomes a page, with the request id.
        .layer(from_fn_with_state(state.clone(), error_page::layer))
        .layer(from_fn(request_id::layer))
        // Outermost: on every answer, whoever gave it.
        .layer(from_fn_with_state(state.clone(), headers::layer))
        .with_state(state)
}

async fn not_found() -> AppError {
    AppError::NotFound
}

fn panicked(_: Box<dyn std::any::Any + Send>) -> axum::response::Response {
    axum::response::IntoResponse::into_response(AppError::ours("a handler panicked"))
}
