//! Gives duplicates of a form or callback the same result: a double click, an impatient reload, or a retry by the
//! browser.
//!
//! The first request changes the session id, so the second one, which still sends the old cookie, would look signed
//! out. It gets the first one's response instead. Keeping the old id valid would also work, but would allow session
//! fixation.

use std::{borrow::Cow, time::Duration};

use axum::{
    extract::{Request, State},
    http::{Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tokio::time::timeout;

use super::session_cookie::CookieName;
use crate::{
    crypto,
    error::AppError,
    limits::{ReplayCache, replay_cache::ReplayedResponse},
};

/// What the layer needs.
#[derive(Clone)]
pub struct Replay {
    /// The responses of the last minute.
    pub cache: ReplayCache,
    /// The session cookie, which is part of a duplicate's key.
    pub cookie: CookieName,
    /// How long a duplicate waits for the first request.
    pub longest_wait: Duration,
}

/// For callbacks and forms with a `form_id`: replays a finished redirect, and waits for a running request.
pub async fn layer(
    State(replay): State<Replay>,
    request: Request,
    next: Next,
) -> Result<Response, AppError> {
    let Some(key) = key(&request, &replay.cookie) else {
        return Ok(next.run(request).await);
    };
    let slot = replay.cache.slot(key);
    // If the response is not a redirect, the slot stays empty, and the waiting requests run one after the other.
    let kept = timeout(replay.longest_wait, slot.lock()).await;
    let mut kept = kept.map_err(|_| AppError::busy(Duration::ZERO))?;
    if let Some(kept) = &*kept {
        return Ok(kept.clone().into_response());
    }
    let response = next.run(request).await;
    *kept = redirect(&response);
    Ok(response)
}

/// What to keep of a redirect; `None` for all other responses.
pub(super) fn redirect(response: &Response) -> Option<ReplayedResponse> {
    let headers = response.headers();
    let location = headers.get(header::LOCATION);
    let location = location.filter(|_| response.status() == StatusCode::SEE_OTHER)?;
    let set_cookie = headers.get_all(header::SET_COOKIE).iter();
    Some(ReplayedResponse {
        location: location.clone(),
        set_cookie: set_cookie.cloned().collect(),
    })
}

/// Hash of cookie, path and one-time value. Without a cookie or a value there is no key.
fn key(request: &Request, cookie: &CookieName) -> Option<String> {
    let cookie = cookie.id(request.headers())?;
    let value = one_time_value(request)?;
    let path = request.uri().path();
    Some(crypto::sha256(&format!("{cookie}\n{path}\n{value}")))
}

/// The token of a callback, or the `form_id` of a form.
pub(super) fn one_time_value(request: &Request) -> Option<Cow<'_, str>> {
    let name = match *request.method() {
        Method::GET => "token",
        Method::POST => "form_id",
        _ => return None,
    };
    let query = request.uri().query()?.as_bytes();
    let mut pairs = url::form_urlencoded::parse(query);
    let (_, value) = pairs.find(|(key, value)| key == name && !value.is_empty())?;
    Some(value)
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
