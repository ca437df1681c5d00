//! Sign-ins that have begun and not come back: what is kept for the callback, and what "start again" leads to.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::member::{Brought, OrganizationSummary};
use crate::stytch::{PkceVerifier, Provider, objects::SsoConnection, pkce, secret::CallbackToken};

/// How a sign-in began: what "start again" leads to.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Begun {
    /// By what. `None` when the sign-in began elsewhere.
    pub way: Option<Way>,
    /// Slug of the organization whose page it began on; `None` for Discovery.
    pub organization: Option<String>,
    /// Whether this is the proof that a half-done sign-in lacks.
    #[serde(default)]
    pub step_up: bool,
    /// When the session that this goes on from began: switching organization makes no session live longer.
    #[serde(default)]
    pub since: Option<OffsetDateTime>,
    /// What the provider gave along with the first factor, for the page that shows it.
    #[serde(default)]
    pub brought: Option<Brought>,
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
    /// When a code was sent, which this browser takes.
    pub code_sent_at: Option<OffsetDateTime>,
    /// When a link was sent, which any browser may open.
    pub link_sent_at: Option<OffsetDateTime>,
    /// Random, anew with each code: tries are counted by it, so that nobody uses up somebody else's.
    #[serde(default)]
    pub code_id: String,
}

impl Emailed {
    /// Nothing sent yet.
    pub fn to(email_address: &str) -> Self {
        Self {
            email_address: email_address.to_owned(),
            code_sent_at: None,
            link_sent_at: None,
            code_id: String::new(),
        }
    }

    /// When the last of them was sent.
    pub fn at(&self) -> Option<OffsetDateTime> {
        self.code_sent_at.max(self.link_sent_at)
    }
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

impl Parked {
    /// Names it on the page that asks, without giving the token away.
    pub fn which(&self) -> String {
        pkce::sha256(self.token.expose())
    }
}

impl Begun {
    /// Discovery, by a provider.
    pub fn discovery(provider: Provider) -> Self {
        Self {
            way: Some(Way::Provider(provider)),
            ..Self::default()
        }
    }

    /// Discovery, by a link or code.
    pub fn by_email() -> Self {
        Self {
            way: Some(Way::Email),
            ..Self::default()
        }
    }

    /// On the page of the organization with this slug.
    pub fn at(slug: &str, way: Option<Way>) -> Self {
        Self {
            way,
            organization: Some(slug.to_owned()),
            ..Self::default()
        }
    }

    /// The URL that begins the same sign-in again.
    pub fn again(&self) -> String {
        let slug = self.organization.as_deref();
        let from = match slug {
            _ if self.step_up => "/step_up".to_owned(),
            Some(slug) => format!("/org/{slug}"),
            None => String::new(),
        };
        match &self.way {
            Some(Way::Provider(provider)) => format!("{from}/start/{}", provider.slug()),
            Some(Way::Connection(connection)) if slug.is_some() => {
                format!("{from}/sso/{}", connection.connection_id)
            }
            Some(Way::Email) => "/email".to_owned(),
            _ if from.is_empty() => "/".to_owned(),
            _ => from,
        }
    }
}
