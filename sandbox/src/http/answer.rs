//! Responses. Every response of the API is a JSON object with `status_code` and `request_id`.
//! See `docs/stytch.md#calls-and-errors`.

use axum::body::Body;
use hyper::{
    Response, StatusCode,
    header::{
        CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION, X_CONTENT_TYPE_OPTIONS,
    },
};
use serde_json::{Map, Value};

use crate::model::ApiError;

/// An HTTP response.
pub type Answer = Response<Body>;

/// Notes for the log line of a response. They are attached to the response and not sent to the client.
#[derive(Clone, Debug, Default)]
pub struct Noted {
    pub error_type: Option<String>,
    /// The id of a project in this sandbox.
    pub project_id: Option<String>,
    /// What happened to tokens that do not work.
    pub tokens: Option<String>,
}

/// Changes the notes of a response.
pub fn note(answer: &mut Answer, change: impl FnOnce(&mut Noted)) {
    change(answer.extensions_mut().get_or_insert_default());
}

/// The JSON text of a value. Writing bytes is twice as fast as `to_string`, which uses a formatter.
fn text(body: &Value) -> Vec<u8> {
    serde_json::to_vec(body).expect("a value is JSON")
}

/// A JSON response with this status.
pub fn json(status: u16, body: &Value) -> Answer {
    let mut answer = Response::new(Body::from(text(body)));
    *answer.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    answer
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
        .headers_mut()
        .insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    answer
}

/// The body of a successful response: the fields, `status_code` and `request_id`.
pub fn ok_body(mut fields: Map<String, Value>, request_id: &str) -> Value {
    fields.insert("status_code".to_owned(), 200.into());
    fields.insert("request_id".to_owned(), request_id.into());
    Value::Object(fields)
}

/// A response with the vendor's error body.
pub fn error(error: &ApiError, request_id: &str) -> Answer {
    let mut answer = json(error.status, &error.body(request_id));
    note(&mut answer, |it| {
        it.error_type = Some(error.error_type.to_string());
    });
    answer
}

/// A page. Its forms lead to a redirect to the app, so its policy has no `form-action`: browsers apply that to
/// redirects too. The referrer policy is `same-origin`, because `no-referrer` would make the form's `Origin` null.
pub fn page(status: u16, html: String) -> Answer {
    let mut answer = Response::new(Body::from(html));
    *answer.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CACHE_CONTROL, "no-store"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (HeaderName::from_static("referrer-policy"), "same-origin"),
        (
            HeaderName::from_static("content-security-policy"),
            "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'",
        ),
    ];
    for (name, value) in headers {
        answer
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    answer
}

/// A redirect with this status. The URL may contain a token, so it is not cached and not sent as a referrer.
pub fn redirect(status: u16, to: &str) -> Answer {
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::SEE_OTHER);
    if let Ok(location) = HeaderValue::from_str(to) {
        answer.headers_mut().insert(LOCATION, location);
    }
    answer
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer.headers_mut().insert(
        HeaderName::from_static("referrer-policy"),
        HeaderValue::from_static("no-referrer"),
    );
    answer
}
