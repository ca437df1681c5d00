//! Random bytes from the operating system.

use ring::rand::{SecureRandom, SystemRandom};

/// `N` unguessable bytes.
///
/// # Panics
/// If the operating system has no source of randomness, because nothing would be secure then.
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    SystemRandom::new()
        .fill(&mut bytes)
        .expect("the operating system provides randomness");
    bytes
}
