//! What the inspector shows of a call. Secrets are masked before anything is kept.

use std::fmt::Write;

use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::mask;

/// Maximum size of a response that is recorded, in bytes.
pub(super) const LARGEST_READ: usize = 256 * 1024;

/// Maximum recorded length of a request or a response, in bytes.
const LONGEST_TEXT: usize = 8 * 1024;

/// One call to Stytch, with its secrets masked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedCall {
    /// HTTP method.
    pub method: String,
    /// Path and query below the API's origin.
    pub path: String,
    /// The request's JSON; empty if it had no body.
    pub request: String,
    /// HTTP status; `None` if no response came.
    pub status: Option<u16>,
    /// The response's JSON, or a note about a body that is not shown; empty if none came.
    pub response: String,
    /// The vendor's id of the call; empty if none came.
    pub request_id: String,
    /// Duration from the first byte of the request to the last byte of the response.
    pub milliseconds: u64,
}

impl RecordedCall {
    pub(super) fn begin(method: &Method, path: &str, body: Option<&[u8]>) -> Self {
        let request = body.and_then(|body| serde_json::from_slice(body).ok());
        Self {
            method: method.to_string(),
            path: mask::url(path),
            request: request.map(shown).unwrap_or_default(),
            ..Self::default()
        }
    }

    pub(super) fn read_response(&mut self, body: &[u8]) {
        if body.len() > LARGEST_READ {
            self.response = format!("(more than {LARGEST_READ} bytes, which are not shown)");
            return;
        }
        match serde_json::from_slice::<Value>(body) {
            Ok(value) => {
                self.request_id = mask::text(value["request_id"].as_str().unwrap_or_default());
                self.response = shown(value);
            }
            Err(_) => self.response = format!("({} bytes that are not JSON)", body.len()),
        }
    }
}

/// The masked value as indented JSON, cut where it is long.
fn shown(mut value: Value) -> String {
    mask::json(&mut value);
    let mut text = match value {
        Value::Object(fields) => short_fields_first(fields),
        value => pretty(&value),
    };
    if text.len() > LONGEST_TEXT {
        let more = text.len() - text.floor_char_boundary(LONGEST_TEXT);
        text.truncate(text.len() - more);
        let _ = write!(text, "\n… {more} more bytes");
    }
    text
}

/// Long fields, such as lists of organizations, come last, so that the cut hides as few fields as possible.
fn short_fields_first(fields: Map<String, Value>) -> String {
    let fields = fields.into_iter().map(|(key, value)| {
        let value = pretty(&value).replace('\n', "\n  ");
        format!("  {}: {value}", Value::String(key))
    });
    let mut fields: Vec<String> = fields.collect();
    fields.sort_by_key(String::len);
    match fields.len() {
        0 => "{}".to_owned(),
        _ => format!("{{\n{}\n}}", fields.join(",\n")),
    }
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(body: &str) -> RecordedCall {
        let mut call = RecordedCall::begin(&Method::GET, "/v1/b2b/x?token=abc", None);
        call.read_response(body.as_bytes());
        call
    }

    /// S30
    #[test]
    fn bodies_are_masked() {
        let request = json!({"code": "123456", "email_address": "ada@acme.example"});
        let call = RecordedCall::begin(
            &Method::POST,
            "/v1/b2b/x",
            Some(request.to_string().as_bytes()),
        );
        assert!(!call.request.contains("123456"), "{}", call.request);
        assert!(
            call.request.contains("ada@acme.example"),
            "{}",
            call.request
        );
        let call = read(r#"{"request_id": "request-id-test-1", "session_token": "abc"}"#);
        assert!(
            !call.response.contains("abc") && !call.path.contains("abc"),
            "{call:?}"
        );
        assert_eq!(call.request_id, "request-id-test-1");
    }

    #[test]
    fn the_cut_hides_long_fields() {
        let list: Vec<_> = (0..2000).map(|n| format!("organization {n}")).collect();
        let body = json!({"a": list, "status_code": 200, "z": {"deep": [1]}}).to_string();
        let call = read(&body);
        assert!(
            call.response.len() < LONGEST_TEXT + 40,
            "{}",
            call.response.len()
        );
        assert!(
            call.response
                .starts_with("{\n  \"status_code\": 200,\n  \"z\": {\n"),
            "{}",
            call.response
        );
        assert!(call.response.ends_with(" more bytes"), "{}", call.response);
        let whole = read(r#"{"a": {"b": [1, "two"]}}"#).response;
        assert_eq!(
            serde_json::from_str::<Value>(&whole).unwrap(),
            json!({"a": {"b": [1, "two"]}})
        );
    }

    #[test]
    fn what_is_no_json_is_not_shown() {
        assert_eq!(read("<html>").response, "(6 bytes that are not JSON)");
        assert!(
            read(&"x".repeat(LARGEST_READ + 1))
                .response
                .contains("not shown")
        );
        assert_eq!(read("{}").response, "{}");
    }
}
