//! The fault script: faults for the next calls of the vendor's URLs.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::{
    control::{
        error::{ControlError, Reply},
        request::ControlRequest,
    },
    http::{
        Route,
        matching::{fits, may_begin},
    },
    model::{Fault, FaultKind, HeldRequest},
    support::{
        endpoints,
        routes::{Endpoint, Handler},
    },
};

/// The kinds of faults, each with its fields besides `method`, `path`, `times` and `kind`, and with what it does.
pub const KINDS: &[(&str, &[&str], &str)] = &[
    ("latency", &["ms"], "Delay the call"),
    ("hold", &[], "Hold the call until the fault is removed"),
    (
        "hold_after",
        &[],
        "Hold the response until the fault is removed",
    ),
    ("status", &["status", "headers", "body"], "Return a status"),
    (
        "error",
        &["status", "error_type", "error_message"],
        "Return an error of Stytch",
    ),
    ("reset_before", &[], "Close the connection before the call"),
    ("reset_mid", &[], "Close the connection during the response"),
    ("reset_after", &[], "Close the connection after the call"),
    ("garbage", &[], "Return a body that is not JSON"),
    ("truncated", &[], "Return JSON that ends in the middle"),
    ("empty", &[], "Return no body"),
    ("huge", &[], "Return a gigabyte of JSON"),
    ("drip", &[], "Send one byte a second"),
    ("redirect", &["url"], "Return a redirect"),
    ("extra_fields", &[], "Add unknown fields"),
    ("unknown_enum", &[], "Use unknown values of enums"),
    ("other_organization", &[], "Name another organization"),
];

/// `POST …/faults`: adds a fault at the end of the script and returns it with its id.
pub fn add(request: &ControlRequest<'_>) -> Reply {
    let world = request.project()?;
    let fault = read(request)?;
    let mut state = world.lock();
    let most = state.limits.faults;
    if state.faults.len() >= most {
        let message = format!("The script has {most} faults already: DELETE some of them first.");
        return Err(ControlError::plain(409, "sandbox_too_many_faults", message));
    }
    let id = state.faults.add(fault.clone());
    Ok((201, shown(&id, &fault)))
}

/// `GET …/faults`: returns the faults that wait for calls or hold calls.
pub fn list(request: &ControlRequest<'_>) -> Reply {
    let world = request.project()?;
    let state = world.lock();
    let faults: Vec<Value> = state
        .faults
        .active()
        .map(|(id, fault)| shown(id, fault))
        .collect();
    Ok((200, json!({ "faults": faults })))
}

/// `DELETE …/faults`: empties the script and releases held calls.
pub fn clear(request: &ControlRequest<'_>) -> Reply {
    request.project()?.lock().faults.remove(None);
    Ok((200, json!({})))
}

/// `DELETE …/faults/{fault}`: removes a fault and releases the calls that it holds.
pub fn remove(request: &ControlRequest<'_>) -> Reply {
    match request
        .project()?
        .lock()
        .faults
        .remove(Some(request.part("fault")))
    {
        0 => Err(ControlError::unknown("fault", "the id of an active fault")),
        _ => Ok((200, json!({}))),
    }
}

fn read(request: &ControlRequest<'_>) -> Result<Fault, ControlError> {
    let names: Vec<&str> = KINDS.iter().map(|(name, ..)| *name).collect();
    let expected = format!("one of {}", names.join(", "));
    let wanted = request.need_text("kind", &expected)?;
    let (_, fields, _) = KINDS
        .iter()
        .find(|(name, ..)| *name == wanted)
        .ok_or_else(|| ControlError::field("kind", &expected))?;
    request.only(&[&["method", "path", "times", "kind"], *fields].concat())?;
    let method = read_method(request)?;
    Ok(Fault {
        path: read_path(request, &method)?,
        method,
        times: request
            .integer("times", 1..=1_000_000, "")?
            .map_or(1, |times| u32::try_from(times).unwrap_or(u32::MAX)),
        kind: read_kind(request, wanted)?,
    })
}

fn read_method(request: &ControlRequest<'_>) -> Result<String, ControlError> {
    const EXPECTED: &str = "GET, POST, PUT, DELETE, or * for any";
    let method = request.need_text("method", EXPECTED)?.to_ascii_uppercase();
    if matches!(method.as_str(), "GET" | "POST" | "PUT" | "DELETE" | "*") {
        Ok(method)
    } else {
        Err(ControlError::field("method", EXPECTED))
    }
}

/// Reads the path. A path that no call can match is an error, because it is a mistake in the test.
fn read_path(request: &ControlRequest<'_>, method: &str) -> Result<String, ControlError> {
    const EXPECTED: &str = "the path of an API call, such as /v1/b2b/organizations/search, or the beginning of one \
        followed by *";
    let path = request.need_text("path", EXPECTED)?;
    let is_of_the_vendor = path.starts_with("/v1/") || path.starts_with("/sdk/v1/");
    if !is_of_the_vendor || path[..path.len() - 1].contains('*') {
        return Err(ControlError::field("path", EXPECTED));
    }
    let mut fitting = endpoints()
        .filter(|route| method == "*" || route.method == method)
        .filter(|route| match path.strip_suffix('*') {
            Some(beginning) => may_begin(route.path, beginning),
            None => fits(route.path, path),
        })
        .peekable();
    let mistake = if fitting.peek().is_none() {
        format!("the API has no {method} {path}")
    } else if fitting.all(is_of_no_project) {
        format!("calls to {method} {path} do not name a project, so they can't have faults")
    } else {
        return Ok(path.to_owned());
    };
    let expected = format!("{EXPECTED}; {mistake}");
    Err(ControlError::field("path", expected))
}

/// Whether calls of this endpoint do not name a project.
fn is_of_no_project(route: &Route<Endpoint>) -> bool {
    let is_missing = matches!(route.handler.handler, Handler::MissingPublic);
    (is_missing && !route.path.contains("{project_id}")) || route.path == "/sdk/v1/events"
}

fn read_kind(request: &ControlRequest<'_>, kind: &str) -> Result<FaultKind, ControlError> {
    Ok(match kind {
        "latency" => {
            let ms = request.integer("ms", 0..=600_000, " of milliseconds")?;
            let ms = ms.ok_or_else(|| {
                ControlError::field("ms", "a whole number of milliseconds from 0 to 600000")
            })?;
            FaultKind::Latency(Duration::from_millis(ms))
        }
        "hold" => FaultKind::Hold(HeldRequest::new()),
        "hold_after" => FaultKind::HoldAfter(HeldRequest::new()),
        "status" => FaultKind::Status {
            status: read_status(request, 200)?,
            headers: read_headers(request.body.get("headers"))?,
            body: read_text_body(request.body.get("body")),
        },
        "error" => FaultKind::Error {
            status: read_status(request, 400)?,
            error_type: request
                .need_text("error_type", "an error type such as session_not_found")?
                .to_owned(),
            message: request
                .text("error_message", "a string that is not empty")?
                .unwrap_or("The sandbox was told to fail here.")
                .to_owned(),
        },
        "reset_before" => FaultKind::ResetBefore,
        "reset_mid" => FaultKind::ResetMid,
        "reset_after" => FaultKind::ResetAfter,
        "garbage" => FaultKind::Garbage,
        "truncated" => FaultKind::Truncated,
        "empty" => FaultKind::Empty,
        "huge" => FaultKind::Huge,
        "drip" => FaultKind::Drip,
        "redirect" => FaultKind::Redirect(read_url(request)?),
        "extra_fields" => FaultKind::ExtraFields,
        "unknown_enum" => FaultKind::UnknownEnum,
        "other_organization" => FaultKind::OtherOrganization,
        _ => unreachable!("looked up in KINDS before"),
    })
}

fn read_status(request: &ControlRequest<'_>, from: u64) -> Result<u16, ControlError> {
    let status = request.integer("status", from..=599, "")?;
    status
        .and_then(|status| u16::try_from(status).ok())
        .ok_or_else(|| ControlError::field("status", format!("a whole number from {from} to 599")))
}

fn read_headers(given: Option<&Value>) -> Result<Vec<(String, String)>, ControlError> {
    let given = match given {
        None | Some(Value::Null) => &Map::new(),
        Some(Value::Object(given)) => given,
        Some(_) => {
            return Err(ControlError::field(
                "headers",
                "an object of strings, such as {\"Retry-After\": \"7\"}",
            ));
        }
    };
    let header = |(name, value): (&String, &Value)| {
        let good = value.as_str().filter(|value| {
            name.parse::<hyper::header::HeaderName>().is_ok()
                && hyper::header::HeaderValue::from_str(value).is_ok()
        });
        good.map(|value| (name.clone(), value.to_owned()))
            .ok_or_else(|| {
                ControlError::field(&format!("headers.{name}"), "a valid HTTP header value")
            })
    };
    given.iter().map(header).collect()
}

/// The body: a string as it is, or the JSON of any other value.
fn read_text_body(given: Option<&Value>) -> Option<String> {
    match given {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text.clone()),
        Some(json) => Some(json.to_string()),
    }
}

fn read_url(request: &ControlRequest<'_>) -> Result<String, ControlError> {
    const EXPECTED: &str = "the URL of the redirect";
    let url = request.need_text("url", EXPECTED)?;
    match hyper::header::HeaderValue::from_str(url) {
        Ok(_) => Ok(url.to_owned()),
        Err(_) => Err(ControlError::field("url", EXPECTED)),
    }
}

/// A fault with its fields, its id, the number of remaining calls, and the number of held calls.
fn shown(id: &str, fault: &Fault) -> Value {
    let mut shown = json!({
        "id": id,
        "method": fault.method,
        "path": fault.path,
        "times": fault.times,
        "kind": word(&fault.kind),
    });
    match &fault.kind {
        FaultKind::Latency(time) => shown["ms"] = json!(time.as_millis()),
        FaultKind::Hold(hold) | FaultKind::HoldAfter(hold) => shown["held"] = json!(hold.waiting()),
        FaultKind::Status {
            status,
            headers,
            body,
        } => {
            let headers: Map<String, Value> = headers
                .iter()
                .map(|(name, value)| (name.clone(), json!(value)))
                .collect();
            shown["status"] = json!(status);
            shown["headers"] = Value::Object(headers);
            shown["body"] = json!(body);
        }
        FaultKind::Error {
            status,
            error_type,
            message,
        } => {
            shown["status"] = json!(status);
            shown["error_type"] = json!(error_type);
            shown["error_message"] = json!(message);
        }
        FaultKind::Redirect(url) => shown["url"] = json!(url),
        _ => {}
    }
    shown
}

/// The name of the kind in the API.
pub fn word(kind: &FaultKind) -> &'static str {
    match kind {
        FaultKind::Latency(_) => "latency",
        FaultKind::Hold(_) => "hold",
        FaultKind::HoldAfter(_) => "hold_after",
        FaultKind::Status { .. } => "status",
        FaultKind::Error { .. } => "error",
        FaultKind::ResetBefore => "reset_before",
        FaultKind::ResetMid => "reset_mid",
        FaultKind::ResetAfter => "reset_after",
        FaultKind::Garbage => "garbage",
        FaultKind::Truncated => "truncated",
        FaultKind::Empty => "empty",
        FaultKind::Huge => "huge",
        FaultKind::Drip => "drip",
        FaultKind::Redirect(_) => "redirect",
        FaultKind::ExtraFields => "extra_fields",
        FaultKind::UnknownEnum => "unknown_enum",
        FaultKind::OtherOrganization => "other_organization",
    }
}
