//! One request from its first byte to its answer.

use std::collections::HashMap;

use axum::body::{Body, to_bytes};
use hyper::{
    Request, Uri,
    body::Bytes,
    header::{ALLOW, HeaderValue},
    http::request::Parts,
};

use tokio::time::timeout;

use crate::{
    control,
    http::{
        Answer, Incoming, Match, Route, answer, auth, hosts,
        incoming::query,
        matching::{find, tidy},
    },
    model::{ApiError, ids},
    public::pages,
    rules::ActingHeaders,
    sdk::{caller::caller, cors},
    server::{
        browser_call::BrowserCall,
        call::{self, ApiCall, Work},
        off_thread,
        routes::{self, ROUTES},
        spoil::Reset,
    },
    support::{
        consumer::{self, is_consumer},
        routes::{ENDPOINTS, Endpoint, Handler, not_implemented},
        sdk_routes::SDK_ENDPOINTS,
    },
    world::sandbox::Sandbox,
};

/// The longest body, in bytes. No request of an SDK comes near this.
const BODY_LIMIT: usize = 1024 * 1024;

/// The longest path with its query, in bytes. What a start URL was asked for is kept for ten minutes.
const URL_LIMIT: usize = 8 * 1024;

/// Answers a request. An error ends the connection without an answer; only the fault script does that.
pub async fn handle(sandbox: Sandbox, request: Request<Body>) -> Result<Answer, Reset> {
    let request_id = ids::mint("request-id");
    let (parts, body) = request.into_parts();
    let public_url = sandbox.options.public_url.as_ref();
    if !hosts::is_ours(&parts.headers, &sandbox.options.allow_hosts, public_url) {
        return Ok(pages::misdirected(&parts.headers, &request_id));
    }
    let cors = match cors::admit(&parts, &sandbox.options.allow_origins, &request_id) {
        Ok(cors) => cors,
        Err(answer) => return Ok(*answer),
    };
    let answer = answer_one(sandbox, parts, body, request_id).await?;
    Ok(cors.mark(answer))
}

/// Answers a request for one of our hosts, of a page that may call.
async fn answer_one(
    sandbox: Sandbox,
    parts: Parts,
    body: Body,
    request_id: String,
) -> Result<Answer, Reset> {
    if length(&parts.uri) > URL_LIMIT {
        let message = "The URL must have at most 8,192 characters, with its query.";
        let error = ApiError::new(414, "sandbox_url_too_long", message);
        return Ok(answer::error(&error, &request_id));
    }
    let within = sandbox.options.limits.body_within;
    let body = match timeout(within, to_bytes(body, BODY_LIMIT)).await {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => {
            let message = "The request body must have at most 1 MiB (1,048,576 bytes).";
            return Ok(answer::error(&ApiError::bad_request(message), &request_id));
        }
        Err(_) => {
            let message = "The request body did not arrive in time.";
            let error = ApiError::new(408, "sandbox_body_timeout", message);
            return Ok(answer::error(&error, &request_id));
        }
    };
    let path = tidy(parts.uri.path());
    let method = parts.method.to_string();
    match find(ROUTES, &method, &path) {
        Match::Found(route, path_parts) => {
            let incoming = Incoming::new(request_id, path_parts, parts, body)
                .for_browsers_at(sandbox.options.public_url.as_ref());
            Ok(match route.handler {
                routes::Handler::Public(show) => {
                    off_thread::run(move || show(&sandbox, &incoming)).await
                }
                routes::Handler::Control(act) => {
                    off_thread::run(move || {
                        control::request::serve(&sandbox, act, &method, &incoming)
                    })
                    .await
                }
                routes::Handler::Inbox => control::inbox::serve(&sandbox, &incoming).await,
            })
        }
        Match::OtherMethods(methods) => Ok(method_not_allowed(&methods, &request_id)),
        Match::Unknown => match find(endpoints(&path), &method, &path) {
            Match::Found(route, path_parts) => {
                let request = Arrived {
                    request_id,
                    path,
                    path_parts,
                    parts,
                    body,
                };
                endpoint(&sandbox, &route.handler.handler, request).await
            }
            Match::OtherMethods(methods) => Ok(method_not_allowed(&methods, &request_id)),
            Match::Unknown if is_consumer(&path) => {
                let refused = auth::authorize(&sandbox, &parts.headers)
                    .map_or_else(|error| error, |_| consumer::refused(&method, &path));
                Ok(answer::error(&refused, &request_id))
            }
            Match::Unknown => Ok(answer::error(&ApiError::of("route_not_found"), &request_id)),
        },
    }
}

/// The URL table in which the path is.
fn endpoints(path: &str) -> &'static [Route<Endpoint>] {
    if cors::concerns(path) {
        SDK_ENDPOINTS
    } else {
        ENDPOINTS
    }
}

fn length(url: &Uri) -> usize {
    url.path_and_query().map_or(0, |it| it.as_str().len())
}

/// A request for an endpoint of the vendor's API, read in full.
struct Arrived {
    request_id: String,
    path: String,
    path_parts: HashMap<&'static str, String>,
    parts: Parts,
    body: Bytes,
}

async fn endpoint(
    sandbox: &Sandbox,
    handler: &'static Handler,
    request: Arrived,
) -> Result<Answer, Reset> {
    let Arrived {
        request_id,
        path,
        path_parts,
        parts,
        body,
    } = request;
    let as_server = |work| {
        let world = auth::authorize(sandbox, &parts.headers)?;
        Ok((world, ActingHeaders::of(&parts.headers), work))
    };
    let caller = match handler {
        Handler::Public(_) | Handler::MissingPublic => {
            let call = BrowserCall {
                sandbox: sandbox.clone(),
                method: parts.method.to_string(),
                path,
                incoming: Incoming::new(request_id, path_parts, parts, body)
                    .for_browsers_at(sandbox.options.public_url.as_ref()),
            };
            if let Handler::Public(show) = handler {
                return call.serve(*show).await;
            }
            let error = not_implemented(&call.method, &call.path);
            let show = move |_: &_, it: &Incoming| answer::error(&error, &it.request_id);
            return call.serve(show).await;
        }
        Handler::Project(api) => {
            let id = path_parts.get("project_id").map_or("", |id| id);
            let acting = ActingHeaders::of(&parts.headers);
            auth::by_project(sandbox, id).map(|world| (world, acting, Some(Work::Api(*api))))
        }
        Handler::Sdk(call) => {
            let caller = caller(sandbox, &parts.headers);
            caller.map(|(world, acting)| (world, acting, Some(Work::Sdk(call))))
        }
        Handler::Api(api) => as_server(Some(Work::Api(*api))),
        Handler::Missing => as_server(None),
    };
    let (world, acting, work) = match caller {
        Ok(caller) => caller,
        Err(error) => return Ok(answer::error(&error, &request_id)),
    };
    let call = ApiCall {
        world,
        work,
        method: parts.method.to_string(),
        path,
        path_parts,
        query: query(&parts).collect(),
        acting,
        body: call::read_body(&parts, &body),
        request_id,
    };
    call.serve().await
}

fn method_not_allowed(methods: &[&str], request_id: &str) -> Answer {
    let mut answer = answer::error(&ApiError::of("method_not_allowed"), request_id);
    if let Ok(allow) = HeaderValue::from_str(&methods.join(", ")) {
        answer.headers_mut().insert(ALLOW, allow);
    }
    answer
}
