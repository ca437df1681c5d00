//! Responses of faults that prevent a call.

use axum::body::Body;
use hyper::header::{HeaderName, HeaderValue};
use serde_json::{Map, Value};

use crate::{
    http::{Answer, answer},
    model::{ApiError, FaultKind},
    server::spoil,
};

/// The response, with its outcome for the log.
pub struct Instead {
    pub answer: Answer,
    pub status: u16,
    pub error_type: Option<String>,
}

/// The response of this fault; `None` if the fault lets the call happen.
pub fn instead(fault: &FaultKind, request_id: &str) -> Option<Instead> {
    let body = match fault {
        FaultKind::Status {
            status,
            headers,
            body,
        } => return Some(with_status(*status, headers, body.as_ref(), request_id)),
        FaultKind::Error {
            status,
            error_type,
            message,
        } => {
            let error = ApiError::new(*status, error_type.clone(), message.clone());
            return Some(Instead {
                answer: answer::error(&error, request_id),
                status: *status,
                error_type: Some(error_type.clone()),
            });
        }
        FaultKind::Redirect(to) => {
            return Some(Instead {
                answer: answer::redirect(302, to),
                status: 302,
                error_type: None,
            });
        }
        FaultKind::Garbage => Body::from("<html>this is not JSON \u{0}{{{"),
        FaultKind::Empty => Body::empty(),
        FaultKind::Huge => spoil::huge(),
        _ => return None,
    };
    let mut answer = answer::json(200, &Value::Null);
    *answer.body_mut() = body;
    Some(Instead {
        answer,
        status: 200,
        error_type: None,
    })
}

fn with_status(
    status: u16,
    headers: &[(String, String)],
    body: Option<&String>,
    request_id: &str,
) -> Instead {
    let (mut answer, error_type) = if status < 400 {
        let answer = answer::json(status, &answer::ok_body(Map::new(), request_id));
        (answer, None)
    } else {
        let error = ApiError::of_status(status);
        let error_type = body.is_none().then(|| error.error_type.to_string());
        (answer::error(&error, request_id), error_type)
    };
    if let Some(body) = body {
        *answer.body_mut() = Body::from(body.clone());
    }
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
            answer.headers_mut().insert(name, value);
        }
    }
    Instead {
        answer,
        status,
        error_type,
    }
}
