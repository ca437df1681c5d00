//! PKCE. See `docs/stytch.md#pkce`.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::digest::{SHA256, digest};

use crate::model::ApiError;

/// Checks the verifier of the call against the challenge of the start. On `pkce_mismatch`, the caller must invalidate
/// the token, because it was sent by someone who did not start the flow. (The vendor does not document this.) The
/// verifier is base64url text of any length; the hexadecimal digits of the vendor's SDKs are valid base64url.
pub fn check(challenge: Option<&str>, verifier: Option<&str>) -> Result<(), ApiError> {
    if verifier.is_some_and(|verifier| !verifier.bytes().all(is_base64url)) {
        return Err(ApiError::of("invalid_pkce_code_verifier"));
    }
    match (challenge, verifier) {
        (None, None) => Ok(()),
        (Some(_), None) => Err(ApiError::of("pkce_expected_code_verifier")),
        (None, Some(_)) => Err(ApiError::of("pkce_did_not_expect_code_verifier")),
        (Some(challenge), Some(verifier)) if challenge == challenge_of(verifier) => Ok(()),
        (Some(_), Some(_)) => Err(ApiError::of("pkce_mismatch")),
    }
}

/// Reads the challenge of a request that starts a flow: a SHA-256 in unpadded base64url, which has 43 characters.
pub fn challenge(given: Option<&str>) -> Result<Option<String>, ApiError> {
    match given {
        Some(challenge) if challenge.len() != 43 || !challenge.bytes().all(is_base64url) => {
            Err(ApiError::of("invalid_pkce_code_challenge"))
        }
        given => Ok(given.map(str::to_owned)),
    }
}

fn is_base64url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// `BASE64URL(SHA256(ASCII(verifier)))` without padding.
fn challenge_of(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()))
}

#[cfg(test)]
mod tests {
    /// A test vector of the vendor's browser SDK, from `docs/stytch.md#pkce`.
    #[test]
    fn challenges_are_the_vendors() {
        let verifier = "00000000000000000000000000000000";
        assert_eq!(
            super::challenge_of(verifier),
            "hODA6vqpWjTCk_J4rFLkXOU3urXnUqAOaVmhOuEDtlo"
        );
    }
}
