//! SHA-256 and random values, from the library that TLS uses already.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    digest,
    rand::{SecureRandom, SystemRandom},
};

/// An unguessable value: 32 random bytes, as 43 characters of base64url.
///
/// # Panics
/// If the operating system has no source of randomness, because nothing would be secure then.
pub fn random() -> String {
    let mut bytes = [0; 32];
    SystemRandom::new()
        .fill(&mut bytes)
        .expect("the operating system provides randomness");
    URL_SAFE_NO_PAD.encode(bytes)
}

/// SHA-256 of a text, as base64url without padding.
pub fn sha256(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, text.as_bytes()))
}
