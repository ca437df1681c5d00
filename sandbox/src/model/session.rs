//! Member sessions and their JWTs.
//! See `docs/stytch.md#sessions-and-jwts` and `docs/stytch.md#authentication-factors`.

use serde_json::{Map, Value, json};
use time::{Duration, OffsetDateTime};

use crate::model::{
    Clock, KeyRing, Login, Member, Organization, Proof, Provider, clock::wire, ids,
};

/// A session of a member in one organization.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Session {
    pub id: String,
    pub token: String,
    pub member_id: String,
    pub organization_id: String,
    pub started_at: OffsetDateTime,
    pub last_accessed_at: OffsetDateTime,
    pub expires_at: OffsetDateTime,
    pub factors: Vec<Factor>,
    pub custom_claims: Map<String, Value>,
}

/// A login of the session.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Factor {
    pub login: Login,
    pub registration_id: String,
    pub created_at: OffsetDateTime,
}

impl Session {
    /// A new session that expires after this many minutes.
    pub fn new(member: &Member, factors: Vec<Factor>, now: OffsetDateTime, minutes: i64) -> Self {
        Self {
            id: ids::mint("member-session"),
            token: ids::token(),
            member_id: member.id().to_owned(),
            organization_id: member.organization_id().to_owned(),
            started_at: now,
            last_accessed_at: now,
            expires_at: now + Duration::minutes(minutes),
            factors,
            custom_claims: Map::new(),
        }
    }

    pub fn logins(&self) -> Vec<Login> {
        self.factors
            .iter()
            .map(|factor| factor.login.clone())
            .collect()
    }

    /// The member's roles in this session. Roles by an SSO connection count only if the session has a factor of that
    /// connection.
    pub fn roles<'a>(&self, member: &'a Member) -> Vec<&'a str> {
        member.roles_with(|connection_id| self.came_through(connection_id))
    }

    /// Whether the session has a factor of this SSO connection.
    pub fn came_through(&self, connection: &str) -> bool {
        self.factors.iter().any(|factor| {
            matches!(&factor.login.proof, Proof::Sso { connection_id, .. } if connection_id == connection)
        })
    }

    pub fn object(&self, organization: &Organization, member: &Member) -> Value {
        json!({
            "member_session_id": self.id,
            "member_id": self.member_id,
            "organization_id": self.organization_id,
            "organization_slug": organization.slug(),
            "started_at": wire(self.started_at),
            "last_accessed_at": wire(self.last_accessed_at),
            "expires_at": wire(self.expires_at),
            "authentication_factors": self.factors.iter().map(|f| f.object(member, true)).collect::<Vec<_>>(),
            "roles": self.roles(member),
            "custom_claims": self.custom_claims,
        })
    }

    /// A new JWT, valid for five minutes but not longer than the session.
    pub fn jwt(
        &self,
        project_id: &str,
        clock: Clock,
        keys: &KeyRing,
        organization: &Organization,
        member: &Member,
    ) -> String {
        let issued = clock.issued_at().unix_timestamp();
        let mut claims = self.custom_claims.clone();
        let ours = json!({
            "iss": issuer(project_id),
            "sub": self.member_id,
            "aud": [project_id],
            "iat": issued,
            "nbf": issued,
            "exp": issued + 300,
            "https://stytch.com/session": {
                "id": self.id,
                "started_at": wire(self.started_at),
                "last_accessed_at": wire(self.last_accessed_at),
                "expires_at": wire(self.expires_at),
                "attributes": { "user_agent": "", "ip_address": "" },
                "authentication_factors": self.factors.iter().map(|f| f.object(member, false)).collect::<Vec<_>>(),
                "roles": self.roles(member),
            },
            "https://stytch.com/organization": {
                "organization_id": self.organization_id,
                "slug": organization.slug(),
            },
        });
        if let Value::Object(ours) = ours {
            claims.extend(ours);
        }
        keys.sign(&Value::Object(claims))
    }
}

impl Factor {
    /// The vendor's object. In a JWT, it has no `created_at` and `updated_at`.
    fn object(&self, member: &Member, dated: bool) -> Value {
        let mut factor = factor_object(&self.login, &self.registration_id, member);
        factor["last_authenticated_at"] = wire(self.login.at);
        if dated {
            factor["created_at"] = wire(self.created_at);
            factor["updated_at"] = wire(self.login.at);
        }
        factor
    }
}

/// The `iss` of a project's JWTs.
pub fn issuer(project_id: &str) -> String {
    format!("stytch.com/{project_id}")
}

/// The vendor's factor object without dates. `registration_id` is the id of the login's registration in the member
/// object.
fn factor_object(login: &Login, registration_id: &str, member: &Member) -> Value {
    let (kind, delivery) = login.proof.words();
    let (name, details) = details(login, registration_id, member);
    let sequence = if login.proof.is_second() {
        "SECONDARY"
    } else {
        "PRIMARY"
    };
    let mut factor =
        json!({ "type": kind, "delivery_method": delivery, "sequence_order": sequence });
    if !name.is_empty() {
        factor[name] = details;
    }
    factor
}

/// The name and value of the factor's details. A password has none.
fn details(login: &Login, registration_id: &str, member: &Member) -> (String, Value) {
    match &login.proof {
        Proof::Oauth(provider) => {
            let mut details = json!({
                "id": registration_id,
                "provider_subject": login.subject,
                "email_id": member.email_id,
            });
            match provider {
                Provider::Github => details["provider_tenant_ids"] = json!(login.tenants),
                Provider::Slack | Provider::Hubspot => {
                    details["provider_tenant_id"] =
                        json!(login.tenants.first().cloned().unwrap_or_default());
                }
                Provider::Google | Provider::Microsoft => {}
            }
            (format!("{}_oauth_factor", provider.word()), details)
        }
        Proof::OauthExchange(provider) => (
            format!("{}_oauth_exchange_factor", provider.word()),
            json!({ "email_id": member.email_id }),
        ),
        Proof::MagicLink | Proof::EmailOtp => (
            "email_factor".to_owned(),
            json!({ "email_id": member.email_id, "email_address": login.email }),
        ),
        Proof::Password => (String::new(), Value::Null),
        Proof::Sso {
            connection_id,
            kind,
        } => (
            format!("{}_sso_factor", kind.word()),
            json!({ "id": registration_id, "provider_id": connection_id, "external_id": login.subject }),
        ),
        Proof::SmsOtp => (
            "phone_number_factor".to_owned(),
            json!({ "phone_id": registration_id, "phone_number": login.subject }),
        ),
        Proof::Totp => (
            "authenticator_app_factor".to_owned(),
            json!({ "totp_id": registration_id }),
        ),
        Proof::RecoveryCode => (
            "recovery_code_factor".to_owned(),
            json!({ "totp_recovery_code_id": registration_id }),
        ),
    }
}
