//! The session cookie's exact words.
//!
//! tower-sessions' own removal cookie lacks `Secure`, so a browser would keep a `__Host-` cookie; and when it can't
//! save, it answers an empty 500. This layer sits around it and puts both right.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{
        HeaderValue, StatusCode,
        header::{CONTENT_TYPE, COOKIE, SET_COOKIE},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::{
    error::{AppError, KeepCookie},
    session::store::request::scope,
    state::AppState,
};

/// `__Host-` keeps sibling domains from planting one (RFC 6265bis §4.1.3.2); it needs `Secure`, which Safari refuses
/// on plain http, even on localhost.
pub fn name(https: bool) -> &'static str {
    if https {
        "__Host-stytch_b2b_axum"
    } else {
        "stytch_b2b_axum"
    }
}

/// Marks an answer that ends the browser's session, whichever it has by now.
#[derive(Clone, Copy)]
pub struct ForgetCookie;

/// Rewrites the session cookie of every answer.
pub async fn layer(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let came_with_one = request.headers().contains_key(COOKIE);
    let (mut response, store) = scope(next.run(request)).await;
    if could_not_save(&response) {
        let error = if store.failed {
            AppError::store("tower-sessions could not save").after_the_call()
        } else {
            AppError::SessionGone
        };
        return error.into_response();
    }
    let sent = response.headers_mut().remove(SET_COOKIE);
    if came_with_one && response.extensions().get::<ForgetCookie>().is_some() {
        let removal = rewrite(&HeaderValue::from_static("="), app.https());
        response
            .headers_mut()
            .extend(removal.map(|it| (SET_COOKIE, it)));
        return response;
    }
    let Some(cookie) = sent else {
        return response;
    };
    let keep = response.extensions().get::<KeepCookie>().is_some()
        || (store.replaced && id(&cookie) == Some(""));
    if !keep && let Some(cookie) = rewrite(&cookie, app.https()) {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    response
}

/// The record vanished before tower-sessions saved, or the store failed then: its bare 500. Ours carry their error
/// along, and pages a type.
fn could_not_save(response: &Response) -> bool {
    response.status() == StatusCode::INTERNAL_SERVER_ERROR
        && response.extensions().get::<Arc<AppError>>().is_none()
        && !response.headers().contains_key(CONTENT_TYPE)
}

/// Empty in a removal.
fn id(cookie: &HeaderValue) -> Option<&str> {
    let pair = cookie.to_str().ok()?.split(';').next()?;
    pair.split_once('=').map(|(_, id)| id)
}

/// `name=id; Path=/; HttpOnly; SameSite=Lax`, with `Secure` on https. No `Max-Age`: the server knows when it ends.
/// `Lax`, because the way back from the provider is a cross-site navigation.
fn rewrite(cookie: &HeaderValue, https: bool) -> Option<HeaderValue> {
    let id = id(cookie)?;
    let secure = if https { "; Secure" } else { "" };
    let removal = if id.is_empty() { "; Max-Age=0" } else { "" };
    let name = name(https);
    let words = format!("{name}={id}; Path=/{secure}; HttpOnly; SameSite=Lax{removal}");
    HeaderValue::from_str(&words).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S15, S5
    #[test]
    fn words() {
        let sent = HeaderValue::from_static("x=abc; HttpOnly; SameSite=Strict; Path=/; Max-Age=5");
        let removal = HeaderValue::from_static("x=; Path=/; Max-Age=0; Expires=Thu");
        let words = |cookie, https| rewrite(cookie, https).unwrap().to_str().unwrap().to_owned();
        assert_eq!(
            words(&sent, true),
            "__Host-stytch_b2b_axum=abc; Path=/; Secure; HttpOnly; SameSite=Lax"
        );
        assert_eq!(
            words(&sent, false),
            "stytch_b2b_axum=abc; Path=/; HttpOnly; SameSite=Lax"
        );
        assert_eq!(
            words(&removal, true),
            "__Host-stytch_b2b_axum=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"
        );
    }
}
