//! PKCE (RFC 7636) binds a callback to the browser session that started the sign-in.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::digest;

use super::{PkceVerifier, random};

/// A new verifier: 32 random bytes as 43 characters of base64url (RFC 7636 §4.1).
///
/// # Panics
/// If the operating system has no source of randomness, because nothing would be secure then.
pub fn verifier() -> PkceVerifier {
    PkceVerifier::new(URL_SAFE_NO_PAD.encode(random::bytes::<32>()))
}

/// `BASE64URL(SHA256(verifier))`, the part of PKCE that is in the start URL (RFC 7636 §4.2, method S256).
pub fn challenge(verifier: &PkceVerifier) -> String {
    let hash = digest::digest(&digest::SHA256, verifier.expose().as_bytes());
    URL_SAFE_NO_PAD.encode(hash)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// The vector of Stytch's own browser SDK.
    #[test]
    fn challenge_is_the_vendors() {
        let verifier = PkceVerifier::new("00000000000000000000000000000000");
        assert_eq!(
            challenge(&verifier),
            "hODA6vqpWjTCk_J4rFLkXOU3urXnUqAOaVmhOuEDtlo"
        );
    }

    /// C3
    #[test]
    fn verifiers_are_long_and_distinct() {
        let verifiers: HashSet<String> = (0..1000).map(|_| verifier().expose().into()).collect();
        assert_eq!(verifiers.len(), 1000);
        assert!(verifiers.iter().all(|verifier| verifier.len() == 43));
    }
}
