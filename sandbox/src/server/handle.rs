//! Handles one request, from its headers to the response.

use std::collections::HashMap;

use axum::body::{Body, to_bytes};
use hyper::{
    Request, Uri,
    body::Bytes,
    header::{ALLOW, HeaderValue},
    http::request::Parts,
};

use serde_json::Value;
use tokio::time::timeout;

use crate::{
    control,
    http::{
        Answer, Incoming, Match, Route, answer, auth, hosts,
        incoming::{origin, query},
        matching::{find, tidy},
    },
    model::{ApiError, Call, CallRoute, LoggedCall, ids},
    public::pages,
    rules::ActingHeaders,
    sdk::{caller::caller, cors},
    server::{
        browser_call::BrowserCall,
        call::{self, ApiCall, Work},
        call_log,
        routes::{self, ROUTES},
        spoil::Reset,
    },
    support::{
        consumer::{self, is_consumer},
        routes::{ENDPOINTS, Endpoint, Handler, not_implemented},
        sdk_routes::SDK_ENDPOINTS,
    },
    world::{off_thread, sandbox::Sandbox},
};

/// Maximum body size in bytes, far more than any SDK sends.
const BODY_LIMIT: usize = 1024 * 1024;

/// Maximum body size in bytes of the call that creates a project, whose seed may have tens of thousands of members.
const SEED_LIMIT: usize = 32 * 1024 * 1024;

/// Maximum length of the path with its query, in bytes, because the parameters of start URLs are kept for ten minutes.
const URL_LIMIT: usize = 8 * 1024;

/// Responds to a request. An error ends the connection without a response, which only faults do.
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

/// Responds to a request for an allowed host from an allowed page.
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
    let path = tidy(parts.uri.path());
    let limit = if path == "/_sandbox/projects" {
        SEED_LIMIT
    } else {
        BODY_LIMIT
    };
    let within = sandbox.options.limits.body_within;
    let body = match timeout(within, to_bytes(body, limit)).await {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => {
            let mib = limit / 1024 / 1024;
            let message = format!("The request body must have at most {mib} MiB ({limit} bytes).");
            return Ok(answer::error(&ApiError::bad_request(message), &request_id));
        }
        Err(_) => {
            let message = "The request body did not arrive in time.";
            let error = ApiError::new(408, "sandbox_body_timeout", message);
            return Ok(answer::error(&error, &request_id));
        }
    };
    let method = parts.method.to_string();
    // The sandbox's own GET handlers only read, so HEAD runs them and hyper omits the body. The vendor's may have
    // effects: a start URL starts a sign-in, and a fault counts calls.
    let read_as = if method == "HEAD" { "GET" } else { &method };
    match find(ROUTES, read_as, &path) {
        Match::Found(route, path_parts) => {
            let project_id = path_parts.get("project_id").cloned();
            let world = project_id.as_ref().and_then(|id| sandbox.project(id));
            let incoming = Incoming::new(request_id, path_parts, parts, body)
                .for_browsers_at(sandbox.options.public_url.as_ref());
            let mut answer = match route.handler {
                routes::Handler::Public(show) => {
                    let call = BrowserCall {
                        sandbox,
                        method,
                        path,
                        incoming,
                    };
                    call.serve(show).await?
                }
                routes::Handler::Control(act) => {
                    let serve =
                        move || control::request::serve(&sandbox, act, &[], &method, &incoming);
                    match &world {
                        Some(world) if route.path.ends_with("/approve") => {
                            off_thread::run_quick(world, serve).await
                        }
                        _ => off_thread::run(serve).await,
                    }
                }
                routes::Handler::Query(parameters, act) => {
                    off_thread::run(move || {
                        control::request::serve(&sandbox, act, parameters, &method, &incoming)
                    })
                    .await
                }
                routes::Handler::Inbox => control::inbox::serve(sandbox, incoming).await,
            };
            if world.is_some() {
                answer::note(&mut answer, |it| it.project_id = project_id);
            }
            Ok(answer)
        }
        Match::OtherMethods(mut methods) => {
            if methods.contains(&"GET") {
                methods.push("HEAD");
            }
            Ok(method_not_allowed(&methods, &request_id))
        }
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

/// The URL table for the path.
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

/// A request for an endpoint of the vendor's API, with its whole body.
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
        Err(error) => {
            let sandbox = sandbox.clone();
            let refuse = move || refused(&sandbox, &parts, path, &error, &request_id);
            return Ok(off_thread::run(refuse).await);
        }
    };
    let project_id = world.credentials().project_id.clone();
    let call = ApiCall {
        world,
        work,
        method: parts.method.to_string(),
        path,
        path_parts,
        query: query(&parts).collect(),
        acting,
        base_url: origin(&parts.headers, sandbox.options.public_url.as_ref()),
        body: call::read_body(&parts, &body),
        request_id,
    };
    let mut answer = call.serve().await?;
    answer::note(&mut answer, |it| it.project_id = Some(project_id));
    Ok(answer)
}

/// The response to wrong credentials. If they name a project, the call is added to its log, because people look for it
/// there.
fn refused(
    sandbox: &Sandbox,
    parts: &Parts,
    path: String,
    error: &ApiError,
    request_id: &str,
) -> Answer {
    let mut answer = answer::error(error, request_id);
    let claimed = auth::claimed(&parts.headers).ok();
    let world = claimed.and_then(|(project_id, _)| sandbox.project(&project_id));
    if let Some(world) = world {
        let call = Call {
            method: parts.method.to_string(),
            path,
            status: error.status,
            error_type: Some(error.error_type.to_string()),
            request_id: request_id.to_owned(),
            at: world.now(),
            body: Value::Null,
        };
        let call = LoggedCall::new(call, CallRoute::Refused, &Value::Null);
        call_log::begin(&world, call);
        let project_id = world.credentials().project_id.clone();
        answer::note(&mut answer, |it| it.project_id = Some(project_id));
    }
    answer
}

fn method_not_allowed(methods: &[&str], request_id: &str) -> Answer {
    let mut answer = answer::error(&ApiError::of("method_not_allowed"), request_id);
    if let Ok(allow) = HeaderValue::from_str(&methods.join(", ")) {
        answer.headers_mut().insert(ALLOW, allow);
    }
    answer
}
