//! SSO connections and the people of an identity provider (fact sheet §5.3, §6.6).

use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::model::{Login, Organization, keys, proof::sso_word};

/// An active connection: an entry of its organization's `sso_active_connections`, which is the one place where a
/// connection is kept. Everything else of the vendor's object follows from it.
#[derive(Clone)]
pub struct Connection {
    pub id: String,
    pub organization_id: String,
    pub display_name: String,
    pub identity_provider: String,
}

/// Somebody whom a connection's IdP knows.
#[derive(Clone)]
pub struct Account {
    pub id: String,
    pub connection_id: String,
    pub name: String,
    pub email: String,
    pub external_id: String,
}

/// A token on its way from the IdP's page to the app. Taken out of the world when it is spent.
#[derive(Clone)]
pub struct SsoToken {
    pub login: Login,
    pub connection_id: String,
    pub organization_id: String,
    pub pkce_code_challenge: Option<String>,
    pub expires_at: OffsetDateTime,
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
    /// Whether both are the same person at the same IdP.
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.connection_id == other.connection_id
            && self.external_id.eq_ignore_ascii_case(&other.external_id)
    }
}

impl Connection {
    /// `saml` or `oidc`.
    pub fn kind(&self) -> &'static str {
        sso_word(&self.id)
    }

    /// The vendor's object. The addresses are those of an IdP that does not exist: nobody speaks SAML or OIDC here.
    pub fn object(&self) -> Value {
        let idp = format!("https://{}.idp.example", self.identity_provider);
        let callback = format!("https://test.stytch.com/v1/b2b/sso/callback/{}", self.id);
        if self.kind() == "oidc" {
            return json!({
                "organization_id": self.organization_id,
                "connection_id": self.id,
                "status": "active",
                "display_name": self.display_name,
                "redirect_url": callback,
                "client_id": "sandbox-client",
                "client_secret": "sandbox-client-secret",
                "issuer": idp,
                "authorization_url": format!("{idp}/authorize"),
                "token_url": format!("{idp}/token"),
                "userinfo_url": format!("{idp}/userinfo"),
                "jwks_url": format!("{idp}/jwks"),
                "identity_provider": self.identity_provider,
                "custom_scopes": "",
                "attribute_mapping": {},
            });
        }
        json!({
            "organization_id": self.organization_id,
            "connection_id": self.id,
            "status": "active",
            "idp_entity_id": idp,
            "display_name": self.display_name,
            "idp_sso_url": format!("{idp}/sso"),
            "acs_url": callback,
            "audience_uri": callback,
            "signing_certificates": [certificate(&format!("saml-signing-key-test-{}", self.tail()))],
            "verification_certificates": [certificate(&format!("saml-verification-key-test-{}", self.tail()))],
            "encryption_private_keys": [],
            "saml_connection_implicit_role_assignments": [],
            "saml_group_implicit_role_assignments": [],
            "alternative_audience_uri": "",
            "identity_provider": self.identity_provider,
            "nameid_format": "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
            "alternative_acs_url": "",
            "idp_initiated_auth_disabled": false,
            "allow_gateway_callback": false,
            "attribute_mapping": {},
        })
    }

    /// The uuid at the end of the id.
    fn tail(&self) -> &str {
        self.id.split_once("-test-").map_or("", |(_, uuid)| uuid)
    }
}

/// A certificate object: that of the sandbox's own key.
fn certificate(id: &str) -> Value {
    let body = keys::pinned_certificate();
    json!({
        "certificate_id": id,
        "certificate": format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----"),
        "issuer": "CN=Stytch sandbox",
        "created_at": null,
        "expires_at": null,
        "updated_at": null,
    })
}
