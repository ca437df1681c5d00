//! Runs requests of one browser session that change something one after another.
//!
//! Two tabs submit two forms of the same step at once. The first one changes the session id (against session fixation),
//! so the second one, which still sends the old cookie, would find no sign-in. It is redirected to where the first one
//! went. It gets the first one's cookie only if the old id alone was enough for the change: an attacker who
//! planted the old id could have made that change, too. A code or a callback's token proves more
//! than the id. After those, the redirect brings no cookie, and the browser uses the one that the first response set.
//!
//! A link that waits for confirmation also replaces the id, but its redirect is not sent to the other requests. They
//! are redirected to their own URL, so the browser sends them again with its new cookie.

use std::time::Duration;

use axum::{
    extract::{MatchedPath, Request, State},
    http::Method,
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use tower_sessions::session::Id;

use super::{
    replay::{one_time_value, redirect},
    session_cookie::CookieName,
};
use crate::{
    clock::Clock,
    crypto,
    error::AppError,
    limits::{ReplayCache, Turns, replay_cache::ReplayedResponse},
};

/// What the layer needs. Cheap to clone.
#[derive(Clone)]
pub struct OneAtATime {
    turns: Turns,
    /// Redirects of the last minute that replaced a session id, by the old id.
    changes: ReplayCache,
    /// Redirects to [`CONFIRM`], by the old session id. They are separate, because strangers can cause any number of
    /// them.
    held_links: ReplayCache,
    cookie: CookieName,
}

/// Forms with which the visitor proves nothing but the session: choosing, switching to and creating an organization.
const NEED_ONLY_THE_SESSION: [&str; 2] = ["/login/{organization_id}", "/create_org"];

/// Page of a link that waits for confirmation.
const CONFIRM: &str = "/confirm";

/// A sign-out never waits. It ends the session, and other requests that are running then can't save their changes.
const SIGN_OUT: &str = "/logout";

impl OneAtATime {
    /// Creates the layer's state, with a maximum wait for each request.
    pub fn new(clock: Clock, cookie: CookieName, longest_wait: Duration) -> Self {
        Self {
            turns: Turns::new(longest_wait),
            changes: ReplayCache::new(clock.clone()),
            held_links: ReplayCache::new(clock),
            cookie,
        }
    }

    /// The redirect of the request that replaced this id. If the new id was replaced, too, the redirect of the last
    /// request that did so.
    fn change(&self, old: &str) -> Option<ReplayedResponse> {
        let mut change = self.changes.kept(old)?;
        while let Some(next) = self.cookie.new_id(&change.set_cookie)
            && let Some(later) = self.changes.kept(&key(next))
        {
            change = later;
        }
        Some(change)
    }

    /// Remembers a redirect that replaced this id.
    fn keep(&self, old: String, mut change: ReplayedResponse, needs_only_the_session: bool) {
        if self.cookie.new_id(&change.set_cookie).is_none() {
            return;
        }
        if change.location == CONFIRM {
            return self.held_links.keep(old, change);
        }
        if !needs_only_the_session {
            change.set_cookie.clear();
        }
        self.changes.keep(old, change);
    }
}

/// For forms and callbacks with a session cookie: waits for the session's other requests, and redirects if one of them
/// has replaced the session.
pub async fn layer(
    State(one): State<OneAtATime>,
    request: Request,
    next: Next,
) -> Result<Response, AppError> {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("", MatchedPath::as_str);
    let waits = match *request.method() {
        Method::POST => !route.ends_with(SIGN_OUT),
        Method::GET => one_time_value(&request).is_some(),
        _ => false,
    };
    let id = one.cookie.id(request.headers()).filter(|_| waits);
    let Some(id) = id else {
        return Ok(next.run(request).await);
    };
    let old = key(id);
    let _turn = one.turns.take(&old).await?;
    if let Some(change) = one.change(&old) {
        return Ok(change.into_response());
    }
    if one.held_links.kept(&old).is_some() {
        return Ok(once_more(&request));
    }
    let response = next.run(request).await;
    if let Some(change) = redirect(&response) {
        let needs_only_the_session = NEED_ONLY_THE_SESSION.iter().any(|it| route.ends_with(it));
        one.keep(old, change, needs_only_the_session);
    }
    Ok(response)
}

/// Redirects to the request's own URL. With status 307, the browser sends a form's method and body again.
#[expect(clippy::disallowed_methods, reason = "the form goes to where it went")]
fn once_more(request: &Request) -> Response {
    let url = request.uri().path_and_query();
    let url = url.map_or_else(|| "/".to_owned(), ToString::to_string);
    Redirect::temporary(&url).into_response()
}

/// The id is a password: only its hash is kept.
fn key(id: Id) -> String {
    crypto::sha256(&id.to_string())
}
