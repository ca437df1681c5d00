//! Callbacks from Stytch: which ones each URL accepts, and the pending sign-ins that wait for one.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{member::OrganizationSummary, origin::Origin};
use crate::{
    crypto,
    stytch::{PkceVerifier, Slug, secret::CallbackToken},
};

/// A callback to `/discovery`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum DiscoveryCallback {
    /// From an OAuth provider.
    Oauth(CallbackToken),
    /// From a link in an email.
    MagicLink(CallbackToken),
}

/// A callback to `/authenticate`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum OrganizationCallback {
    /// From an OAuth provider.
    Oauth(CallbackToken),
    /// From an identity provider of the organization.
    Sso(CallbackToken),
    /// From a link in an email: a sign-in, a sign-up or an invitation.
    MagicLink(CallbackToken),
}

/// A callback to either URL.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each variant is named after its type")]
pub enum Callback {
    Discovery(DiscoveryCallback),
    Organization(OrganizationCallback),
}

/// The token types that this app accepts in callbacks, by the values of `stytch_token_type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    missing_docs,
    reason = "each variant is named after the vendor's value"
)]
pub enum TokenType {
    DiscoveryOauth,
    Oauth,
    Sso,
    Discovery,
    MultiTenantMagicLinks,
}

/// A sign-in that was started at Stytch and has not returned.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PendingSignIn {
    /// The type of the callback that completes it.
    pub token_type: TokenType,
    /// Secret half of PKCE (RFC 7636).
    pub verifier: PkceVerifier,
    /// When the browser left.
    pub started_at: OffsetDateTime,
    /// How the sign-in was started, to offer "start again".
    pub origin: Origin,
    /// The organization that the response must be about; `None` for Discovery.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<OrganizationSummary>,
}

/// A callback of a sign-in that this browser did not start. Its token is not used until the visitor confirms it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UnsolicitedCallback {
    /// The callback with its token.
    pub callback: Callback,
    /// The organization named in the callback URL, if any.
    pub slug: Option<Slug>,
    /// When it arrived.
    pub received_at: OffsetDateTime,
    /// Whether it replaced another one that waited for confirmation.
    #[serde(default)]
    pub is_second: bool,
}

impl PendingSignIn {
    /// Whether a callback could belong to either sign-in, because both have the same type and the same organization. Of
    /// two such sign-ins, only the later one can finish, because their callbacks can't be distinguished.
    pub fn is_like(&self, other: &Self) -> bool {
        self.token_type == other.token_type && self.slug() == other.slug()
    }

    /// Slug of its organization; `None` for Discovery.
    pub fn slug(&self) -> Option<&Slug> {
        let organization = self.organization.as_ref();
        organization.map(|it| &it.organization_slug)
    }
}

impl DiscoveryCallback {
    /// The type of its token.
    pub fn token_type(&self) -> TokenType {
        match self {
            Self::Oauth(_) => TokenType::DiscoveryOauth,
            Self::MagicLink(_) => TokenType::Discovery,
        }
    }

    /// Its one-time token.
    pub fn token(&self) -> &CallbackToken {
        let (Self::Oauth(token) | Self::MagicLink(token)) = self;
        token
    }
}

impl OrganizationCallback {
    /// The type of its token.
    pub fn token_type(&self) -> TokenType {
        match self {
            Self::Oauth(_) => TokenType::Oauth,
            Self::Sso(_) => TokenType::Sso,
            Self::MagicLink(_) => TokenType::MultiTenantMagicLinks,
        }
    }

    /// Its one-time token.
    pub fn token(&self) -> &CallbackToken {
        let (Self::Oauth(token) | Self::Sso(token) | Self::MagicLink(token)) = self;
        token
    }
}

impl UnsolicitedCallback {
    /// Identifies the callback on the confirmation page, without revealing its token.
    pub fn fingerprint(&self) -> String {
        crypto::sha256(self.token())
    }

    fn token(&self) -> &str {
        match &self.callback {
            Callback::Discovery(callback) => callback.token().expose(),
            Callback::Organization(callback) => callback.token().expose(),
        }
    }

    /// The type of its token.
    pub fn token_type(&self) -> TokenType {
        match &self.callback {
            Callback::Discovery(callback) => callback.token_type(),
            Callback::Organization(callback) => callback.token_type(),
        }
    }

    /// Whether it came from a link in an email.
    pub fn is_link(&self) -> bool {
        matches!(
            self.callback,
            Callback::Discovery(DiscoveryCallback::MagicLink(_))
                | Callback::Organization(OrganizationCallback::MagicLink(_))
        )
    }
}
