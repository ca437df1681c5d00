//! Changes responses, for faults.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::body::Body;
use hyper::{
    body::{Bytes, Frame},
    header::CONTENT_LENGTH,
};
use serde_json::{Map, Value, json};
use tokio::time::{Interval, interval};

use crate::{http::Answer, model::FaultKind};

/// The id of the organization that [`other_organization`] uses.
pub const OTHER_ORGANIZATION: &str = "organization-test-0ffe2e57-0000-4000-8000-000000000000";

/// Applies the effect of a fault before the call.
pub async fn delay_before(fault: &FaultKind) -> Result<(), Reset> {
    match fault {
        FaultKind::Latency(time) => tokio::time::sleep(*time).await,
        FaultKind::Hold(hold) => hold.wait().await,
        FaultKind::ResetBefore => return Err(Reset),
        _ => {}
    }
    Ok(())
}

/// Applies the effect of a fault between the call and its response.
pub async fn delay_after(fault: &FaultKind) -> Result<(), Reset> {
    match fault {
        FaultKind::HoldAfter(hold) => hold.wait().await,
        FaultKind::ResetAfter => return Err(Reset),
        _ => {}
    }
    Ok(())
}

/// Applies the effect of a fault to the JSON of a response.
pub fn change(fault: &FaultKind, body: &mut Value) {
    match fault {
        FaultKind::ExtraFields => extra_fields(body),
        FaultKind::UnknownEnum => unknown_enum(body),
        FaultKind::OtherOrganization => other_organization(body),
        _ => {}
    }
}

/// Sets the body of the response, changed by the fault.
pub fn body(fault: &FaultKind, answer: &mut Answer, text: Bytes) {
    *answer.body_mut() = match fault {
        FaultKind::Truncated => Body::from(text.slice(..text.len() / 2)),
        FaultKind::Drip => drip(text),
        FaultKind::ResetMid => {
            let length = text.len().into();
            answer.headers_mut().insert(CONTENT_LENGTH, length);
            broken(&text)
        }
        _ => Body::from(text),
    };
}

/// Adds an unknown field to every object.
fn extra_fields(value: &mut Value) {
    match value {
        Value::Object(object) => {
            object.values_mut().for_each(extra_fields);
            object.insert(
                "sandbox_unknown_field".to_owned(),
                json!({ "since": 2031, "list": [null, "x"] }),
            );
        }
        Value::Array(items) => items.iter_mut().for_each(extra_fields),
        _ => {}
    }
}

/// Replaces the values of the vendor's enum fields with an unknown one.
fn unknown_enum(value: &mut Value) {
    #[rustfmt::skip]
    const WORDS: [&str; 14] = [
        "type", "delivery_method", "status", "provider_type", "auth_methods", "mfa_policy",
        "mfa_methods", "email_jit_provisioning", "sso_jit_provisioning",
        "oauth_tenant_jit_provisioning", "email_invites", "secondary_auth_initiated",
        "default_mfa_method", "identity_provider",
    ];
    each_object(value, &mut |object| {
        for (key, field) in object.iter_mut() {
            if WORDS.contains(&key.as_str()) && field.is_string() {
                *field = json!("sandbox_unknown_word");
            } else if key == "allowed_auth_methods" || key == "allowed_mfa_methods" {
                *field = json!(["sandbox_unknown_word"]);
            }
        }
    });
}

/// Replaces the organization in the response with another one.
fn other_organization(value: &mut Value) {
    each_object(value, &mut |object| {
        for (key, other) in [
            ("organization_id", OTHER_ORGANIZATION),
            ("organization_slug", "somebody-else"),
            ("organization_name", "Somebody Else"),
        ] {
            if let Some(field) = object.get_mut(key).filter(|field| field.is_string()) {
                *field = json!(other);
            }
        }
    });
}

fn each_object(value: &mut Value, change: &mut impl FnMut(&mut Map<String, Value>)) {
    match value {
        Value::Object(object) => {
            change(object);
            object
                .values_mut()
                .for_each(|inner| each_object(inner, change));
        }
        Value::Array(items) => items
            .iter_mut()
            .for_each(|inner| each_object(inner, change)),
        _ => {}
    }
}

/// JSON that does not end, up to 1 GiB, from one reused buffer.
pub fn huge() -> Body {
    Body::new(Huge {
        piece: Bytes::from(vec![b' '; 64 * 1024]),
        left: 16 * 1024,
        started: false,
    })
}

struct Huge {
    piece: Bytes,
    left: u32,
    started: bool,
}

impl hyper::body::Body for Huge {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if !self.started {
            self.started = true;
            return Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(
                b"{\"status_code\": 200, \"padding\": \"",
            )))));
        }
        if self.left == 0 {
            return Poll::Ready(None);
        }
        self.left -= 1;
        Poll::Ready(Some(Ok(Frame::data(self.piece.clone()))))
    }
}

/// Sends the body at one byte a second.
fn drip(whole: Bytes) -> Body {
    Body::new(Drip {
        rest: whole,
        ticks: interval(Duration::from_secs(1)),
    })
}

struct Drip {
    rest: Bytes,
    ticks: Interval,
}

impl hyper::body::Body for Drip {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        ready!(self.ticks.poll_tick(context));
        let byte = self.rest.split_to(1);
        Poll::Ready(Some(Ok(Frame::data(byte))))
    }
}

/// The first half of the body, and then an error that makes the server close the connection.
fn broken(whole: &Bytes) -> Body {
    Body::new(Broken {
        half: Some(whole.slice(..whole.len() / 2)),
        flushed: false,
    })
}

/// Closes the connection.
#[derive(Debug, thiserror::Error)]
#[error("the fault script ends this connection")]
pub struct Reset;

struct Broken {
    half: Option<Bytes>,
    flushed: bool,
}

impl hyper::body::Body for Broken {
    type Data = Bytes;
    type Error = Reset;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Reset>>> {
        if let Some(half) = self.half.take() {
            return Poll::Ready(Some(Ok(Frame::data(half))));
        }
        // Yields once, so that the first half is sent before the connection is closed.
        if !self.flushed {
            self.flushed = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(Reset)))
    }
}
