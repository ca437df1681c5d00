//! The log of the calls that a world received.

use serde_json::Value;
use time::OffsetDateTime;

use crate::model::masked::masked;

/// A call of the server API (the endpoints with Basic auth, and the JWKS) that reached a world.
#[derive(Clone, Debug)]
pub struct Call {
    /// `POST`, `GET`, …
    pub method: String,
    /// The path without its query, and without double and trailing slashes.
    pub path: String,
    /// Status of the response. 0 until the response is sent, and forever if a fault prevents it.
    pub status: u16,
    /// The error type in the response, if it is an error.
    pub error_type: Option<String>,
    /// The request id in the response.
    pub request_id: String,
    /// Time of arrival, by the world's clock.
    pub at: OffsetDateTime,
    /// The body including secrets, so it is for tests in this process only. Null if it was not JSON. A body of more
    /// than 16 KiB is replaced by a text with its first 16 KiB and its length.
    pub body: Value,
}

/// Maximum length of a body that is kept whole, in bytes.
const LONGEST_BODY: usize = 16 * 1024;

/// Origin of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallRoute {
    /// A program, with the project's credentials.
    Api,
    /// A program whose credentials were refused.
    Refused,
    /// A browser that opens a start URL, a link in an email, or a sign-in page.
    Browser,
}

impl CallRoute {
    /// `api` or `browser`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Api | Self::Refused => "api",
            Self::Browser => "browser",
        }
    }
}

/// A logged call. Its body is kept as text, because parsed JSON uses up to twenty times the memory.
#[derive(Clone, Debug)]
pub struct LoggedCall {
    /// The call, without its body.
    pub call: Call,
    pub route: CallRoute,
    /// The query parameters with secrets masked; null without a query.
    pub query: Value,
    /// What happened to the call's tokens that do not work, in the format of the control API.
    pub tokens: Vec<Value>,
    body: Box<str>,
}

impl LoggedCall {
    pub fn new(call: Call, route: CallRoute, query: &Value) -> Self {
        let mut body = serde_json::to_string(&call.body).unwrap_or_default();
        if body.len() > LONGEST_BODY {
            let note = format!("… (cut: the body had {} bytes)", body.len());
            body.truncate(body.floor_char_boundary(LONGEST_BODY));
            body = Value::from(body + &note).to_string();
        }
        let call = Call {
            body: Value::Null,
            ..call
        };
        Self {
            call,
            route,
            query: masked(query),
            tokens: Vec::new(),
            body: body.into_boxed_str(),
        }
    }

    /// The body with secrets masked. For a truncated body, only its length.
    pub fn masked_body(&self) -> Value {
        match serde_json::from_str(&self.body).unwrap_or_default() {
            Value::String(cut) => {
                let note = cut.rfind("… (cut: ").map_or("", |at| &cut[at..]);
                note.into()
            }
            body => masked(&body),
        }
    }

    /// The call with its body parsed.
    pub fn whole(&self) -> Call {
        Call {
            body: serde_json::from_str(&self.body).unwrap_or_default(),
            ..self.call.clone()
        }
    }
}
