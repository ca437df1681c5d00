//! The session cookie. tower-sessions' own cookie has two faults here: its removal lacks `Secure`, so browsers keep a
//! `__Host-` cookie, and when it can't save, its response is an empty 500. This layer sits around tower-sessions'
//! layer, asks the store what happened to the session, and writes the cookie accordingly. It touches no other cookie.

use std::sync::Arc;

use axum::{
    extract::Request,
    http::{
        HeaderMap, HeaderValue,
        header::{COOKIE, SET_COOKIE},
    },
    response::{IntoResponse, Response},
};
use futures_util::FutureExt;
use tower_sessions::{Session, session::Id};
use url::Url;

use super::around::{Around, Next, ResponseFuture};
use crate::{
    error::AppError,
    session::{
        OwnSession, SentCookie,
        store::request::{Failure, Refusal, Seen, handler_is_done, scope},
    },
};

/// Name of the session cookie. Cheap to clone.
#[derive(Clone, Debug)]
pub struct CookieName {
    name: Arc<str>,
    /// Name of the cookie that only shows whether the browser stores cookies.
    probe: Arc<str>,
    https: bool,
}

impl CookieName {
    /// Creates the cookie for an app that browsers reach at this origin.
    ///
    /// Browsers send a cookie to every port of a host, so the name contains a port other than https's own: two apps on
    /// `localhost` keep their sessions apart. The `__Host-` prefix keeps sibling domains from planting a cookie (RFC
    /// 6265bis §4.1.3.2). It requires `Secure`, which Safari refuses on http, even on localhost.
    pub fn new(app_url: &Url) -> Self {
        let https = app_url.scheme() == "https";
        let prefix = if https { "__Host-" } else { "" };
        let port = match app_url.port_or_known_default() {
            Some(443) | None if https => String::new(),
            port => format!("_{}", port.unwrap_or(80)),
        };
        let name = format!("{prefix}stytch_b2b_axum{port}");
        Self {
            probe: format!("{name}_probe").into(),
            name: name.into(),
            https,
        }
    }

    /// The name, such as `__Host-stytch_b2b_axum` or `stytch_b2b_axum_3000`.
    pub fn as_str(&self) -> &str {
        &self.name
    }

    /// The session id in a request: the first cookie of this name that can be one. All other cookies are ignored,
    /// regardless of their bytes, order, number or size.
    pub fn id(&self, headers: &HeaderMap) -> Option<Id> {
        let id = |value| std::str::from_utf8(value).ok()?.parse().ok();
        values(headers, self.as_str()).find_map(id)
    }

    /// The session id that a response gives to the browser, in one of these `Set-Cookie` headers.
    pub fn new_id(&self, set_cookie: &[HeaderValue]) -> Option<Id> {
        let id = |cookie: &HeaderValue| {
            let rest = cookie.to_str().ok()?.strip_prefix(self.as_str())?;
            rest.strip_prefix('=')?.split(';').next()?.parse().ok()
        };
        set_cookie.iter().find_map(id)
    }

    /// `name=id; Path=/; HttpOnly; SameSite=Lax`, with `Secure` on https. There is no `Max-Age`, because the server
    /// decides when a session ends. `Lax`, because the way back from the provider is a cross-site navigation.
    fn header(&self, id: Option<Id>) -> HeaderValue {
        match id {
            Some(id) => self.set_cookie(&self.name, &id.to_string(), ""),
            None => self.set_cookie(&self.name, "", "; Max-Age=0"),
        }
    }

    fn set_cookie(&self, name: &str, value: &str, more: &str) -> HeaderValue {
        let secure = if self.https { "; Secure" } else { "" };
        let cookie = format!("{name}={value}; Path=/{secure}; HttpOnly; SameSite=Lax{more}");
        HeaderValue::from_str(&cookie).expect("an id is base64url")
    }
}

/// Values of all cookies of this name in a request.
fn values<'a>(headers: &'a HeaderMap, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
    let cookies = headers.get_all(COOKIE).iter();
    let pairs = cookies.flat_map(|cookies| cookies.as_bytes().split(|byte| *byte == b';'));
    pairs.filter_map(|pair| {
        let rest = pair.trim_ascii().strip_prefix(name.as_bytes())?;
        rest.strip_prefix(b"=")
    })
}

/// Marks a response that ends the browser's session, even if another tab has changed it meanwhile.
#[derive(Clone, Copy)]
pub struct ForgetCookie;

/// Marks a response that leaves a cookie, so that the next request tells whether the browser stores cookies. The cookie
/// has a constant value and refers to nothing.
#[derive(Clone, Copy)]
pub struct ProbeCookies;

/// The request's `Cookie` headers, while tower-sessions' layer sees only the session cookie.
#[derive(Clone)]
struct AllCookies(Vec<HeaderValue>);

/// The layer around tower-sessions' layer. It gives that layer the session id of the request, and writes the session
/// cookie of every response.
#[derive(Clone)]
pub struct SessionCookie(pub CookieName);

impl Around for SessionCookie {
    fn handle<Inside: ResponseFuture>(
        &self,
        mut request: Request,
        next: Next<'_, Inside>,
    ) -> impl Future<Output = Response> + Send + use<Inside> {
        let name = self.0.clone();
        let sent = Sent::of(&request, &name);
        show_only(&name, sent.id, &mut request);
        if sent.any || sent.probe {
            request.extensions_mut().insert(SentCookie);
        }
        scope(next.run(request))
            .map(move |(response, seen)| with_cookies(response, seen, sent, &name))
    }
}

fn with_cookies(response: Response, seen: Seen, sent: Sent, name: &CookieName) -> Response {
    let mut response = match seen.failed_at_the_end {
        None => response,
        Some(Failure::Refused(Refusal::Gone)) => AppError::SessionGone.into_response(),
        Some(_) => AppError::store("tower-sessions could not save")
            .after_the_call()
            .into_response(),
    };
    remove_own(response.headers_mut(), name);
    let change = change(&response, seen, sent);
    let keeps_one = sent.any && !matches!(change, Change::Remove);
    let wants_one = response.extensions().get::<ProbeCookies>().is_some();
    let session = match change {
        Change::None => None,
        Change::Set(id) => Some(name.header(Some(id))),
        Change::Remove => Some(name.header(None)),
    };
    let probe =
        (wants_one && !sent.probe && !keeps_one).then(|| name.set_cookie(&name.probe, "1", ""));
    for cookie in session.into_iter().chain(probe) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// Replaces the `Cookie` headers by the session cookie alone, because tower-sessions reads them in its own way: it
/// ignores all cookies if one of them is not UTF-8, and takes the last of several with the same name.
fn show_only(name: &CookieName, id: Option<Id>, request: &mut Request) {
    if id.is_some() && is_alone(request.headers()) {
        return; // the usual case
    }
    let all = request.headers().get_all(COOKIE).iter().cloned().collect();
    request.extensions_mut().insert(AllCookies(all));
    request.headers_mut().remove(COOKIE);
    if let Some(id) = id {
        let cookie = HeaderValue::from_str(&format!("{}={id}", name.as_str()));
        let cookie = cookie.expect("an id is base64url");
        request.headers_mut().insert(COOKIE, cookie);
    }
}

/// Whether the request has one cookie only.
fn is_alone(headers: &HeaderMap) -> bool {
    let mut cookies = headers.get_all(COOKIE).iter();
    let first = cookies.next();
    let has_one = first.is_some_and(|cookies| !cookies.as_bytes().contains(&b';'));
    has_one && cookies.next().is_none()
}

/// The layer inside tower-sessions' layer. It gives the session to [`BrowserSession`](crate::session::BrowserSession),
/// gives the `Cookie` headers back to the handler, and distinguishes failures of the store in the handler from those in
/// tower-sessions' own save.
#[derive(Clone)]
pub struct HandlerSession;

impl Around for HandlerSession {
    fn handle<Inside: ResponseFuture>(
        &self,
        mut request: Request,
        next: Next<'_, Inside>,
    ) -> impl Future<Output = Response> + Send + use<Inside> {
        give_session(&mut request);
        next.run(request).inspect(|_| handler_is_done())
    }
}

fn give_session(request: &mut Request) {
    if let Some(session) = request.extensions().get::<Session>().cloned() {
        request.extensions_mut().insert(OwnSession(session));
    }
    if let Some(AllCookies(all)) = request.extensions_mut().remove() {
        request.headers_mut().remove(COOKIE);
        for cookie in all {
            request.headers_mut().append(COOKIE, cookie);
        }
    }
}

/// What the request sent under the session cookie's name.
#[derive(Clone, Copy)]
struct Sent {
    id: Option<Id>,
    /// Whether there was any such cookie, even one that can't be an id.
    any: bool,
    /// Whether there was the cookie that only shows whether the browser stores cookies.
    probe: bool,
}

impl Sent {
    fn of(request: &Request, name: &CookieName) -> Self {
        let has = |name| values(request.headers(), name).next().is_some();
        Self {
            id: name.id(request.headers()),
            any: has(name.as_str()),
            probe: has(&name.probe),
        }
    }
}

enum Change {
    None,
    Set(Id),
    Remove,
}

fn change(response: &Response, seen: Seen, sent: Sent) -> Change {
    let extensions = response.extensions();
    let error = extensions.get::<Arc<AppError>>();
    let is_gone = error.is_some_and(|error| matches!(**error, AppError::SessionGone));
    match seen.stored {
        _ if sent.any && extensions.get::<ForgetCookie>().is_some() => Change::Remove,
        _ if is_gone || seen.failed_at_the_end.is_some() => Change::None,
        Some(id) if sent.id == Some(id) => Change::None,
        Some(id) => Change::Set(id),
        // Another tab's response may have set the cookie to the id that replaced this one.
        None if seen.replaced => Change::None,
        None if sent.any && (seen.deleted || seen.unknown || sent.id.is_none()) => Change::Remove,
        None => Change::None,
    }
}

/// Removes what tower-sessions, or a handler, set under our name.
fn remove_own(headers: &mut HeaderMap, name: &CookieName) {
    let is_own = |cookie: &HeaderValue| {
        let rest = cookie.as_bytes().strip_prefix(name.as_str().as_bytes());
        rest.is_some_and(|rest| rest.starts_with(b"="))
    };
    let cookies = headers.get_all(SET_COOKIE).iter().cloned();
    let others: Vec<_> = cookies.filter(|cookie| !is_own(cookie)).collect();
    headers.remove(SET_COOKIE);
    for cookie in others {
        headers.append(SET_COOKIE, cookie);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S15, S5
    #[test]
    fn words() {
        let words = |id, app_url| {
            let name = CookieName::new(&Url::parse(app_url).unwrap());
            name.header(id).to_str().unwrap().to_owned()
        };
        let id = Some(Id(0));
        assert_eq!(
            words(id, "https://app.example"),
            "__Host-stytch_b2b_axum=AAAAAAAAAAAAAAAAAAAAAA; Path=/; Secure; HttpOnly; SameSite=Lax"
        );
        assert_eq!(
            words(id, "http://localhost:3000"),
            "stytch_b2b_axum_3000=AAAAAAAAAAAAAAAAAAAAAA; Path=/; HttpOnly; SameSite=Lax"
        );
        assert_eq!(
            words(None, "https://app.example"),
            "__Host-stytch_b2b_axum=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"
        );
    }
    /// S19: two apps on one host never share a name.
    #[test]
    fn names_differ_by_port() {
        let urls = [
            ("https://app.example", "__Host-stytch_b2b_axum"),
            ("https://localhost:3000", "__Host-stytch_b2b_axum_3000"),
            ("https://localhost:3001", "__Host-stytch_b2b_axum_3001"),
            ("http://localhost", "stytch_b2b_axum_80"),
            ("http://localhost:443", "stytch_b2b_axum_443"),
            ("http://localhost:3001", "stytch_b2b_axum_3001"),
        ];
        for (url, name) in urls {
            assert_eq!(CookieName::new(&Url::parse(url).unwrap()).as_str(), name);
        }
    }
}
