//! A member of an organization, kept as the vendor's object. See `docs/stytch.md#members`.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use crate::model::{Login, Proof, clock::wire, fields::fields, ids};

/// A member, kept as the vendor's object like [`crate::model::organization::Organization`].
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
#[serde(from = "SavedMember")]
pub struct Member {
    /// Shared by all copies until one of them changes, because a snapshot copies every member.
    object: Arc<Map<String, Value>>,
    /// The object's `email_address`. A search by part of an address reads this of every member, and a look-up in each
    /// object would take four times as long.
    #[serde(skip)]
    email: Arc<str>,
    /// `email_id` in this member's factors, which the vendor's member object does not contain.
    pub email_id: String,
    /// `phone_id` in this member's factors.
    pub phone_id: String,
}

/// A member in the state file.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedMember {
    object: Arc<Map<String, Value>>,
    email_id: String,
    phone_id: String,
}

impl From<SavedMember> for Member {
    fn from(saved: SavedMember) -> Self {
        Self {
            email: email_of(&saved.object).into(),
            object: saved.object,
            email_id: saved.email_id,
            phone_id: saved.phone_id,
        }
    }
}

fn email_of(object: &Map<String, Value>) -> &str {
    let email = object.get("email_address");
    email.and_then(Value::as_str).unwrap_or_default()
}

impl Member {
    /// A new member: pending, with an unverified address and the role that every member has.
    pub fn new(
        id: &str,
        organization_id: &str,
        email: &str,
        name: &str,
        at: OffsetDateTime,
    ) -> Self {
        let object = json!({
            "organization_id": organization_id,
            "member_id": id,
            "external_id": null,
            "email_address": email.to_lowercase(),
            "email_address_verified": false,
            "retired_email_addresses": [],
            "status": "pending",
            "name": name,
            "is_breakglass": false,
            "is_admin": false,
            "is_locked": false,
            "member_password_id": "",
            "oauth_registrations": [],
            "sso_registrations": [],
            "scim_registration": null,
            "mfa_enrolled": false,
            "mfa_phone_number": "",
            "mfa_phone_number_verified": false,
            "totp_registration_id": "",
            "default_mfa_method": "",
            "roles": [role("stytch_member")],
            "trusted_metadata": {},
            "untrusted_metadata": {},
            "lock_created_at": null,
            "lock_expires_at": null,
            "created_at": wire(at),
            "updated_at": wire(at),
        });
        let object = fields(object);
        Self {
            email: email_of(&object).into(),
            object: Arc::new(object),
            email_id: ids::mint("email"),
            phone_id: ids::mint("phone-number"),
        }
    }

    /// A new member with a new id.
    pub fn minted(organization_id: &str, email: &str, name: &str, at: OffsetDateTime) -> Self {
        Self::new(&ids::mint("member"), organization_id, email, name, at)
    }

    pub fn object(&self) -> Value {
        Value::Object((*self.object).clone())
    }

    /// Whether both have the same object.
    pub fn shows_the_same_as(&self, other: &Self) -> bool {
        self.object == other.object
    }

    /// Replaces the given keys. Roles can be names; `is_admin` is updated with them.
    pub fn merge(&mut self, mut keys: Map<String, Value>) {
        if let Some(Value::Array(roles)) = keys.get_mut("roles") {
            for entry in roles.iter_mut() {
                if let Some(name) = entry.as_str() {
                    *entry = role(name);
                }
            }
            if !roles
                .iter()
                .any(|entry| entry["role_id"] == "stytch_member")
            {
                roles.insert(0, role("stytch_member"));
            }
            let admin = roles.iter().any(|entry| entry["role_id"] == "stytch_admin");
            keys.insert("is_admin".to_owned(), json!(admin));
        }
        Arc::make_mut(&mut self.object).extend(keys);
        self.note_email();
    }

    pub fn set(&mut self, key: &str, value: impl Into<Value>) {
        Arc::make_mut(&mut self.object).insert(key.to_owned(), value.into());
        self.note_email();
    }

    fn note_email(&mut self) {
        let email = email_of(&self.object);
        if *self.email != *email {
            self.email = email.into();
        }
    }

    pub fn id(&self) -> &str {
        self.text("member_id")
    }

    pub fn organization_id(&self) -> &str {
        self.text("organization_id")
    }

    pub fn email(&self) -> &str {
        &self.email
    }

    pub fn status(&self) -> &str {
        self.text("status")
    }

    /// A text field; `""` if it is missing or null.
    pub fn text(&self, key: &str) -> &str {
        self.object
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    pub fn value(&self, key: &str) -> &Value {
        self.object.get(key).unwrap_or(&Value::Null)
    }

    pub fn is(&self, key: &str) -> bool {
        self.object
            .get(key)
            .and_then(Value::as_bool)
            .unwrap_or_default()
    }

    /// The names of the member's roles.
    pub fn roles(&self) -> Vec<&str> {
        self.entries("roles")
            .filter_map(|entry| entry["role_id"].as_str())
            .collect()
    }

    /// The member's roles in the format of a seed: names for those assigned directly, and objects with sources for the
    /// others.
    pub fn seed_roles(&self) -> Value {
        let entry = |entry: &Value| match entry["role_id"].as_str() {
            Some(name) if *entry == role(name) => Value::from(name),
            _ => entry.clone(),
        };
        self.entries("roles").map(entry).collect()
    }

    /// The names of the member's roles if, of the SSO connections, only these count.
    pub fn roles_with(&self, counts: impl Fn(&str) -> bool) -> Vec<&str> {
        let holds = |source: &Value| match source["type"].as_str() {
            Some("sso_connection" | "sso_connection_group") => counts(
                source["details"]["connection_id"]
                    .as_str()
                    .unwrap_or_default(),
            ),
            _ => true,
        };
        self.entries("roles")
            .filter(|entry| {
                let sources = entry["sources"].as_array();
                sources.is_none_or(|sources| sources.iter().any(&holds))
            })
            .filter_map(|entry| entry["role_id"].as_str())
            .collect()
    }

    /// The id of the registration that this login belongs to. Logins by address have none, because the address is the
    /// member's.
    pub fn registration<'a>(&'a self, login: &'a Login) -> Option<&'a str> {
        match &login.proof {
            Proof::Oauth(provider) | Proof::OauthExchange(provider) => self
                .entries("oauth_registrations")
                .find(|entry| {
                    entry["provider_type"] == provider.type_name()
                        && entry["provider_subject"] == login.subject
                })
                .and_then(|entry| entry["member_oauth_registration_id"].as_str()),
            Proof::Sso { connection_id, .. } => self
                .entries("sso_registrations")
                .find(|entry| {
                    entry["connection_id"] == *connection_id
                        && entry["external_id"] == login.subject
                })
                .and_then(|entry| entry["registration_id"].as_str()),
            Proof::MagicLink | Proof::EmailOtp => Some(&self.email_id),
            Proof::Password => Some(self.text("member_password_id"))
                .filter(|id| !id.is_empty() && *id == login.subject),
            Proof::SmsOtp => Some(&self.phone_id),
            Proof::Totp | Proof::RecoveryCode => Some(&login.subject),
        }
    }

    /// The vendor's objects for the SSO connections that the member has used.
    pub fn sso_registrations(&self) -> impl Iterator<Item = &Value> {
        self.entries("sso_registrations")
    }

    /// Creates or updates the login's registration and returns its id.
    pub fn register(&mut self, login: &Login) -> String {
        let known = self.registration(login).map(str::to_owned);
        match &login.proof {
            Proof::Oauth(_) => {
                let id = known.unwrap_or_else(|| ids::mint("oauth-user"));
                self.register_as(&id, login);
                id
            }
            Proof::Sso {
                connection_id,
                kind,
            } => {
                let prefix = format!("{}-member-registration", kind.word());
                let id = known.unwrap_or_else(|| ids::mint(&prefix));
                self.register_sso(connection_id, &id, login);
                id
            }
            _ => known.unwrap_or_default(),
        }
    }

    /// Removes the registration with this connection.
    pub fn forget_sso(&mut self, connection_id: &str) {
        let left: Vec<Value> = self
            .entries("sso_registrations")
            .filter(|entry| entry["connection_id"] != connection_id)
            .cloned()
            .collect();
        self.set("sso_registrations", left);
    }

    /// Writes an SSO login's registration with this id. Attributes that the connection does not map stay unchanged.
    fn register_sso(&mut self, connection_id: &str, id: &str, login: &Login) {
        let mut entries: Vec<Value> = self.entries("sso_registrations").cloned().collect();
        if !entries.iter().any(|entry| entry["registration_id"] == id) {
            entries.push(json!({
                "connection_id": connection_id,
                "external_id": login.subject,
                "registration_id": id,
                "sso_attributes": {},
            }));
        }
        let entry = entries
            .iter_mut()
            .find(|entry| entry["registration_id"] == id);
        if let (Some(entry), Some(groups)) = (entry, &login.groups) {
            let attributes = &mut entry["sso_attributes"];
            if !attributes.is_object() {
                *attributes = json!({});
            }
            attributes["groups"] = json!(groups);
        }
        self.set("sso_registrations", entries);
    }

    /// Writes an OAuth login's registration with this id.
    pub fn register_as(&mut self, id: &str, login: &Login) {
        let Some(provider) = login.proof.provider() else {
            return;
        };
        let tenants: Vec<Value> = login
            .tenants
            .iter()
            .map(|tenant| json!({ "tenant_id": tenant, "tenant_name": tenant }))
            .collect();
        let registration = json!({
            "member_oauth_registration_id": id,
            "provider_type": provider.type_name(),
            "provider_subject": login.subject,
            "profile_picture_url": null,
            "locale": null,
            "provider_tenants": tenants,
        });
        let mut entries: Vec<Value> = self.entries("oauth_registrations").cloned().collect();
        match entries
            .iter_mut()
            .find(|entry| entry["member_oauth_registration_id"] == id)
        {
            Some(entry) => *entry = registration,
            None => entries.push(registration),
        }
        self.set("oauth_registrations", entries);
    }

    fn entries(&self, key: &str) -> impl Iterator<Item = &Value> {
        self.object
            .get(key)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
    }
}

/// A directly assigned role.
fn role(name: &str) -> Value {
    json!({ "role_id": name, "sources": [{ "type": "direct_assignment", "details": {} }] })
}
