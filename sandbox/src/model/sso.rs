//! SSO connections and the people of an identity provider.
//! See `docs/stytch.md#sso` and `docs/stytch.md#sso-connections`.

use serde_json::Value;
use time::OffsetDateTime;

use crate::model::{Grant, Login, Organization};

/// An active connection: an entry of its organization's `sso_active_connections`. Its configuration is an
/// [`SsoConnection`](crate::model::SsoConnection).
#[derive(Clone)]
pub struct Connection {
    pub id: String,
    pub organization_id: String,
    pub display_name: String,
    pub identity_provider: String,
}

/// A person with an account at the identity provider of a SAML or OIDC connection.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    pub id: String,
    pub connection_id: String,
    pub name: String,
    pub email: String,
    pub external_id: String,
    /// The person's groups at the identity provider.
    pub groups: Vec<String>,
}

/// A one-time token from the IdP's page. It is removed when it is used.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SsoToken {
    pub login: Login,
    pub connection_id: String,
    pub organization_id: String,
    pub pkce_code_challenge: Option<String>,
    pub expires_at: OffsetDateTime,
}

/// Tokens that an OIDC identity provider issued at a member's last login through a connection.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OidcToken {
    pub member_id: String,
    pub connection_id: String,
    /// The member's id at the identity provider.
    pub subject: String,
    pub grant: Grant,
}

/// The organization's active connections.
pub fn connections_of(organization: &Organization) -> Vec<Connection> {
    let entries = organization.value("sso_active_connections").as_array();
    let text = |entry: &Value, key: &str| entry[key].as_str().unwrap_or_default().to_owned();
    entries
        .into_iter()
        .flatten()
        .map(|entry| Connection {
            id: text(entry, "connection_id"),
            organization_id: organization.id().to_owned(),
            display_name: text(entry, "display_name"),
            identity_provider: text(entry, "identity_provider"),
        })
        .collect()
}

impl Account {
    /// Whether both accounts belong to the same person at the same IdP.
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.connection_id == other.connection_id
            && self.external_id.eq_ignore_ascii_case(&other.external_id)
    }
}

impl Connection {
    /// `saml`, `oidc` or `external`, read from the id.
    pub fn kind(&self) -> &'static str {
        kind_of(&self.id)
    }

    /// Its [`protocol`].
    pub fn protocol(&self) -> &'static str {
        protocol(self.kind())
    }
}

/// `saml`, `oidc` or `external`, with which the connection's id begins.
pub fn kind_of(connection_id: &str) -> &'static str {
    let kinds = ["saml", "external"];
    let begins = |kind: &&str| connection_id.starts_with(&format!("{kind}-connection-"));
    kinds.into_iter().find(begins).unwrap_or("oidc")
}

/// The name of a connection's protocol for people. A connection of another organization has that one's protocol.
pub fn protocol(kind: &str) -> &'static str {
    match kind {
        "saml" => "SAML",
        "oidc" => "OpenID Connect",
        _ => "of another organization",
    }
}
