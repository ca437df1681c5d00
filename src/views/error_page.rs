//! Turns errors into pages: our own errors by their text, refusals of axum and of layers by their status.

use std::sync::Arc;

use axum::{
    extract::Request,
    http::{HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use futures_util::FutureExt;

use super::{ErrorPage, Shell, message::Words, render};
use crate::{
    error::{AppError, Outage, Reason, StartAgain, TryLater},
    stytch::{Provider, Slug},
    web::{
        around::{Around, Next, ResponseFuture},
        csrf::CrossSite,
        host::OtherHost,
        inspector::Inspection,
        request_id::RequestId,
        site::Site,
    },
};

/// A layer that gives each error response its page, and logs the error. Add it just inside the request id layer.
#[derive(Clone, Debug)]
pub struct ErrorPages {
    /// Base URLs for the links on the pages.
    pub site: Site,
    /// Whether every error response without a page becomes one. If not, only the errors and refusals of this package
    /// do, and the error responses of a surrounding application stay as they are.
    pub all: bool,
    /// Whether a page says what is wrong with the setup. Turn this on only where strangers can't read the page.
    pub explains_setup: bool,
    /// Whether the inspector is on.
    pub is_inspected: bool,
}

/// Parts of the request that its error page needs.
struct Requested {
    id: Option<RequestId>,
    method: Method,
    uri: Uri,
}

impl Around for ErrorPages {
    fn handle<Inside: ResponseFuture>(
        &self,
        request: Request,
        next: Next<'_, Inside>,
    ) -> impl Future<Output = Response> + Send + use<Inside> {
        let requested = Requested {
            id: request.extensions().get().cloned(),
            method: request.method().clone(),
            uri: request.uri().clone(),
        };
        let pages = self.clone();
        next.run(request)
            .map(move |response| with_page(response, requested, pages))
    }
}

fn with_page(response: Response, requested: Requested, pages: ErrorPages) -> Response {
    let Requested { id, method, uri } = requested;
    let is_get = method == Method::GET;
    let error = response.extensions().get::<Arc<AppError>>();
    // Details of the setup are not for strangers.
    let is_shown = |error: &&Arc<AppError>| pages.explains_setup || error.setup_advice().is_none();
    let refusal_of_stytch = error.filter(is_shown).and_then(|error| error.refusal());
    let words = match error {
        Some(error) if matches!(**error, AppError::SessionGone) => return response,
        Some(error) => {
            error.log();
            let words = match &**error {
                AppError::OtherTab { there, .. } if is_get => {
                    Words::of(error, uri.path()).switching_to(there)
                }
                _ => Words::of(error, uri.path()),
            };
            let advice = error.setup_advice().filter(|_| pages.explains_setup);
            Some(match advice {
                Some(advice) => words.explaining(advice),
                None => words,
            })
        }
        None => refusal(&response, &pages),
    };
    let Some(words) = words else {
        return response;
    };
    let inspection = response.extensions().get().cloned();
    let inspection = inspection.or_else(|| {
        pages
            .is_inspected
            .then(|| Inspection::refused(&method, &uri))
    });
    let return_with = return_with(&response, is_get, &pages.site);
    let page = ErrorPage {
        return_slug: organization_of(uri.path()).filter(|_| !return_with.is_empty()),
        return_with,
        refusal: refusal_of_stytch,
        shell: Shell {
            site: pages.site,
            request_id: id.map(|id| id.0).unwrap_or_default(),
            inspection,
        },
        words,
    };
    replace_body(response, &page)
}

fn refusal(response: &Response, pages: &ErrorPages) -> Option<Words> {
    let (extensions, status) = (response.extensions(), response.status());
    if extensions.get::<CrossSite>().is_some() {
        return Some(Words::cross_site());
    }
    if let Some(other) = extensions.get::<OtherHost>() {
        let received = other.received.as_deref();
        return Some(Words::other_host(pages.site.app_url().as_str(), received));
    }
    let content_type = response.headers().get(header::CONTENT_TYPE);
    let failed = status.is_client_error() || status.is_server_error();
    (pages.all && failed && !content_type.is_some_and(is_page)).then(|| Words::for_status(status))
}

fn is_page(content_type: &HeaderValue) -> bool {
    let content_type = content_type.as_bytes();
    content_type.starts_with(b"text/html") || content_type.starts_with(b"application/json")
}

/// The providers with which a visitor can sign in and return to the private page that they requested.
fn return_with(response: &Response, is_get: bool, site: &Site) -> Vec<Provider> {
    let error = response.extensions().get::<Arc<AppError>>();
    match error.map(|error| &**error) {
        Some(AppError::StartAgain(StartAgain {
            reason: Reason::SignedOut | Reason::SessionEnded,
            ..
        })) if is_get => site.providers().to_vec(),
        _ => Vec::new(),
    }
}

/// The organization to which a private page belongs.
fn organization_of(path: &str) -> Option<Slug> {
    let (slug, _) = path.strip_prefix("/org/")?.split_once('/')?;
    Slug::parse(slug)
}

/// Replaces the body of a response with a page. Keeps the status and the headers (`Allow`, `Vary`, `Set-Cookie`).
fn replace_body(response: Response, page: &ErrorPage) -> Response {
    let (mut parts, _) = response.into_parts();
    let error = parts.extensions.get::<Arc<AppError>>();
    if let Some(AppError::TryLater(TryLater {
        outage: Outage::Busy(after),
        ..
    })) = error.map(|error| &**error)
    {
        let seconds = HeaderValue::from(after.as_secs());
        parts.headers.insert(header::RETRY_AFTER, seconds);
    }
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.remove(header::CONTENT_TYPE);
    match render(page) {
        Ok(html) => (parts.status, parts.headers, html).into_response(),
        Err(error) => {
            error.log();
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
