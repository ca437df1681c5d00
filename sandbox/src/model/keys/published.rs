//! The private keys that this repository contains. They are not secret.

use std::sync::{Arc, LazyLock};

use super::{Key, certificate};

const SIGNING_PEM: &str = include_str!("NOT-A-SECRET-sandbox-signing-key.pem");
const SIGNING_JWK: &str = include_str!("sandbox-signing-key.jwk.json");

const PROVIDER_PEM: &str = include_str!("NOT-A-SECRET-sandbox-provider-key.pem");
const PROVIDER_JWK: &str = include_str!("sandbox-provider-key.jwk.json");

const ROTATION_PEM: &str = include_str!("NOT-A-SECRET-sandbox-rotation-keys.pem");
const END: &str = "-----END PRIVATE KEY-----\n";

/// The key with which every world starts.
pub static SIGNING: LazyLock<Arc<Key>> = LazyLock::new(|| with_jwk(SIGNING_PEM, SIGNING_JWK));

/// The key of the simulated identity providers, which signs ID tokens but no sessions.
pub static PROVIDER: LazyLock<Arc<Key>> = LazyLock::new(|| with_jwk(PROVIDER_PEM, PROVIDER_JWK));

fn with_jwk(pem: &str, jwk: &str) -> Arc<Key> {
    let jwk = serde_json::from_str(jwk).expect("the embedded JWK is JSON");
    Arc::new(Key::read(pem, jwk).expect("an RSA key and its JWK"))
}

/// The key that follows this one in a rotation, with a new `kid`. There are eight keys for rotations, so the ninth
/// rotation uses the first of them again, under another `kid`.
pub fn after(key: &Key) -> Key {
    let pems: Vec<&str> = ROTATION_PEM.split_inclusive(END).collect();
    let last = pems.iter().position(|pem| pem.trim() == key.pem.trim());
    let next = last.map_or(0, |last| (last + 1) % pems.len());
    certificate::with_new_id(pems[next]).expect("an RSA key")
}
