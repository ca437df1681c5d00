//! Encrypts records in Redis. A person who can read Redis can't sign in with a record, and a record that another
//! program wrote can't be decrypted. The exception is an old record of this app under the same id: a person who can
//! write to Redis can restore it.

use std::{collections::HashSet, fmt, sync::Arc};

use base64::{Engine, engine::general_purpose::STANDARD};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use crate::stytch::random;

/// `SESSION_KEY`: 32 bytes for AES-256-GCM. It has no `Display`, and `Debug` does not show it.
#[derive(Clone)]
pub struct SessionKey(Arc<LessSafeKey>);

impl SessionKey {
    /// Decodes a key from base64, as `openssl rand -base64 32` prints it. `None` if it does not have 32 bytes, or they
    /// are obviously not random.
    pub fn from_base64(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text).ok()?;
        if is_weak(&bytes) {
            return None;
        }
        let key = UnboundKey::new(&AES_256_GCM, &bytes).ok()?;
        Some(Self(Arc::new(LessSafeKey::new(key))))
    }

    /// Encrypts a record. The result is the nonce, then the ciphertext and the tag. It can be decrypted only with the
    /// same `name`. The nonce is random, which is safe for 2^32 encryptions with one key (NIST SP 800-38D §8.3).
    ///
    /// # Panics
    /// If the operating system has no source of randomness, or for more than 64 GiB.
    pub(super) fn seal(&self, name: &str, mut plain: Vec<u8>) -> Vec<u8> {
        let nonce: [u8; NONCE_LEN] = random::bytes();
        self.0
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(name),
                &mut plain,
            )
            .expect("less than 64 GiB");
        [nonce.as_slice(), &plain].concat()
    }

    /// Decrypts the record that begins at offset `begin` of `sealed`. `None` if it was not encrypted with this key for this name.
    pub(super) fn open(&self, name: &str, mut sealed: Vec<u8>, begin: usize) -> Option<Vec<u8>> {
        let nonce = sealed.get(begin..)?.first_chunk()?;
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let ciphertext = begin + NONCE_LEN..;
        let opened = (self.0).open_within(nonce, Aad::from(name), &mut sealed, ciphertext);
        let length = opened.ok()?.len();
        sealed.truncate(length);
        Some(sealed)
    }
}

/// Minimum number of different bytes in a key, and of different steps between adjacent bytes. One in 10^30 random keys
/// has fewer.
const FEWEST_DIFFERENT: usize = 8;

/// Whether a key was typed and not generated: zeros, a repeated pattern, or bytes that count up.
fn is_weak(key: &[u8]) -> bool {
    let steps = key.windows(2).map(|pair| pair[1].wrapping_sub(pair[0]));
    let different = |bytes: HashSet<u8>| bytes.len();
    different(key.iter().copied().collect()) < FEWEST_DIFFERENT
        || different(steps.collect()) < FEWEST_DIFFERENT
}

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One that only looks random: squares.
    fn bytes(seed: u8, length: u8) -> Vec<u8> {
        let square = |at: u8| at.wrapping_mul(at).wrapping_mul(3).wrapping_add(at ^ seed);
        (0..length).map(square).collect()
    }

    fn key(seed: u8) -> SessionKey {
        SessionKey::from_base64(&STANDARD.encode(bytes(seed, 32))).unwrap()
    }

    /// Opens the record after a prefix, as in Redis, and checks that the result is the same without one.
    fn open(seed: u8, name: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let opened = key(seed).open(name, [b"before", sealed].concat(), 6);
        assert_eq!(opened, key(seed).open(name, sealed.to_vec(), 0));
        opened
    }

    /// V2
    #[test]
    fn only_what_was_sealed_opens() {
        let sealed = key(1).seal("name", b"a session".to_vec());
        assert_eq!(open(1, "name", &sealed).unwrap(), b"a session");
        assert!(open(2, "name", &sealed).is_none(), "another key");
        assert!(open(1, "other", &sealed).is_none(), "another name");
        for at in 0..sealed.len() {
            let mut forged = sealed.clone();
            forged[at] ^= 1;
            assert!(open(1, "name", &forged).is_none(), "bit in byte {at}");
            assert!(open(1, "name", &sealed[..at]).is_none(), "cut at {at}");
        }
        assert!(
            !sealed.windows(9).any(|part| part == b"a session"),
            "readable"
        );
        let again = key(1).seal("name", b"a session".to_vec());
        assert_ne!(sealed[..NONCE_LEN], again[..NONCE_LEN], "a nonce twice");
    }

    /// V2
    #[test]
    fn keys_have_32_bytes_and_are_not_shown() {
        for bytes in [0, 16, 31, 33, 64] {
            let key = self::bytes(7, bytes);
            assert!(SessionKey::from_base64(&STANDARD.encode(key)).is_none());
        }
        assert!(SessionKey::from_base64("not base64!").is_none());
        assert_eq!(format!("{:?}", key(7)), "[redacted]");
    }

    /// V2: what people type instead of a random key.
    #[test]
    fn keys_are_made_at_random() {
        let counting_up = (0..32).collect::<Vec<u8>>();
        for weak in [
            [0; 32].as_slice(),
            &[255; 32],
            &counting_up,
            &counting_up.iter().rev().copied().collect::<Vec<_>>(),
            b"abcdefghijklmnopqrstuvwxyzabcdef",
            b"12345671234567123456712345671234",
            b"changemechangemechangemechangeme",
        ] {
            let text = STANDARD.encode(weak);
            assert!(SessionKey::from_base64(&text).is_none(), "{text}");
        }
        assert!(SessionKey::from_base64(&STANDARD.encode(bytes(0, 32))).is_some());
    }
}
