//! Content of the pages. The templates in `sandbox/templates/` escape everything.

use askama::Template;
use axum::body::Body;
use hyper::{
    HeaderMap, Response,
    header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, X_CONTENT_TYPE_OPTIONS},
};
use serde_json::json;

use crate::{
    http::{Answer, Incoming, answer, auth::by_public_token, hosts},
    model::{ApiError, Authorization, Flow, Organization, Person, Provider, State, fields::fields},
    public::{
        accept::prefers_html,
        listing::{Listing, Search},
        names,
        pending::Pending,
        person_form::PersonForm,
    },
    rules::{Mismatch, Refused},
    world::sandbox::Sandbox,
};

/// Errors at the provider or between it and Stytch: the error type, and the label of the button that causes it.
pub const FAILURES: &[(&str, &str)] = &[
    ("oauth_flow_callback_error", "The provider returns an error"),
    ("oauth_unverified_email", "The address is not verified"),
    ("oauth_auth_code_error", "The code can't be exchanged"),
];

#[derive(Template)]
#[template(path = "consent.html")]
struct Consent<'a> {
    provider: Provider,
    id: &'a str,
    organization: Option<&'a str>,
    hint: Option<&'a str>,
    search: Search,
    people: Listing<Choice<'a>>,
    has_people: bool,
    form: &'a PersonForm,
    lists_no_tenants: bool,
    failures: &'static [(&'static str, &'static str)],
    scopes: String,
    details: Vec<(&'static str, String)>,
}

struct Choice<'a> {
    person: &'a Person,
    initial: String,
    hinted: bool,
}

#[derive(Template)]
#[template(path = "message.html")]
struct Message<'a> {
    title: &'a str,
    text: &'a str,
    error_type: Option<&'a str>,
    mismatch: Option<&'a Mismatch>,
    /// URL of the app.
    back: Option<&'a str>,
    /// Label and path of a page of the console.
    console: Option<(&'static str, &'a str)>,
}

/// Label and path of the console.
const CONSOLE: (&str, &str) = ("Open the console", "/_sandbox/");

/// The consent page: the people with an account at the provider, the suggested one first.
pub fn consent(
    status: u16,
    request: &Incoming,
    state: &State,
    authorization: &Authorization,
    form: &PersonForm,
) -> Answer {
    let hint = authorization.login_hint();
    let is_hinted =
        |person: &Person| hint.is_some_and(|hint| hint.eq_ignore_ascii_case(&person.email));
    let mut known: Vec<&Person> = state
        .people
        .iter()
        .filter(|person| person.identity(authorization.provider).is_some())
        .collect();
    known.sort_by_key(|person| !is_hinted(person));
    let is_hint_known = known.first().is_some_and(|person| is_hinted(person));
    let path = format!("{}/{}", Authorization::FOLDER, authorization.open.id);
    let search = Search::of(request, &path);
    let found = known
        .iter()
        .filter(|person| search.fits(&[&person.name, &person.email]));
    let people = Listing::of(request, &path, "people", found, |person| Choice {
        person,
        initial: initial(&person.name),
        hinted: is_hinted(person),
    });
    let organization = match &authorization.flow {
        Flow::Organization {
            organization_id, ..
        } => state.organization(organization_id).map(Organization::name),
        Flow::Discovery { .. } => None,
    };
    let page = Consent {
        provider: authorization.provider,
        id: &authorization.open.id,
        organization,
        hint: hint.filter(|_| !is_hint_known),
        has_people: !known.is_empty(),
        search,
        people,
        form,
        lists_no_tenants: authorization.provider == Provider::Github
            && !authorization.scopes.iter().any(|scope| scope == "read:org"),
        failures: FAILURES,
        scopes: authorization.scopes.join(" "),
        details: details(authorization),
    };
    render(status, &page)
}

/// The first letter of a name, as a capital.
pub fn initial(name: &str) -> String {
    let first = name.chars().next();
    first
        .map(|first| first.to_uppercase().collect())
        .unwrap_or_default()
}

/// The parameters of the start URL, with labels.
fn details(authorization: &Authorization) -> Vec<(&'static str, String)> {
    let mut details = vec![("Provider", authorization.provider.word().to_owned())];
    match &authorization.flow {
        Flow::Discovery { redirect_url } => {
            details.push(("Flow", "discovery".to_owned()));
            details.push(("Discovery redirect URL", redirect_url.clone()));
        }
        Flow::Organization {
            organization_id,
            login_redirect_url,
            signup_redirect_url,
        } => {
            details.push(("Flow", "organization".to_owned()));
            details.push(("Organization", organization_id.clone()));
            details.push(("Login redirect URL", login_redirect_url.clone()));
            details.push(("Signup redirect URL", signup_redirect_url.clone()));
        }
    }
    let pkce = if authorization.pkce_code_challenge.is_some() {
        "with a challenge"
    } else {
        "without a challenge"
    };
    details.push(("PKCE", pkce.to_owned()));
    for (name, value) in &authorization.provider_parameters {
        details.push(("Provider parameter", format!("{name}={value}")));
    }
    details
}

/// The page for a sign-in that is already finished. `back` is the URL of the app.
pub fn finished(back: Option<&str>) -> Answer {
    leading_back(
        400,
        "This sign-in is finished",
        "Go back to the app to start a new one.",
        back,
    )
}

/// The page for a sign-in that is unknown or older than ten minutes. `back` is the URL of the app.
pub fn gone(back: Option<&str>) -> Answer {
    leading_back(
        404,
        "This sign-in has expired",
        "A sign-in stays open for ten minutes, and only the newest 1,000 are kept. Go back to the app to start a new one.",
        back,
    )
}

/// The error for a request to a host name that the sandbox does not serve.
pub fn misdirected(headers: &HeaderMap, request_id: &str) -> Answer {
    let text = hosts::misdirected(headers);
    if prefers_html(headers) {
        return message(421, "The sandbox does not serve this host", &text);
    }
    answer::error(&ApiError::new(421, "bad_request", text), request_id)
}

/// An error: the vendor's JSON or, for a browser that prefers HTML, a page with the same content. The page for a redirect
/// URL that is not registered links to the form that registers it.
pub fn refused(sandbox: &Sandbox, request: &Incoming, refused: &Refused) -> Answer {
    let token = request.parameter("public_token").unwrap_or_default();
    let edit = match (refused, by_public_token(sandbox, token)) {
        (Refused::Mismatch(_), Ok(world)) => {
            let id = world.project_id();
            Some(format!("/_sandbox/console/{id}/redirect_urls"))
        }
        _ => None,
    };
    let console = edit.as_deref().map(|path| ("Edit redirect URLs", path));
    refused_on(request, refused, None, console.unwrap_or(CONSOLE))
}

/// The same error, with a link to the app on the page.
pub fn refused_with(request: &Incoming, refused: &Refused, back: Option<&str>) -> Answer {
    refused_on(request, refused, back, CONSOLE)
}

fn refused_on(
    request: &Incoming,
    refused: &Refused,
    back: Option<&str>,
    console: (&'static str, &str),
) -> Answer {
    let error = refused.error();
    let mismatch = match refused {
        Refused::Error(_) => None,
        Refused::Mismatch(mismatch) => Some(mismatch),
    };
    if !prefers_html(&request.headers) {
        return answer::error(&error, &request.request_id);
    }
    let page = Message {
        title: if mismatch.is_some() {
            "This redirect URL is not registered"
        } else {
            "This sign-in can't continue"
        },
        text: &error.message,
        error_type: Some(&error.error_type),
        mismatch,
        back,
        console: Some(console),
    };
    let mut answer = render(error.status, &page);
    answer::note(&mut answer, |it| {
        it.error_type = Some(error.error_type.to_string());
    });
    answer
}

/// The pages' stylesheet.
pub fn styles(_: &Sandbox, _: &Incoming) -> Answer {
    file(
        "text/css; charset=utf-8",
        include_str!("../../static/sandbox.css"),
    )
}

/// The pages' icon, with the stripes of the banner.
pub fn icon(_: &Sandbox, _: &Incoming) -> Answer {
    const STRIPES: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#ffd873"/><path d="M0 10 10 0h5L0 15zM6 16 16 6v5l-5 5z" fill="#8a4b00"/></svg>"##;
    file("image/svg+xml", STRIPES)
}

fn file(content_type: &'static str, content: &'static str) -> Answer {
    let mut answer = Response::new(Body::from(content));
    let headers = [
        (CONTENT_TYPE, content_type),
        (CACHE_CONTROL, "no-cache"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    for (name, value) in headers {
        answer
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    answer
}

/// `GET /_sandbox/health`: returns 200 while the sandbox runs.
pub fn health(_: &Sandbox, request: &Incoming) -> Answer {
    let fields = fields(json!({ "status": "ok" }));
    answer::json(200, &answer::ok_body(fields, &request.request_id))
}

/// A page with a title and a text.
pub fn message(status: u16, title: &str, text: &str) -> Answer {
    leading_to(status, title, text, None, None)
}

/// A page with a title, a text, and a link to the console with this label.
pub fn leading_to_console(status: u16, title: &str, text: &str, label: &'static str) -> Answer {
    let (_, path) = CONSOLE;
    leading_to(status, title, text, None, Some((label, path)))
}

/// A page with a title, a text, and links to the app and to the console.
fn leading_back(status: u16, title: &str, text: &str, back: Option<&str>) -> Answer {
    leading_to(status, title, text, back, Some(CONSOLE))
}

fn leading_to(
    status: u16,
    title: &str,
    text: &str,
    back: Option<&str>,
    console: Option<(&'static str, &str)>,
) -> Answer {
    render(
        status,
        &Message {
            title,
            text,
            error_type: None,
            mismatch: None,
            back,
            console,
        },
    )
}

/// A page rendered from a template.
pub fn render(status: u16, page: &impl Template) -> Answer {
    match page.render() {
        Ok(html) => answer::page(status, html),
        Err(error) => {
            tracing::error!(%error, "sandbox: a page could not be rendered");
            answer::page(500, "The sandbox could not render this page.".to_owned())
        }
    }
}
