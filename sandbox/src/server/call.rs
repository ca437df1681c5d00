//! Serves a call of the server API: logs it, applies faults, and runs it under the world's lock.

use std::collections::HashMap;

use hyper::{
    Method,
    body::Bytes,
    header::{CONTENT_TYPE, DATE, HeaderValue},
    http::request::Parts,
};
use serde_json::{Map, Value, json};
use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc2822};

use crate::{
    http::{Answer, Api, ApiRequest, answer},
    model::{ApiError, Call, CallRoute, CurrentCall, FaultKind, LoggedCall, Reply, State},
    rules::{
        ActingHeaders, current,
        explain::{explain, tokens},
        rate_limits,
    },
    sdk::SdkCall,
    server::{
        call_log::{self, Done},
        instead::instead,
        spoil::{self, Reset},
    },
    support::routes::not_implemented,
    world::{World, off_thread},
};

/// The handler of a call.
#[derive(Clone, Copy)]
pub enum Work {
    Api(Api),
    /// A call of the browser SDK, whose successful responses are wrapped in `data`.
    Sdk(&'static SdkCall),
}

/// An authenticated call, whose project is known.
pub struct ApiCall {
    pub world: World,
    /// `None` for an endpoint that the sandbox does not support.
    pub work: Option<Work>,
    pub method: String,
    pub path: String,
    pub path_parts: HashMap<&'static str, String>,
    pub query: HashMap<String, String>,
    pub acting: ActingHeaders,
    /// Origin of the public URL, or else the origin under which the caller reached the sandbox.
    pub base_url: String,
    pub body: Result<Map<String, Value>, ApiError>,
    pub request_id: String,
}

impl Work {
    fn run(self, state: &mut State, request: ApiRequest) -> Reply {
        match self {
            Self::Api(api) => api(state, &request),
            Self::Sdk(call) => call.run(state, request),
        }
    }
}

impl ApiCall {
    /// Responds to the call, or ends the connection if a fault requires it. The `Date` of the response is the world's
    /// time, like all times in the body.
    pub async fn serve(self) -> Result<Answer, Reset> {
        let (world, is_slow) = (self.world.clone(), self.is_slow());
        let begin = move || match self.arrive() {
            None => Ok(self.finish()),
            Some(fault) => Err(Box::new((self, fault))),
        };
        let answered = if is_slow {
            off_thread::run(begin).await
        } else {
            off_thread::run_quick(&world, begin).await
        };
        match answered {
            Ok(answer) => Ok(answer),
            Err(faulty) => {
                let (call, fault) = *faulty;
                let answer = call.spoiled(fault).await?;
                Ok(off_thread::run(move || dated(answer, &world)).await)
            }
        }
    }

    /// Whether the call may take many milliseconds, because it hashes passwords or looks through all members.
    fn is_slow(&self) -> bool {
        self.path.contains("/passwords/") || self.path.ends_with("/search")
    }

    /// The response without a fault.
    fn finish(mut self) -> Answer {
        let answer = self.run().json();
        dated(answer, &self.world)
    }

    async fn spoiled(mut self, fault: FaultKind) -> Result<Answer, Reset> {
        spoil::delay_before(&fault).await?;
        let begin = move || match self.instead(&fault) {
            Some(answer) => Err(Box::new(answer)),
            None => Ok((self.run(), fault)),
        };
        let (mut outcome, fault) = match off_thread::run(begin).await {
            Ok(outcome) => outcome,
            Err(answer) => return Ok(*answer),
        };
        spoil::delay_after(&fault).await?;
        spoil::change(&fault, &mut outcome.body);
        let text = Bytes::from(outcome.body.to_string());
        let mut answer = outcome.json();
        spoil::body(&fault, &mut answer, text);
        Ok(answer)
    }

    /// Writes the call into the log immediately, because the caller may disconnect before the response, and returns the
    /// fault for it.
    fn arrive(&self) -> Option<FaultKind> {
        let body = self.body.as_ref();
        let call = Call {
            method: self.method.clone(),
            path: self.path.clone(),
            status: 0,
            error_type: None,
            request_id: self.request_id.clone(),
            at: self.world.now(),
            body: body.map_or(Value::Null, |body| Value::Object(body.clone())),
        };
        let query = call_log::object(self.query.iter());
        call_log::begin(&self.world, LoggedCall::new(call, CallRoute::Api, &query));
        self.world.lock().faults.take(&self.method, &self.path)
    }

    fn run(&mut self) -> Outcome {
        let body = std::mem::replace(&mut self.body, Ok(Map::new()));
        let path = std::mem::take(&mut self.path_parts);
        let query = std::mem::take(&mut self.query);
        let acting = std::mem::take(&mut self.acting);
        let no_body = Map::new();
        let tokens = tokens(body.as_ref().unwrap_or(&no_body), query.iter(), &acting);
        let result = match self.work {
            Some(work) => body.and_then(|body| {
                let request = ApiRequest {
                    path,
                    query,
                    body,
                    acting,
                    base_url: self.base_url.clone(),
                };
                let mut state = self.world.lock();
                let call = CurrentCall {
                    origin: self.base_url.clone(),
                    method: self.method.clone(),
                    path: self.path.clone(),
                    request_id: self.request_id.clone(),
                };
                current::run(&mut state, call, |state| {
                    rate_limits::check(state, &self.path, &request.body)?;
                    work.run(state, request)
                })
            }),
            None => Err(not_implemented(&self.method, &self.path)),
        };
        match result {
            Ok(fields) => {
                let done = Done::new(200, None);
                call_log::complete(&self.world, &self.request_id, &done);
                let body = answer::ok_body(fields, &self.request_id);
                Outcome {
                    body: match self.work {
                        Some(Work::Sdk(_)) => json!({ "data": body }),
                        _ => body,
                    },
                    done,
                }
            }
            Err(error) => {
                let mut done = Done::new(error.status, Some(&error.error_type));
                done.tokens = explain(&self.world.lock(), &tokens, &self.request_id);
                call_log::complete(&self.world, &self.request_id, &done);
                Outcome {
                    body: error.body(&self.request_id),
                    done,
                }
            }
        }
    }

    /// The response of a fault that prevents the call.
    fn instead(&self, fault: &FaultKind) -> Option<Answer> {
        let instead = instead(fault, &self.request_id)?;
        let done = Done::new(instead.status, instead.error_type.as_deref());
        call_log::complete(&self.world, &self.request_id, &done);
        Some(instead.answer)
    }
}

fn dated(mut answer: Answer, world: &World) -> Answer {
    let now = http_date(world.now());
    answer.headers_mut().entry(DATE).or_insert(now);
    answer
}

struct Outcome {
    body: Value,
    done: Done,
}

impl Outcome {
    fn json(&self) -> Answer {
        let mut answer = answer::json(self.done.status, &self.body);
        answer::note(&mut answer, |it| self.done.note(it));
        answer
    }
}

/// The JSON object of a POST or PUT. Bodies of other methods are ignored.
pub fn read_body(parts: &Parts, body: &Bytes) -> Result<Map<String, Value>, ApiError> {
    if !matches!(parts.method, Method::POST | Method::PUT) || body.is_empty() {
        return Ok(Map::new());
    }
    let content_type = parts
        .headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if !content_type
        .to_ascii_lowercase()
        .starts_with("application/json")
    {
        return Err(ApiError::bad_request(
            "The request must have Content-Type: application/json.",
        ));
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(ApiError::bad_request(
            "The request body must be a JSON object.",
        )),
        Err(_) => Err(ApiError::bad_request("The request body is not valid JSON.")),
    }
}

/// Formats a date such as `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7).
fn http_date(at: OffsetDateTime) -> HeaderValue {
    let text = at.to_offset(UtcOffset::UTC).format(&Rfc2822);
    let text = text.expect("a year of four digits").replace("+0000", "GMT");
    HeaderValue::from_str(&text).expect("a date is ASCII")
}
