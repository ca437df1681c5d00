//! Sign-ins that have begun and not come back: what is kept for the callback, and what "start again" leads to.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::member::OrganizationSummary;
use crate::stytch::{PkceVerifier, Provider, objects::SsoConnection, secret::CallbackToken};

/// How a sign-in began: what "start again" leads to.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Begun {
    /// By what. `None` when the sign-in began elsewhere.
    pub way: Option<Way>,
    /// Slug of the organization whose page it began on; `None` for Discovery.
    pub organization: Option<String>,
}

/// A way to give a first factor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Way {
    /// An OAuth provider.
    Provider(Provider),
    /// A connection of the organization's own.
    Connection(SsoConnection),
    /// A link or code by e-mail.
    Email,
}

/// A link or code for discovery that was sent by e-mail.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Emailed {
    /// Where to.
    pub email_address: String,
    /// A code, which this browser takes; else a link, which any browser may open.
    pub is_code: bool,
    /// When.
    pub at: OffsetDateTime,
}

/// What was typed for a new organization.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Draft {
    /// Whose it is.
    pub email: String,
    /// May be empty.
    pub organization_name: String,
    /// May be empty.
    pub organization_slug: String,
}

/// The kinds of callback that this app takes, as `stytch_token_type` names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenType {
    /// Comes to `/discovery`.
    DiscoveryOauth,
    /// Comes to `/authenticate`.
    Oauth,
    /// Comes to `/authenticate`.
    Sso,
    /// A link by e-mail, comes to `/discovery`.
    Discovery,
    /// A link by e-mail or an invitation, comes to `/authenticate`.
    MultiTenantMagicLinks,
}

/// A sign-in that this browser began.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pending {
    /// The secret half of PKCE.
    pub verifier: PkceVerifier,
    /// When.
    pub at: OffsetDateTime,
    /// How.
    pub begun: Begun,
    /// The organization that the answer must be about.
    pub organization: Option<OrganizationSummary>,
    /// Whether this is the proof that a half-done sign-in lacks.
    pub step_up: bool,
}

/// A callback that waits for the visitor's yes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Parked {
    /// Which call it belongs to.
    pub token_type: TokenType,
    /// Unspent.
    pub token: CallbackToken,
    /// Slug of the organization that the link names, if it does.
    pub slug: Option<String>,
    /// When it came.
    pub at: OffsetDateTime,
}

impl Begun {
    /// Discovery, by a provider.
    pub fn discovery(provider: Provider) -> Self {
        Self {
            way: Some(Way::Provider(provider)),
            organization: None,
        }
    }

    /// Discovery, by a link or code.
    pub fn by_email() -> Self {
        Self {
            way: Some(Way::Email),
            organization: None,
        }
    }

    /// On the page of the organization with this slug.
    pub fn at(slug: &str, way: Option<Way>) -> Self {
        Self {
            way,
            organization: Some(slug.to_owned()),
        }
    }

    /// The URL that begins the same sign-in again.
    pub fn again(&self) -> String {
        match (&self.way, &self.organization) {
            (Some(Way::Connection(connection)), Some(slug)) => {
                format!("/org/{slug}/sso/{}", connection.connection_id)
            }
            (Some(Way::Provider(provider)), Some(slug)) => {
                format!("/org/{slug}/start/{}", provider.slug())
            }
            (Some(Way::Provider(provider)), None) => format!("/start/{}", provider.slug()),
            (_, Some(slug)) => format!("/org/{slug}"),
            (Some(Way::Email), None) => "/email".to_owned(),
            (_, None) => "/".to_owned(),
        }
    }
}
