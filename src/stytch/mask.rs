//! Replaces secrets with markers, so that a call or a URL can be shown to a developer.
//!
//! A value is masked because of its key (`session_token`, `code`), or because it looks like a token under any key.
//! Of a phone number, the last four digits are shown. Email addresses, names, and the vendor's identifiers stay as they
//! are.

use std::{borrow::Cow, sync::LazyLock};

use ring::hmac;
use serde_json::Value;
use url::form_urlencoded;

use super::{random, token_form::holds_token};

/// Ends of the keys whose values are secret, in lower case.
const SECRET_ENDINGS: [&str; 20] = [
    "token",
    "tokens",
    "jwt",
    "secret",
    "secrets",
    "code",
    "codes",
    "verifier",
    "password",
    "passwords",
    "cookie",
    "cookies",
    "authorization",
    "key",
    "nonce",
    "hash",
    "assertion",
    "signature",
    "form_id",
    "credential",
];

/// Keys whose values are never masked: browsers see the first ones in start URLs, and the others look like tokens by
/// chance.
const SHOWN: [&str; 10] = [
    "public_token",
    "pkce_code_challenge",
    "status_code",
    "postal_code",
    "country_code",
    "provider_subject",
    "provider_tenant_id",
    "organization_slug",
    "organization_name",
    "email_address",
];

/// Key of the markers: random for each process, so that a marker tells nothing about the value.
static KEY: LazyLock<hmac::Key> =
    LazyLock::new(|| hmac::Key::new(hmac::HMAC_SHA256, &random::bytes::<32>()));

/// The marker of a secret: dots and six hexadecimal digits of its keyed hash. Equal secrets have equal markers until
/// the process ends.
pub fn marker(secret: &str) -> String {
    let tag = hmac::sign(&KEY, secret.as_bytes());
    let [a, b, c, ..] = tag.as_ref() else {
        return "••••".to_owned();
    };
    format!("••••{a:02x}{b:02x}{c:02x}")
}

/// Masks every secret in a JSON value.
pub fn json(value: &mut Value) {
    mask(value, Treatment::Text);
}

/// Masks secrets in a URL or path: values of its query by their keys, and everything that looks like a token. The
/// result is for people, so its query is not percent-encoded.
pub fn url(url: &str) -> String {
    let (url, fragment) = split(url, '#');
    let (path, query) = split(url, '?');
    let mut masked = segments(path);
    if let Some(query) = query {
        let pairs = form_urlencoded::parse(query.as_bytes());
        let pairs = pairs.map(|(key, value)| match Treatment::of(&key, Treatment::Text) {
            // A flag, such as `include_refresh_token=true`.
            _ if ["", "true", "false"].contains(&&*value) => format!("{key}={value}"),
            Treatment::Secret => format!("{key}={}", marker(&value)),
            Treatment::Shown => format!("{key}={value}"),
            Treatment::Phone => format!("{key}={}", phone(&value)),
            Treatment::Text => format!("{}={}", text(&key), text(&value)),
        });
        masked = format!("{masked}?{}", pairs.collect::<Vec<_>>().join("&"));
    }
    match fragment {
        Some(fragment) => format!("{masked}#{}", text(fragment)),
        None => masked,
    }
}

/// Masks the words of a text that look like tokens, and the queries of its URLs.
pub fn text(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    for part in text.split_inclusive(ends_word) {
        let word = part.trim_end_matches(ends_word);
        if word.contains("://") {
            masked.push_str(&url(word));
        } else if holds_token(word) {
            masked.push_str(&marker(word));
        } else {
            masked.push_str(word);
        }
        masked.push_str(&part[word.len()..]);
    }
    masked
}

/// What happens to a value.
#[derive(Clone, Copy, PartialEq)]
enum Treatment {
    /// It is masked in any case.
    Secret,
    /// It is shown in any case.
    Shown,
    /// Its last four digits are shown.
    Phone,
    /// Its words are masked if they look like tokens.
    Text,
}

impl Treatment {
    /// The treatment of the value with this key. Everything inside a secret is secret.
    fn of(key: &str, parent: Self) -> Self {
        let key = key.to_ascii_lowercase();
        if parent == Self::Secret {
            Self::Secret
        } else if SHOWN.contains(&key.as_str()) {
            Self::Shown
        } else if key.ends_with("phone_number") {
            Self::Phone
        } else if SECRET_ENDINGS.iter().any(|ending| key.ends_with(ending)) {
            Self::Secret
        } else {
            Self::Text
        }
    }
}

fn mask(value: &mut Value, treatment: Treatment) {
    match value {
        Value::Null | Value::Bool(_) => {}
        Value::Number(number) => {
            if treatment == Treatment::Secret {
                *value = Value::String(marker(&number.to_string()));
            }
        }
        Value::String(string) => match treatment {
            Treatment::Secret if !string.is_empty() => *string = marker(string),
            Treatment::Phone => *string = phone(string),
            Treatment::Text => *string = text(string),
            _ => {}
        },
        Value::Array(items) => items.iter_mut().for_each(|item| mask(item, treatment)),
        Value::Object(fields) => {
            let masked = std::mem::take(fields).into_iter().map(|(key, mut value)| {
                mask(&mut value, Treatment::of(&key, treatment));
                (text(&key), value)
            });
            *fields = masked.collect();
        }
    }
}

/// The last four digits of a phone number, as pages show it. Empty for a text that is too short to be one.
fn phone(number: &str) -> String {
    let ending = number.len().checked_sub(4).filter(|at| *at >= 4);
    match ending.and_then(|at| number.get(at..)) {
        _ if number.is_empty() => String::new(),
        Some(ending) => format!("••••{ending}"),
        None => "••••".to_owned(),
    }
}

/// Masks the segments of a path that look like tokens.
fn segments(path: &str) -> String {
    let mask = |segment| {
        if holds_token(segment) {
            Cow::from(marker(segment))
        } else {
            Cow::from(segment)
        }
    };
    path.split('/').map(mask).collect::<Vec<_>>().join("/")
}

fn split(text: &str, at: char) -> (&str, Option<&str>) {
    match text.split_once(at) {
        Some((before, after)) => (before, Some(after)),
        None => (text, None),
    }
}

fn ends_word(c: char) -> bool {
    c.is_whitespace() || "\"'`<>()[]{},;".contains(c)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TOKEN: &str = "mZAYn5aLEqKUlZ_Ad9U_fWr38GaAQ1oFhhT8ds245v7Q";

    fn masked(mut value: Value) -> Value {
        json(&mut value);
        value
    }

    fn shown(value: &Value) {
        assert_eq!(&masked(value.clone()), value);
    }

    /// S30: these values don't look like tokens, so they are masked only because of their keys.
    #[test]
    fn each_secret_key_is_masked() {
        for key in [
            "session_token",
            "tokens",
            "session_jwt",
            "secret",
            "client_secrets",
            "code",
            "recovery_codes",
            "qr_code",
            "pkce_code_verifier",
            "password",
            "passwords",
            "cookie",
            "cookies",
            "Authorization",
            "private_key",
            "nonce",
            "hash",
            "assertion",
            "signature",
            "form_id",
            "credential",
            "intermediate_session_token",
            "discovery_magic_links_token",
            "accessToken",
        ] {
            let text = masked(json!({"outer": [{ key: "plain" }]})).to_string();
            assert!(
                !text.contains("plain") && text.contains("••••"),
                "{key}: {text}"
            );
            let text = masked(json!({ key: ["plain", {"inner": "plain"}, 123_456] })).to_string();
            assert!(
                !text.contains("plain") && !text.contains("123456"),
                "{key}: {text}"
            );
            let text = url(&format!("/path?{key}=plain&next=1"));
            assert!(
                !text.contains("plain") && text.ends_with("&next=1"),
                "{key}: {text}"
            );
        }
    }

    /// S30: under any key, in any text.
    #[test]
    fn what_looks_like_a_token_is_masked() {
        let jwt = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJtZW1iZXIifQ.c2lnbmF0dXJlc2lnbmF0dXJl";
        let secret = "secret-test-c7dd9c8b-46dd-4d59-8a1e-2f0e9a0b5c11";
        for token in [
            TOKEN,
            jwt,
            secret,
            "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
            "AAAAAAAAAAAAAAAAAAAaAA",
        ] {
            for text in [
                masked(json!({ "new_field": token })).to_string(),
                masked(json!({ token: 1 })).to_string(),
                masked(json!({"message": format!("the token '{token}' is unknown, {token}.")}))
                    .to_string(),
                masked(json!({"link": format!("https://a.example/x/{token}?a={token}#{token}")}))
                    .to_string(),
                url(&format!("/static/{token}")),
                url(&format!(
                    "https://a.example/?next=https://b.example/?t%3D{token}"
                )),
                text(&format!("{token}=")),
            ] {
                let part = &token[..12];
                assert!(
                    !text.contains(part) && text.contains("••••"),
                    "{token}: {text}"
                );
            }
        }
    }

    #[test]
    fn what_helps_is_shown() {
        shown(&json!({
            "member_id": "member-test-32fc5024-9c09-4da3-bd2e-c9ce4da9375f",
            "status_code": 200,
            "email_address": "ada.lovelace-1815-analytical@acme.example",
            "started_at": "2026-11-27T02:13:01.123456Z",
            "organization_logo_url": "https://acme.example/logo.png?size=2",
            "discovery_redirect_url": "http://localhost:3000/discovery",
            "provider_subject": "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ",
            "session_duration_minutes": 60,
            "member_authenticated": false,
            "session_token": "",
            "recovery_codes": [],
            "error_message": "The organization was not found, see https://stytch.com/docs/api/errors/404#organization_not_found.",
        }));
        let start = "http://127.0.0.1:3100/v1/b2b/public/oauth/google/discovery/start\
                     ?public_token=public-token-test-b8c84de4-7d58-4ffc-9341-432b56596862\
                     &pkce_code_challenge=hODA6vqpWjTCk_J4rFLkXOU3urXnUqAOaVmhOuEDtlo";
        assert_eq!(url(start), start);
        assert_eq!(
            url("/org/acme?include_refresh_token=true"),
            "/org/acme?include_refresh_token=true"
        );
    }

    /// S30: as on the pages, where a stolen first factor shows no more.
    #[test]
    fn phone_numbers_end_visibly() {
        for (number, shown) in [
            ("+12025550162", "••••0162"),
            ("12", "••••"),
            ("", ""),
            ("+1202555é6é", "••••"),
        ] {
            let phone = masked(json!({"mfa_phone_number": number, "phone_number": [number]}));
            assert_eq!(
                phone,
                json!({"mfa_phone_number": shown, "phone_number": [shown]})
            );
        }
        assert_eq!(
            url("/x?phone_number=%2B12025550162"),
            "/x?phone_number=••••0162"
        );
    }

    #[test]
    fn markers_tell_values_apart() {
        assert_eq!(marker(TOKEN), marker(TOKEN));
        assert_ne!(marker(TOKEN), marker("123456"));
        assert_eq!(marker(TOKEN).chars().count(), 10);
        let both = masked(json!({"session_token": TOKEN, "new_field": TOKEN}));
        assert_eq!(both["session_token"], both["new_field"]);
        assert_eq!(both["session_token"], marker(TOKEN));
    }
}
