//! Finds, checks and finishes requests that wait on a page. Authorization requests and SSO requests share this code.

use std::collections::HashMap;

use hyper::header::{HeaderValue, LOCATION, SET_COOKIE};
use serde_json::json;

use crate::{
    http::{Answer, Incoming, answer, incoming::from_own_page},
    model::{
        ApiError, Authorization, OpenRequest, SsoRequest, State, fields::fields, newest::make_room,
    },
    rules::redirect_urls,
    world::{World, sandbox::Sandbox},
};

/// The name of the cookie that binds a request to the browser that started it.
const COOKIE: &str = "stytch_sandbox_oauth_state";

/// A request that waits on a page of the sandbox.
pub trait Pending: Clone {
    /// Path of these requests' pages, which is followed by the id.
    const FOLDER: &'static str;

    fn open(&self) -> &OpenRequest;

    fn open_mut(&mut self) -> &mut OpenRequest;

    /// All requests of this kind in a world, by id.
    fn all(state: &mut State) -> &mut HashMap<String, Self>;
}

impl Pending for Authorization {
    const FOLDER: &'static str = "/_sandbox/oauth";

    fn open(&self) -> &OpenRequest {
        &self.open
    }

    fn open_mut(&mut self) -> &mut OpenRequest {
        &mut self.open
    }

    fn all(state: &mut State) -> &mut HashMap<String, Self> {
        &mut state.authorizations
    }
}

impl Pending for SsoRequest {
    const FOLDER: &'static str = "/_sandbox/sso";

    fn open(&self) -> &OpenRequest {
        &self.open
    }

    fn open_mut(&mut self) -> &mut OpenRequest {
        &mut self.open
    }

    fn all(state: &mut State) -> &mut HashMap<String, Self> {
        &mut state.factors.sso_requests
    }
}

/// Stores a new request, and removes expired ones, or the oldest if there are too many, because any web page can make a
/// browser start one.
pub fn keep<P: Pending>(state: &mut State, request: P) -> P {
    let (now, most) = (state.now(), state.limits.sign_ins);
    let all = P::all(state);
    all.retain(|_, old| !old.open().is_over(now));
    make_room(all, most, |old| old.open().expires_at);
    all.insert(request.open().id.clone(), request.clone());
    request
}

/// The result of a start: a request that waits on its page, or with automatic approval the app's URL with a token.
pub enum Begun<P> {
    Waits(P),
    Approved(String),
}

/// Redirects the browser to the page or to the app.
pub fn lead<P: Pending>(request: &Incoming, status: u16, begun: &Begun<P>) -> Answer {
    match begun {
        Begun::Waits(pending) => lead_to(request, status, pending),
        Begun::Approved(url) => answer::redirect(status, url),
    }
}

/// Redirects the browser to the request's page, with the cookie that lets only this browser press its buttons.
fn lead_to<P: Pending>(request: &Incoming, status: u16, pending: &P) -> Answer {
    let OpenRequest { id, cookie, .. } = pending.open();
    let path = format!("{}/{id}", P::FOLDER);
    let redirect_url = format!("{}{path}", request.origin());
    let location = HeaderValue::from_str(&request.location(&path))
        .expect("a host that was checked and an id of ours are ASCII");
    let cookie = format!("{COOKIE}={cookie}; Path={path}; Max-Age=600; HttpOnly; SameSite=Lax");
    let body = fields(json!({ "redirect_url": redirect_url }));
    let mut answer = answer::json(status, &answer::ok_body(body, &request.request_id));
    answer.headers_mut().insert(LOCATION, location);
    answer.headers_mut().insert(
        SET_COOKIE,
        HeaderValue::from_str(&cookie).expect("a cookie of ours is ASCII"),
    );
    answer
}

/// The request in the path, unless it is unknown or older than ten minutes.
pub fn find<P: Pending>(sandbox: &Sandbox, request: &Incoming) -> Option<(World, P)> {
    let id = request.path.get("request")?;
    let world = sandbox.project(OpenRequest::project_id(id))?;
    let mut state = world.lock();
    let now = state.now();
    let found = P::all(&mut state).get(id);
    let found = found.filter(|it| !it.open().is_over(now)).cloned();
    drop(state);
    found.map(|found| (world, found))
}

/// URL of the app that started the request, even if the request no longer exists. `None` if its project does not exist.
pub fn app(sandbox: &Sandbox, request: &Incoming) -> Option<String> {
    let id = request.path.get("request")?;
    let world = sandbox.project(OpenRequest::project_id(id))?;
    redirect_urls::app(&world.redirect_urls())
}

/// Checks what every button requires: a POST from the sandbox's own page, the cookie of the browser that started the
/// request, and a request that is not finished.
pub fn check<P: Pending>(sandbox: &Sandbox, request: &Incoming) -> Result<(World, P), ApiError> {
    from_own_page(request)?;
    let (world, pending) =
        find::<P>(sandbox, request).ok_or_else(|| ApiError::of("oauth_invalid_state"))?;
    if request.cookie(COOKIE) != Some(pending.open().cookie.as_str()) {
        return Err(ApiError::of("oauth_state_mismatch"));
    }
    if pending.open().used {
        return Err(ApiError::of("oauth_state_used"));
    }
    Ok((world, pending))
}

/// Marks the request as used. Of two simultaneous presses, one fails here.
pub fn take<P: Pending>(state: &mut State, pending: &P) -> Result<(), ApiError> {
    let kept = P::all(state)
        .get_mut(&pending.open().id)
        .ok_or_else(|| ApiError::of("oauth_invalid_state"))?;
    if std::mem::replace(&mut kept.open_mut().used, true) {
        Err(ApiError::of("oauth_state_used"))
    } else {
        Ok(())
    }
}

/// Redirects the browser to the app, and removes the cookie.
pub fn leave<P: Pending>(pending: &P, url: &str) -> Answer {
    let mut answer = answer::redirect(303, url);
    let path = format!("{}/{}", P::FOLDER, pending.open().id);
    let gone = format!("{COOKIE}=; Path={path}; Max-Age=0; HttpOnly; SameSite=Lax");
    if let Ok(gone) = HeaderValue::from_str(&gone) {
        answer.headers_mut().insert(SET_COOKIE, gone);
    }
    answer
}
