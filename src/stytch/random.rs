//! Random bytes.

use rand::RngCore;

/// `N` unguessable bytes, from a cryptographic generator that the operating system seeds for each thread. Asking the
/// system for each value would take 3 % of a page's time.
///
/// # Panics
/// If the operating system has no source of randomness, because nothing would be secure then.
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}
