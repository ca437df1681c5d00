//! The session cookie. tower-sessions' own cookie has two faults here: its removal lacks `Secure`, so browsers keep a
//! `__Host-` cookie, and when it can't save, its response is an empty 500. This layer sits around tower-sessions' layer,
//! asks the store what happened to the session, and writes the cookie accordingly. It touches no other cookie.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{
        HeaderMap, HeaderValue,
        header::{COOKIE, SET_COOKIE},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use tower_sessions::{Session, session::Id};

use crate::{
    error::AppError,
    session::{
        OwnSession,
        store::request::{Failure, Refusal, Seen, handler_is_done, scope},
    },
};

/// Name of the session cookie.
#[derive(Clone, Copy, Debug)]
pub struct CookieName {
    https: bool,
}

impl CookieName {
    /// For an app that browsers reach by https or, on this machine, by http.
    pub fn new(https: bool) -> Self {
        Self { https }
    }

    /// The `__Host-` prefix keeps sibling domains from planting a cookie (RFC 6265bis §4.1.3.2). It requires `Secure`,
    /// which Safari refuses on http, even on localhost.
    pub fn as_str(self) -> &'static str {
        if self.https {
            "__Host-stytch_b2b_axum"
        } else {
            "stytch_b2b_axum"
        }
    }

    /// The session cookie's value in a request.
    pub fn value(self, headers: &HeaderMap) -> Option<&str> {
        let cookies = headers.get_all(COOKIE).iter();
        let mut pairs = cookies.flat_map(|cookies| cookies.as_bytes().split(|byte| *byte == b';'));
        pairs.find_map(|pair| {
            let pair = std::str::from_utf8(pair).ok()?;
            let (name, value) = pair.trim().split_once('=')?;
            (name == self.as_str()).then_some(value)
        })
    }

    /// `name=id; Path=/; HttpOnly; SameSite=Lax`, with `Secure` on https. There is no `Max-Age`, because the server
    /// decides when a session ends. `Lax`, because the way back from the provider is a cross-site navigation.
    fn header(self, id: Option<Id>) -> HeaderValue {
        let (id, removal) = match id {
            Some(id) => (id.to_string(), ""),
            None => (String::new(), "; Max-Age=0"),
        };
        let secure = if self.https { "; Secure" } else { "" };
        let name = self.as_str();
        let cookie = format!("{name}={id}; Path=/{secure}; HttpOnly; SameSite=Lax{removal}");
        HeaderValue::from_str(&cookie).expect("an id is base64url")
    }
}

/// Marks a response that ends the browser's session, even if another tab has changed it meanwhile.
#[derive(Clone, Copy)]
pub struct ForgetCookie;

/// Around tower-sessions' layer: writes the session cookie of every response.
pub async fn layer(State(name): State<CookieName>, request: Request, next: Next) -> Response {
    let sent = name.value(request.headers()).map(str::to_owned);
    let (response, seen) = scope(next.run(request)).await;
    let mut response = match seen.failed_at_the_end {
        None => response,
        Some(Failure::Refused(Refusal::Gone)) => AppError::SessionGone.into_response(),
        Some(_) => AppError::store("tower-sessions could not save")
            .after_the_call()
            .into_response(),
    };
    remove_own(response.headers_mut(), name);
    let id = match change(&response, seen, sent.as_deref()) {
        Change::None => return response,
        Change::Set(id) => Some(id),
        Change::Remove => None,
    };
    response.headers_mut().append(SET_COOKIE, name.header(id));
    response
}

/// Inside tower-sessions' layer: gives its session to [`BrowserSession`](crate::session::BrowserSession), and tells the
/// store's failures in the handler from those in tower-sessions' own save.
pub async fn inner_layer(mut request: Request, next: Next) -> Response {
    if let Some(session) = request.extensions().get::<Session>().cloned() {
        request.extensions_mut().insert(OwnSession(session));
    }
    let response = next.run(request).await;
    handler_is_done();
    response
}

enum Change {
    None,
    Set(Id),
    Remove,
}

fn change(response: &Response, seen: Seen, sent: Option<&str>) -> Change {
    let extensions = response.extensions();
    let error = extensions.get::<Arc<AppError>>();
    let is_gone = error.is_some_and(|error| matches!(**error, AppError::SessionGone));
    match (seen.stored, sent) {
        (_, Some(_)) if extensions.get::<ForgetCookie>().is_some() => Change::Remove,
        _ if is_gone || seen.failed_at_the_end.is_some() => Change::None,
        (Some(id), Some(sent)) if id.to_string() == sent => Change::None,
        (Some(id), _) => Change::Set(id),
        // Another tab's response may have set the cookie to the id that replaced this one.
        (None, Some(_)) if seen.replaced => Change::None,
        (None, Some(sent)) if seen.deleted || seen.unknown || sent.parse::<Id>().is_err() => {
            Change::Remove
        }
        (None, _) => Change::None,
    }
}

/// Removes what tower-sessions, or a handler, set under our name.
fn remove_own(headers: &mut HeaderMap, name: CookieName) {
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
        let words = |id, https| {
            let header = CookieName::new(https).header(id);
            header.to_str().unwrap().to_owned()
        };
        let id = Some(Id(0));
        assert_eq!(
            words(id, true),
            "__Host-stytch_b2b_axum=AAAAAAAAAAAAAAAAAAAAAA; Path=/; Secure; HttpOnly; SameSite=Lax"
        );
        assert_eq!(
            words(id, false),
            "stytch_b2b_axum=AAAAAAAAAAAAAAAAAAAAAA; Path=/; HttpOnly; SameSite=Lax"
        );
        assert_eq!(
            words(None, true),
            "__Host-stytch_b2b_axum=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"
        );
    }
}
