//! One request from its first byte to its answer.

use std::collections::HashMap;

use axum::body::{Body, to_bytes};
use hyper::{
    HeaderMap, Request,
    body::Bytes,
    header::{ALLOW, COOKIE, HeaderValue},
    http::request::Parts,
};

use crate::{
    control,
    model::{error::ApiError, ids},
    public::pages,
    rules::acting::ActingHeaders,
    server::{
        answer::{self, Answer},
        auth,
        call::{self, ApiCall},
        hosts,
        matching::{Match, find, tidy},
        routes::Handler,
        spoil::Reset,
    },
    world::sandbox::Sandbox,
};

/// No request of an SDK comes near this.
const BODY_LIMIT: usize = 1024 * 1024;

/// A request that browsers and people send, read in full.
pub struct Incoming {
    pub request_id: String,
    pub path: HashMap<&'static str, String>,
    pub query: Vec<(String, String)>,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Incoming {
    fn new(
        request_id: String,
        path: HashMap<&'static str, String>,
        parts: Parts,
        body: Bytes,
    ) -> Incoming {
        Incoming {
            request_id,
            path,
            query: query(&parts).collect(),
            headers: parts.headers,
            body,
        }
    }

    /// A query parameter; an empty one is none.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.raw_parameter(name).filter(|value| !value.is_empty())
    }

    /// A query parameter, also an empty one.
    pub fn raw_parameter(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// A header's text, `""` when it is absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// The fields of a posted form.
    pub fn form(&self) -> HashMap<String, String> {
        url::form_urlencoded::parse(&self.body)
            .into_owned()
            .collect()
    }

    /// A cookie's value.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let cookies = self
            .headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok());
        cookies
            .flat_map(|header| header.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value)
    }
}

/// Answers a request. An error ends the connection without an answer; only the fault script does that.
pub async fn handle(
    sandbox: Sandbox,
    request: Request<hyper::body::Incoming>,
) -> Result<Answer, Reset> {
    let request_id = ids::mint("request-id");
    let (parts, body) = request.into_parts();
    if !hosts::is_ours(&parts.headers, &sandbox.options.allow_hosts) {
        return Ok(pages::misdirected(&parts.headers, &request_id));
    }
    let Ok(body) = to_bytes(Body::new(body), BODY_LIMIT).await else {
        return Ok(answer::error(
            &ApiError::bad_request("The request body is too large."),
            &request_id,
        ));
    };
    let path = tidy(parts.uri.path());
    match find(parts.method.as_str(), &path) {
        Match::Unknown => Ok(answer::error(&ApiError::of("route_not_found"), &request_id)),
        Match::OtherMethods(methods) => Ok(method_not_allowed(&methods, &request_id)),
        Match::Found(route, path_parts) => match route.handler {
            Handler::Public(show) => Ok(show(
                &sandbox,
                &Incoming::new(request_id, path_parts, parts, body),
            )),
            Handler::Control(act) => {
                let method = parts.method.clone();
                let incoming = Incoming::new(request_id, path_parts, parts, body);
                Ok(control::request::serve(
                    &sandbox,
                    act,
                    method.as_str(),
                    &incoming,
                ))
            }
            Handler::Inbox => {
                let incoming = Incoming::new(request_id, path_parts, parts, body);
                Ok(control::inbox::serve(&sandbox, &incoming).await)
            }
            Handler::MissingPublic => Ok(answer::error(
                &not_implemented(parts.method.as_str(), &path),
                &request_id,
            )),
            Handler::Project(_) | Handler::Api(_) | Handler::Missing => {
                let world = match route.handler {
                    Handler::Project(_) => {
                        auth::by_project(&sandbox, path_parts.get("project_id").map_or("", |id| id))
                    }
                    _ => auth::authorize(&sandbox, &parts.headers),
                };
                let api = match route.handler {
                    Handler::Project(api) | Handler::Api(api) => Some(api),
                    _ => None,
                };
                match world {
                    Ok(world) => {
                        let method = parts.method.to_string();
                        let body = call::read_body(&parts, &body);
                        ApiCall {
                            world,
                            api,
                            method,
                            path,
                            path_parts,
                            query: query(&parts).collect(),
                            acting: ActingHeaders::of(&parts.headers),
                            body,
                            request_id,
                        }
                        .serve()
                        .await
                    }
                    Err(error) => Ok(answer::error(&error, &request_id)),
                }
            }
        },
    }
}

/// The parameters of the query, decoded.
fn query(parts: &Parts) -> impl Iterator<Item = (String, String)> {
    let query = parts.uri.query().unwrap_or_default();
    url::form_urlencoded::parse(query.as_bytes()).into_owned()
}

fn method_not_allowed(methods: &[&str], request_id: &str) -> Answer {
    let mut answer = answer::error(&ApiError::of("method_not_allowed"), request_id);
    if let Ok(allow) = HeaderValue::from_str(&methods.join(", ")) {
        answer.headers_mut().insert(ALLOW, allow);
    }
    answer
}

/// What an endpoint answers that the vendor has and the sandbox lacks.
pub fn not_implemented(method: &str, path: &str) -> ApiError {
    let message = format!(
        "The sandbox does not have {method} {path} yet. Use a project on https://test.stytch.com for it, or a later \
         version of the sandbox."
    );
    ApiError::new(501, "sandbox_not_implemented", message)
}
