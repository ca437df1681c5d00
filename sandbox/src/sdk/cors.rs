//! Decides which pages may call the API of the browser SDK (CORS), before anything else is checked.

use axum::body::Body;
use hyper::{
    HeaderMap, Method, StatusCode,
    header::{
        ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS,
        ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_MAX_AGE,
        ACCESS_CONTROL_REQUEST_METHOD, HeaderName, HeaderValue, ORIGIN, VARY,
    },
    http::request::Parts,
};

use crate::{
    http::{Answer, answer, matching::tidy, origins::may_call},
    model::ApiError,
};

/// The SDK's request headers that browsers ask about in preflights.
const HEADERS: &str = "authorization, content-type, x-sdk-client, x-sdk-parent-host";
const METHODS: &str = "GET, POST, PUT, DELETE";
/// How long browsers cache the response to a preflight, in seconds. It is short because a restarted sandbox may allow
/// other origins.
const MAX_AGE: &str = "60";

/// The origin to allow in the response, if an allowed page sent the request.
pub struct Cors(Option<HeaderValue>);

/// Whether the path belongs to the browser SDK's API.
pub fn concerns(path: &str) -> bool {
    tidy(path).starts_with("/sdk/")
}

/// Admits a request for the SDK's API, or returns the response to a preflight or to a page that is not allowed. A
/// request without `Origin` does not come from another site's script.
pub fn admit(parts: &Parts, allowed: &[String], request_id: &str) -> Result<Cors, Box<Answer>> {
    let mut origins = parts.headers.get_all(ORIGIN).iter();
    let Some(origin) = origins.next().filter(|_| concerns(parts.uri.path())) else {
        return Ok(Cors(None));
    };
    if origins.next().is_some() || !may_call(origin, allowed) {
        return Err(Box::new(refused(origin, request_id)));
    }
    let is_preflight = parts.method == Method::OPTIONS
        && parts.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let cors = Cors(Some(origin.clone()));
    if is_preflight {
        return Err(Box::new(cors.mark(preflight(&parts.headers))));
    }
    Ok(cors)
}

impl Cors {
    /// Adds the headers that let the page read the response.
    pub fn mark(&self, mut answer: Answer) -> Answer {
        if let Some(origin) = &self.0 {
            let headers = answer.headers_mut();
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            let yes = HeaderValue::from_static("true");
            headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, yes);
            headers.append(VARY, HeaderValue::from_static("Origin"));
        }
        answer
    }
}

fn preflight(asked: &HeaderMap) -> Answer {
    // Browsers ask for this if a page of another machine calls this machine.
    const ASKS_PRIVATE: &str = "access-control-request-private-network";
    const ALLOW_PRIVATE: HeaderName =
        HeaderName::from_static("access-control-allow-private-network");
    let mut answer = Answer::new(Body::empty());
    *answer.status_mut() = StatusCode::NO_CONTENT;
    let headers = answer.headers_mut();
    for (name, value) in [
        (ACCESS_CONTROL_ALLOW_METHODS, METHODS),
        (ACCESS_CONTROL_ALLOW_HEADERS, HEADERS),
        (ACCESS_CONTROL_MAX_AGE, MAX_AGE),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if asked.get(ASKS_PRIVATE).is_some_and(|it| it == "true") {
        headers.insert(ALLOW_PRIVATE, HeaderValue::from_static("true"));
    }
    answer
}

fn refused(origin: &HeaderValue, request_id: &str) -> Answer {
    let origin: String = origin
        .to_str()
        .unwrap_or_default()
        .chars()
        .take(100)
        .collect();
    tracing::warn!(
        origin,
        "sandbox: refused a request of the browser SDK; --allow-origin allows a page that is not of this machine"
    );
    let message = format!(
        "Pages of {origin:?} can't call this sandbox. To allow them, start it with --allow-origin and the page's origin."
    );
    let error = ApiError::new(403, "sandbox_origin_not_allowed", message);
    answer::error(&error, request_id)
}
