//! The configuration of an SSO connection: the vendor's object of a SAML, OIDC or external connection.

use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use crate::model::{
    Connection, Organization, certificates, clock::wire, fields::fields, ids, sso::kind_of,
};

/// A connection, kept as the vendor's object without the status. It is active if its organization lists it as active.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct SsoConnection(Map<String, Value>);

/// The fields that an active OIDC connection requires.
pub const OIDC_NEEDS: [&str; 7] = [
    "issuer",
    "client_id",
    "client_secret",
    "authorization_url",
    "token_url",
    "userinfo_url",
    "jwks_url",
];

/// The fields that an active SAML connection requires, besides a certificate and the attribute mapping.
pub const SAML_NEEDS: [&str; 2] = ["idp_sso_url", "idp_entity_id"];

impl SsoConnection {
    /// A new SAML connection, which is not configured yet.
    pub fn saml(organization_id: &str, at: OffsetDateTime) -> Self {
        let id = ids::mint("saml-connection");
        let callback = callback(&id);
        let object = json!({
            "organization_id": organization_id,
            "connection_id": id,
            "idp_entity_id": "",
            "display_name": "",
            "idp_sso_url": "",
            "acs_url": callback,
            "audience_uri": callback,
            "signing_certificates": [certificates::pinned("saml-signing-key", "Stytch", &wire(at))],
            "verification_certificates": [],
            "encryption_private_keys": [],
            "saml_connection_implicit_role_assignments": [],
            "saml_group_implicit_role_assignments": [],
            "alternative_audience_uri": "",
            "identity_provider": "generic",
            "nameid_format": "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
            "alternative_acs_url": "",
            "idp_initiated_auth_disabled": false,
            "allow_gateway_callback": false,
            "attribute_mapping": {},
        });
        Self(fields(object))
    }

    /// A new OIDC connection, which is not configured yet.
    pub fn oidc(organization_id: &str) -> Self {
        let id = ids::mint("oidc-connection");
        let redirect_url = callback(&id);
        let mut object = json!({
            "organization_id": organization_id,
            "connection_id": id,
            "display_name": "",
            "redirect_url": redirect_url,
            "identity_provider": "generic",
            "custom_scopes": "",
            "attribute_mapping": {},
        });
        for name in OIDC_NEEDS {
            object[name] = json!("");
        }
        Self(fields(object))
    }

    /// A new external connection, which leads to a connection of another organization.
    pub fn external(organization_id: &str, leads_to: &Connection) -> Self {
        let object = json!({
            "organization_id": organization_id,
            "connection_id": ids::mint("external-connection"),
            "external_organization_id": leads_to.organization_id,
            "external_connection_id": leads_to.id,
            "display_name": "",
            "external_connection_implicit_role_assignments": [],
            "external_group_implicit_role_assignments": [],
        });
        Self(fields(object))
    }

    /// An active connection that a seed or a test added to the organization, with a simulated IdP.
    pub fn stand_in(connection: &Connection) -> Self {
        let idp = format!("https://{}.idp.example", connection.identity_provider);
        let mut made = if connection.kind() == "saml" {
            let mut made = Self::saml(&connection.organization_id, OffsetDateTime::UNIX_EPOCH);
            let tail = connection.id.split_once("-test-").map_or("", |it| it.1);
            let mut signing = certificates::pinned("saml-signing-key", "Stytch", &Value::Null);
            let mut verification = certificates::stand_in();
            signing["certificate_id"] = json!(format!("saml-signing-key-test-{tail}"));
            verification["certificate_id"] = json!(format!("saml-verification-key-test-{tail}"));
            made.set("idp_entity_id", idp.clone());
            made.set("idp_sso_url", format!("{idp}/sso"));
            made.set("signing_certificates", vec![signing]);
            made.set("verification_certificates", vec![verification]);
            made.set("acs_url", callback(&connection.id));
            made.set("audience_uri", callback(&connection.id));
            made.set(
                "attribute_mapping",
                json!({ "email": "NameID", "full_name": "displayName" }),
            );
            made
        } else {
            let mut made = Self::oidc(&connection.organization_id);
            made.set("redirect_url", callback(&connection.id));
            made.set("client_id", "sandbox-client");
            made.set("client_secret", "sandbox-client-secret");
            made.set("issuer", idp.clone());
            for (name, url) in metadata(&idp).unwrap_or_default() {
                made.set(name, url);
            }
            made
        };
        made.set("connection_id", connection.id.clone());
        made.set("display_name", connection.display_name.clone());
        made.set("identity_provider", connection.identity_provider.clone());
        made
    }

    /// All fields except the status.
    pub fn configuration(&self) -> Value {
        Value::Object(self.0.clone())
    }

    pub fn id(&self) -> &str {
        self.text("connection_id")
    }

    pub fn organization_id(&self) -> &str {
        self.text("organization_id")
    }

    /// `saml`, `oidc` or `external`.
    pub fn kind(&self) -> &'static str {
        kind_of(self.id())
    }

    /// A text field; `""` if it is missing.
    pub fn text(&self, key: &str) -> &str {
        self.value(key).as_str().unwrap_or_default()
    }

    pub fn value(&self, key: &str) -> &Value {
        self.0.get(key).unwrap_or(&Value::Null)
    }

    /// A list field; empty if it is missing.
    pub fn list(&self, key: &str) -> &[Value] {
        self.value(key).as_array().map_or(&[], Vec::as_slice)
    }

    pub fn set(&mut self, key: &str, value: impl Into<Value>) {
        self.0.insert(key.to_owned(), value.into());
    }

    /// Whether the IdP's groups are mapped, so that logins contain them.
    pub fn maps_groups(&self) -> bool {
        self.value("attribute_mapping").get("groups").is_some()
    }

    /// Whether all required fields are set. External connections are always active.
    pub fn is_complete(&self) -> bool {
        let given = |name: &&str| !self.text(name).is_empty();
        match self.kind() {
            "saml" => {
                SAML_NEEDS.iter().all(given)
                    && !self.list("verification_certificates").is_empty()
                    && self.value("attribute_mapping").get("email").is_some()
            }
            "oidc" => OIDC_NEEDS.iter().all(given),
            _ => true,
        }
    }

    /// The fields with the roles that it assigns: to everyone who signs in through it, and to the members of a group.
    /// An OIDC connection has none.
    pub fn assignment_fields(&self) -> &'static [&'static str] {
        match self.kind() {
            "saml" => &[
                "saml_connection_implicit_role_assignments",
                "saml_group_implicit_role_assignments",
            ],
            "external" => &[
                "external_connection_implicit_role_assignments",
                "external_group_implicit_role_assignments",
            ],
            _ => &[],
        }
    }

    /// The roles that it assigns.
    pub fn assignments(&self) -> Vec<Assignment> {
        let fields = self.assignment_fields().iter();
        let entries = fields.flat_map(|field| self.list(field));
        entries
            .map(|entry| Assignment {
                connection_id: self.id().to_owned(),
                role: entry["role_id"].as_str().unwrap_or_default().to_owned(),
                group: entry["group"].as_str().map(str::to_owned),
            })
            .collect()
    }

    /// The vendor's object.
    pub fn object(&self, organization: &Organization) -> Value {
        let mut object = self.0.clone();
        let active = organization.has_connection(self.id());
        let status = if active { "active" } else { "pending" };
        object.insert("status".to_owned(), status.into());
        Value::Object(object)
    }
}

/// A role that a connection assigns to everyone, or with a group to that group only.
#[derive(Clone, Debug)]
pub struct Assignment {
    pub connection_id: String,
    pub role: String,
    pub group: Option<String>,
}

/// The URLs of the simulated IdP with this issuer, by field name; `None` for any other issuer, because the sandbox
/// fetches no metadata.
pub fn metadata(issuer: &str) -> Option<[(&'static str, String); 4]> {
    let issuer = issuer.trim_end_matches('/');
    is_stand_in(issuer).then(|| {
        [
            ("authorization_url", format!("{issuer}/authorize")),
            ("token_url", format!("{issuer}/token")),
            ("userinfo_url", format!("{issuer}/userinfo")),
            ("jwks_url", format!("{issuer}/jwks")),
        ]
    })
}

/// Whether the URL belongs to the simulated IdP: `https://<name>.idp.example`.
pub fn is_stand_in(url: &str) -> bool {
    url::Url::parse(url).is_ok_and(|url| {
        url.scheme() == "https"
            && url
                .host_str()
                .is_some_and(|host| host.ends_with(".idp.example"))
    })
}

fn callback(id: &str) -> String {
    format!("https://test.stytch.com/v1/b2b/sso/callback/{id}")
}
