//! The same press or callback twice (a double click, an impatient reload, a browser that retries) gives one result.
//!
//! The first request rotates the session id, so the second, which still has the old cookie, would look signed out.
//! It gets the first one's answer instead (D8). Keeping the old id alive would do too, and reopen session fixation.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use time::{Duration, OffsetDateTime};
use tokio::sync::Mutex as AsyncMutex;

use crate::{state::AppState, stytch::pkce, web::cookie};

const KEPT_FOR: Duration = Duration::seconds(60);

/// A flood of made-up cookies costs some megabytes, not the memory.
const MOST_KEPT: usize = 10_000;

/// A finished redirect.
#[derive(Clone)]
struct Redirected {
    location: HeaderValue,
    set_cookie: Option<HeaderValue>,
}

/// Held by the request that runs; a duplicate waits for it.
type Slot = Arc<AsyncMutex<Option<Redirected>>>;

/// The answers of the last minute.
#[derive(Clone, Default)]
pub struct Answers(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    slots: HashMap<String, Slot>,
    by_age: VecDeque<(OffsetDateTime, String)>,
}

impl Answers {
    fn slot(&self, key: String, now: OffsetDateTime) -> Slot {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some((at, old)) = kept.by_age.front()
            && (*at + KEPT_FOR <= now || kept.slots.len() >= MOST_KEPT)
        {
            let old = old.clone();
            kept.slots.remove(&old);
            kept.by_age.pop_front();
        }
        if let Some(slot) = kept.slots.get(&key) {
            return Arc::clone(slot);
        }
        let slot = Slot::default();
        kept.slots.insert(key.clone(), Arc::clone(&slot));
        kept.by_age.push_back((now, key));
        slot
    }
}

/// For callbacks and one-time forms: replays a finished redirect, waits for one that runs.
pub async fn layer(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let Some(key) = key(&request, app.https()) else {
        return next.run(request).await;
    };
    let slot = app.answers.slot(key, app.clock.now());
    // Another answer than a redirect leaves the slot empty: whoever waited runs, one after the other.
    let mut kept = slot.lock().await;
    if let Some(kept) = &*kept {
        return kept.clone().into_response();
    }
    let response = next.run(request).await;
    if response.status() == StatusCode::SEE_OTHER
        && let Some(location) = response.headers().get(header::LOCATION)
    {
        *kept = Some(Redirected {
            location: location.clone(),
            set_cookie: response.headers().get(header::SET_COOKIE).cloned(),
        });
    }
    response
}

/// Cookie, path and one-time value, hashed: none of them is kept. Without cookie or value there is no key.
fn key(request: &Request, https: bool) -> Option<String> {
    if !matches!(*request.method(), Method::GET | Method::POST) {
        return None;
    }
    let cookie = session_cookie(request.headers(), https)?;
    let name = if request.method() == Method::GET {
        "token"
    } else {
        "once"
    };
    let query = request.uri().query()?.as_bytes();
    let mut pairs = url::form_urlencoded::parse(query);
    let (_, value) = pairs.find(|(key, value)| key == name && !value.is_empty())?;
    let path = request.uri().path();
    Some(pkce::sha256(&format!("{cookie}\n{path}\n{value}")))
}

fn session_cookie(headers: &HeaderMap, https: bool) -> Option<&str> {
    let cookies = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|cookies| cookies.to_str().ok());
    let mut pairs = cookies
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = pairs.find(|(name, _)| *name == cookie::name(https))?;
    Some(value)
}

impl IntoResponse for Redirected {
    fn into_response(self) -> Response {
        let mut response = StatusCode::SEE_OTHER.into_response();
        let headers = response.headers_mut();
        headers.insert(header::LOCATION, self.location);
        if let Some(cookie) = self.set_cookie {
            headers.insert(header::SET_COOKIE, cookie);
        }
        response
    }
}
