//! SHA-256, from the library that TLS uses already, and random values.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::digest;

use crate::stytch::random;

/// An unguessable value: 32 random bytes, as 43 characters of base64url.
///
/// # Panics
/// If the operating system has no source of randomness, because nothing would be secure then.
pub fn random() -> String {
    URL_SAFE_NO_PAD.encode(random::bytes::<32>())
}

/// SHA-256 of a text, as base64url without padding.
pub fn sha256(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, text.as_bytes()))
}
