//! Identifiers. Each has its own type, so a member id can't be passed as an organization id.
//!
//! They become part of paths, links and headers. Therefore, a response with unexpected characters in one is unreadable.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de::Error};

macro_rules! identifier {
    ($(#[$attribute:meta])* $name:ident, $punctuation:literal) => {
        $(#[$attribute])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Wraps a value that Stytch sent.
            pub fn new(value: impl Into<String>) -> Self {
                Self(value.into())
            }

            /// `None` for text that can't be one: 2 to 128 letters and digits of ASCII, and some punctuation.
            pub fn parse(text: &str) -> Option<Self> {
                is_name(text, $punctuation).then(|| Self::new(text))
            }

            /// The text as Stytch writes it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                if text.trim().is_empty() {
                    return Ok(Self::default());
                }
                if !is_name(&text, $punctuation) {
                    return Err(D::Error::custom("not an identifier"));
                }
                Ok(Self(text))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, text: &str) -> bool {
                self.0 == text
            }
        }
    };
}

identifier! {
    /// `organization-test-…`. Where Stytch accepts them, also a slug or an external id.
    OrganizationId, "-._~|"
}

identifier! {
    /// The name of an organization in URLs: 2 to 128 characters of `A-Z a-z 0-9 - . _ ~`.
    Slug, "-._~"
}

identifier! {
    /// `member-test-…`: a person in one organization.
    MemberId, "-._|"
}

identifier! {
    /// `saml-connection-test-…` or `oidc-connection-test-…`: an identity provider of one organization.
    ConnectionId, "-._|"
}

fn is_name(text: &str, punctuation: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric();
    let is_allowed = |byte| is_letter(byte) || punctuation.as_bytes().contains(&byte);
    (2..=128).contains(&text.len()) && text.bytes().all(is_allowed) && text.bytes().any(is_letter)
}
