//! Identifiers, each with a type of its own: a member id can't be passed where an organization id belongs.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! identifier {
    ($(#[$attribute:meta])* $name:ident) => {
        $(#[$attribute])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Wraps a value that Stytch sent.
            pub fn new(value: impl Into<String>) -> Self {
                Self(value.into())
            }

            /// The text as Stytch writes it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
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
    OrganizationId
}

identifier! {
    /// The name of an organization in URLs: 2 to 128 characters of `A-Z a-z 0-9 - . _ ~`.
    Slug
}

identifier! {
    /// `member-test-…`: a person in one organization.
    MemberId
}

identifier! {
    /// `saml-connection-test-…` or `oidc-connection-test-…`: an identity provider of one organization.
    ConnectionId
}

impl OrganizationId {
    /// `None` for text that can't be an id, a slug or an external id, and so would need encoding in a path.
    pub fn parse(text: &str) -> Option<Self> {
        is_name(text, "-._~|").then(|| Self::new(text))
    }
}

impl Slug {
    /// `None` for text that can't be a slug.
    pub fn parse(text: &str) -> Option<Self> {
        is_name(text, "-._~").then(|| Self::new(text))
    }
}

fn is_name(text: &str, punctuation: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || punctuation.contains(c);
    let has_letter = text.chars().any(|c| c.is_ascii_alphanumeric());
    (2..=128).contains(&text.len()) && text.chars().all(allowed) && has_letter
}
