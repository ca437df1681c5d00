//! Masks secrets in logged JSON.

use serde_json::{Map, Value};

use crate::model::ids;

/// Replacement for a secret.
const MASK: &str = "***";

/// Words in the names of fields that hold secrets.
const SECRET: [&str; 14] = [
    "token",
    "tokens",
    "jwt",
    "secret",
    "password",
    "code",
    "codes",
    "verifier",
    "hash",
    "salt",
    "cookie",
    "key",
    "authorization",
    "assertion",
];

/// Fields with such a word in their name that are not secret.
const PUBLIC: [&str; 6] = [
    "public_token",
    "hash_type",
    "stytch_token_type",
    "status_code",
    "country_code",
    "pkce_code_challenge",
];

/// The value with secrets masked: fields with secret names, and texts that look like a token or a JWT.
pub fn masked(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let field =
                |(name, value): (&String, &Value)| (name.clone(), masked_field(name, value));
            Value::Object(fields.iter().map(field).collect::<Map<_, _>>())
        }
        Value::Array(items) => items.iter().map(masked).collect(),
        Value::String(text) if is_secret_text(text) => MASK.into(),
        other => other.clone(),
    }
}

fn masked_field(name: &str, value: &Value) -> Value {
    match value {
        Value::Null | Value::Bool(_) => value.clone(),
        Value::Object(_) if name != "password" => masked(value),
        _ if is_secret_name(name) => MASK.into(),
        _ => masked(value),
    }
}

fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let is_id = name.ends_with("_id") || name.ends_with("_ids");
    let mut words = name.split(['_', '-', '.']);
    !is_id && !PUBLIC.contains(&name.as_str()) && words.any(|word| SECRET.contains(&word))
}

fn is_secret_text(text: &str) -> bool {
    let is_jwt = text.starts_with("eyJ") && text.split('.').count() == 3;
    is_jwt || ids::is_token(text) || text.starts_with("secret-test-")
}
