//! The log of the calls that a world received.

use serde_json::Value;
use time::OffsetDateTime;

use crate::model::masked::masked;

/// A call of the server API (the endpoints with Basic auth, and the JWKS) that reached a world.
#[derive(Clone, Debug)]
pub struct Call {
    /// `POST`, `GET`, …
    pub method: String,
    /// The path without its query, double and trailing slashes taken away.
    pub path: String,
    /// The status that was answered; 0 as long as there is no answer, and for ever when a fault ate it.
    pub status: u16,
    /// The error that was answered, if it was one.
    pub error_type: Option<String>,
    /// The id in the answer.
    pub request_id: String,
    /// When it arrived, by the world's clock.
    pub at: OffsetDateTime,
    /// What was sent, secrets and all: for tests in this process only. Null when there was no JSON. A body
    /// of more than 16 KiB is a text: its first 16 KiB, and a note of how long it was.
    pub body: Value,
}

/// The longest body that is kept whole, in bytes.
const LONGEST_BODY: usize = 16 * 1024;

/// What sent a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallRoute {
    /// A program, with the project's credentials.
    Api,
    /// A program whose credentials were refused.
    Refused,
    /// A browser: a start URL, a link in an email, a page where people sign in.
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

/// A call as the log keeps it. Its body is text, because parsed JSON takes up to twenty times the memory.
#[derive(Clone, Debug)]
pub struct LoggedCall {
    /// The call, without its body.
    pub call: Call,
    pub route: CallRoute,
    /// The parameters of the query, with secrets masked; null without a query.
    pub query: Value,
    /// What happened to the tokens in it that do not work, as the control API shows it.
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

    /// The body without secrets. Of one that was cut, only how long it was.
    pub fn masked_body(&self) -> Value {
        match serde_json::from_str(&self.body).unwrap_or_default() {
            Value::String(cut) => {
                let note = cut.rfind("… (cut: ").map_or("", |at| &cut[at..]);
                note.into()
            }
            body => masked(&body),
        }
    }

    /// The call with its body.
    pub fn whole(&self) -> Call {
        Call {
            body: serde_json::from_str(&self.body).unwrap_or_default(),
            ..self.call.clone()
        }
    }
}
