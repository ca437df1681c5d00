//! The same press or callback twice (a double click, an impatient reload, a browser that retries) has one result.
//!
//! The first request changes the session id, so the second one, which still sends the old cookie, would look signed out.
//! It gets the first one's response instead. Keeping the old id valid would work too, but reopen session fixation.

use axum::{
    extract::{Request, State},
    http::{Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::session_cookie::CookieName;
use crate::{
    crypto,
    limits::{ReplayCache, replay_cache::ReplayedResponse},
};

/// What the layer needs.
#[derive(Clone)]
pub struct Replay {
    /// The responses of the last minute.
    pub cache: ReplayCache,
    /// The session cookie, which is part of a duplicate's key.
    pub cookie: CookieName,
}

/// For callbacks and forms with a `form_id`: replays a finished redirect, and waits for a request that runs.
pub async fn layer(State(replay): State<Replay>, request: Request, next: Next) -> Response {
    let Some(key) = key(&request, &replay.cookie) else {
        return next.run(request).await;
    };
    let slot = replay.cache.slot(key);
    // A response that is no redirect leaves the slot empty, and the waiting requests run one after the other.
    let mut kept = slot.lock().await;
    if let Some(kept) = &*kept {
        return kept.clone().into_response();
    }
    let response = next.run(request).await;
    let headers = response.headers();
    if response.status() == StatusCode::SEE_OTHER
        && let Some(location) = headers.get(header::LOCATION)
    {
        *kept = Some(ReplayedResponse {
            location: location.clone(),
            set_cookie: headers
                .get_all(header::SET_COOKIE)
                .iter()
                .cloned()
                .collect(),
        });
    }
    response
}

/// Hash of cookie, path and one-time value. Without a cookie or a value there is no key.
fn key(request: &Request, cookie: &CookieName) -> Option<String> {
    let name = match *request.method() {
        Method::GET => "token",
        Method::POST => "form_id",
        _ => return None,
    };
    let cookie = cookie.id(request.headers())?;
    let query = request.uri().query()?.as_bytes();
    let mut pairs = url::form_urlencoded::parse(query);
    let (_, value) = pairs.find(|(key, value)| key == name && !value.is_empty())?;
    let path = request.uri().path();
    Some(crypto::sha256(&format!("{cookie}\n{path}\n{value}")))
}

impl IntoResponse for ReplayedResponse {
    fn into_response(self) -> Response {
        let mut response = StatusCode::SEE_OTHER.into_response();
        let headers = response.headers_mut();
        headers.insert(header::LOCATION, self.location);
        for cookie in self.set_cookie {
            headers.append(header::SET_COOKIE, cookie);
        }
        response
    }
}
