//! Strings that must never be shown. They have no `Display`, and `Debug` prints `[redacted]`.

#![expect(missing_docs, reason = "each kind is named after its alias")]

use std::{fmt, marker::PhantomData};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A secret of one kind, so a session token can't be passed as an intermediate session token.
pub struct Secret<Kind>(String, PhantomData<fn() -> Kind>);

/// Proof of a first factor, before the sign-in is complete. Valid for ten minutes, and used up by a complete sign-in.
pub type IntermediateSessionToken = Secret<kind::IntermediateSessionToken>;
/// The opaque token of a member session. Valid as long as the session.
pub type SessionToken = Secret<kind::SessionToken>;
/// A signed statement about the same session. Valid for five minutes.
pub type SessionJwt = Secret<kind::SessionJwt>;
/// The one-time token in a callback URL.
pub type CallbackToken = Secret<kind::CallbackToken>;
/// The half of PKCE that stays on the server until the callback (RFC 7636).
pub type PkceVerifier = Secret<kind::PkceVerifier>;
/// The project's password at Stytch.
pub type ProjectSecret = Secret<kind::ProjectSecret>;
/// A token for the API of an OAuth provider.
pub type ProviderToken = Secret<kind::ProviderToken>;

/// The key from which an authenticator app computes codes.
pub type TotpSecret = Secret<kind::TotpSecret>;
/// A recovery code, for a member who has lost the authenticator app.
pub type RecoveryCode = Secret<kind::RecoveryCode>;

/// The kinds, as types without values.
pub mod kind {
    pub enum IntermediateSessionToken {}
    pub enum SessionToken {}
    pub enum SessionJwt {}
    pub enum CallbackToken {}
    pub enum PkceVerifier {}
    pub enum ProjectSecret {}
    pub enum ProviderToken {}
    pub enum TotpSecret {}
    pub enum RecoveryCode {}
}

impl<Kind> Secret<Kind> {
    /// Wraps a value.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into(), PhantomData)
    }

    /// Returns the value. There is no other way to read it, so a search finds every use.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is no value, which Stytch sends as `""`.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl ProviderToken {
    /// The last four characters of a long secret, which distinguish two tokens but can't be used. Empty for an empty
    /// one.
    pub fn masked(&self) -> String {
        let long_enough = self.0.len() >= 16;
        let ending = self.0.get(self.0.len().saturating_sub(4)..);
        match ending {
            _ if self.0.is_empty() => String::new(),
            Some(ending) if long_enough => format!("…{ending}"),
            _ => "…".to_owned(),
        }
    }
}

impl<Kind> Clone for Secret<Kind> {
    fn clone(&self) -> Self {
        Self::new(self.0.clone())
    }
}

impl<Kind> Default for Secret<Kind> {
    fn default() -> Self {
        Self::new("")
    }
}

impl<Kind> fmt::Debug for Secret<Kind> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

// Serialized into the server-side session and into requests to Stytch, nowhere else.
impl<Kind> Serialize for Secret<Kind> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de, Kind> Deserialize<'de> for Secret<Kind> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // `null` and absent mean the same to the vendor as `""`.
        Ok(Self::new(
            Option::<String>::deserialize(deserializer)?.unwrap_or_default(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// V2
    #[test]
    fn debug_shows_nothing() {
        let token = SessionToken::new("mZAYn5aLEqKUlZ_Ad9U");
        assert_eq!(format!("{token:?}"), "[redacted]");
        assert_eq!(format!("{:#?}", Some(token)), "Some(\n    [redacted],\n)");
    }

    #[test]
    fn a_masked_token_is_of_no_use() {
        let masked = |token: &str| ProviderToken::new(token).masked();
        assert_eq!(masked("ya29.a0ARrdaM-abcdefgh1234"), "…1234");
        assert_eq!(masked("short"), "…");
        assert_eq!(masked("ends in a wide sign 🦀"), "…🦀");
        assert_eq!(masked(""), "");
    }
}
