//! SHA-256 and random values, from the library that TLS already brings.

use aws_lc_rs::{digest, rand};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// 32 random bytes as 43 characters of base64url: a value that nobody can guess.
///
/// # Panics
/// When the operating system provides no randomness, because nothing would be safe then.
pub fn random() -> String {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes).expect("the operating system provides randomness");
    URL_SAFE_NO_PAD.encode(bytes)
}

/// SHA-256 of the text as base64url without padding.
pub fn sha256(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, text.as_bytes()))
}
