//! Stytch's objects, with the fields that a login needs. Missing and null fields get their default, and unknown fields
//! are ignored. Only ids, names and addresses are required, because every next step needs them.
//!
//! Source: <https://stytch.com/docs/b2b/api/organization-object>, `member-object`, `session-object`.

#![expect(missing_docs, reason = "the vendor's reference describes its fields")]

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use time::OffsetDateTime;

use super::{
    AuthMethod, ConnectionId, MemberId, OrganizationId, Provider, Slug,
    needed::{
        Blank, name_or_default, needed, needed_address, needed_name, needed_time, or_default,
        time_or_none, usable, usable_or_blank,
    },
};

/// An organization and its rules about sign-in.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Organization {
    #[serde(deserialize_with = "needed")]
    pub organization_id: OrganizationId,
    #[serde(deserialize_with = "needed_name")]
    pub organization_name: String,
    #[serde(deserialize_with = "needed")]
    pub organization_slug: Slug,
    /// `ALL_ALLOWED` or `RESTRICTED` to `allowed_auth_methods`.
    #[serde(default, deserialize_with = "or_default")]
    pub auth_methods: String,
    /// Applies only when `auth_methods` is `RESTRICTED`.
    #[serde(default, deserialize_with = "usable")]
    pub allowed_auth_methods: Vec<AuthMethod>,
    /// `ALL_ALLOWED` or `RESTRICTED` to `allowed_mfa_methods`.
    #[serde(default, deserialize_with = "or_default")]
    pub mfa_methods: String,
    /// `sms_otp`, `totp`. Applies only when `mfa_methods` is `RESTRICTED`.
    #[serde(default, deserialize_with = "usable")]
    pub allowed_mfa_methods: Vec<String>,
    /// Who can join without an invitation: with `RESTRICTED` people with an allowed email domain, with `ALL_ALLOWED`
    /// everyone, with `NOT_ALLOWED` no one.
    #[serde(default, deserialize_with = "or_default")]
    pub email_jit_provisioning: String,
    #[serde(default, deserialize_with = "usable")]
    pub email_allowed_domains: Vec<String>,
    /// The identity providers that are set up, in the vendor's order.
    #[serde(default, deserialize_with = "usable")]
    pub sso_active_connections: Vec<SsoConnection>,
    /// The connection to offer first; blank without one.
    #[serde(default, deserialize_with = "usable_or_blank")]
    pub sso_default_connection_id: ConnectionId,
}

/// An organization's own identity provider.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SsoConnection {
    #[serde(deserialize_with = "needed")]
    pub connection_id: ConnectionId,
    /// Name of the connection; "single sign-on" if Stytch sends none.
    #[serde(default = "sso", deserialize_with = "or_sso")]
    pub display_name: String,
}

impl Blank for SsoConnection {}

fn sso() -> String {
    "single sign-on".to_owned()
}

fn or_sso<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let name = name_or_default(deserializer)?;
    Ok(if name.is_empty() { sso() } else { name })
}

impl Blank for Organization {}

impl Organization {
    /// Whether the organization names the methods that it allows.
    pub fn is_restricted(&self) -> bool {
        // Every other value counts as restricted, including one that is newer than this code.
        self.auth_methods != "ALL_ALLOWED"
    }

    /// Whether its rules let members sign in with this provider.
    pub fn allows(&self, provider: Provider) -> bool {
        self.allows_method(&provider.auth_method())
    }

    /// The connections that members may use, the default one first. Empty if the rules do not allow SSO.
    pub fn sso_connections(&self) -> Vec<SsoConnection> {
        if !self.allows_method(&AuthMethod::Sso) {
            return Vec::new();
        }
        let mut connections = self.sso_active_connections.clone();
        // The sort is stable, so the others keep their order.
        connections
            .sort_by_key(|connection| self.sso_default_connection_id != connection.connection_id);
        connections
    }

    /// Whether its rules let members sign in by a link or code that is sent to their address.
    pub fn allows_email(&self) -> bool {
        self.allows_method(&AuthMethod::EmailOtp) || self.allows_method(&AuthMethod::MagicLink)
    }

    /// Whether its rules let this member use this second factor, by the vendor's name.
    pub fn allows_mfa(&self, method: &str, member: &Member) -> bool {
        self.mfa_methods != "RESTRICTED"
            || member.is_breakglass
            || self.allowed_mfa_methods.iter().any(|name| name == method)
    }

    fn allows_method(&self, method: &AuthMethod) -> bool {
        !self.is_restricted() || self.allowed_auth_methods.contains(method)
    }
}

/// A person in one organization.
#[expect(clippy::struct_excessive_bools, reason = "the vendor's fields")]
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Member {
    #[serde(deserialize_with = "needed")]
    pub member_id: MemberId,
    #[serde(deserialize_with = "needed_address")]
    pub email_address: String,
    /// Whether a factor has verified the address.
    #[serde(default, deserialize_with = "or_default")]
    pub email_address_verified: bool,
    /// `pending`, `invited`, `active`, `deleted`.
    #[serde(default, deserialize_with = "or_default")]
    pub status: String,
    #[serde(default, deserialize_with = "name_or_default")]
    pub name: String,
    #[serde(default, deserialize_with = "or_default")]
    pub is_admin: bool,
    /// Whether the member must use a second factor even if the organization does not require one.
    #[serde(default, deserialize_with = "or_default")]
    pub mfa_enrolled: bool,
    /// Whether the member is exempt from the organization's rules on sign-in methods, for emergencies.
    #[serde(default, deserialize_with = "or_default")]
    pub is_breakglass: bool,
    /// E.164, `""` when unset.
    #[serde(default, deserialize_with = "or_default")]
    pub mfa_phone_number: String,
    /// Whether the phone number is verified.
    #[serde(default, deserialize_with = "or_default")]
    pub mfa_phone_number_verified: bool,
    /// `""` when there is no authenticator app.
    #[serde(default, deserialize_with = "or_default")]
    pub totp_registration_id: String,
    #[serde(default, deserialize_with = "usable")]
    pub roles: Vec<Role>,
}

/// A role of a member.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Role {
    /// `stytch_member`, `stytch_admin` or the project's own.
    #[serde(deserialize_with = "needed_name")]
    pub role_id: String,
}

impl Blank for Role {}

/// A signed-in member, at Stytch.
#[derive(Clone, Debug, Deserialize)]
pub struct MemberSession {
    #[serde(deserialize_with = "needed_name")]
    pub member_session_id: String,
    #[serde(default, deserialize_with = "or_default")]
    pub organization_id: OrganizationId,
    /// Time of the first factor, UTC.
    #[serde(deserialize_with = "needed_time")]
    pub started_at: OffsetDateTime,
    /// Last use that Stytch has seen, UTC.
    #[serde(default, deserialize_with = "time_or_none")]
    pub last_accessed_at: Option<OffsetDateTime>,
    /// Expiry of the session, UTC, unless it is extended before.
    #[serde(deserialize_with = "needed_time")]
    pub expires_at: OffsetDateTime,
    #[serde(default, deserialize_with = "usable")]
    pub authentication_factors: Vec<AuthenticationFactor>,
    /// Our own claims, if we set some.
    #[serde(default, deserialize_with = "or_default")]
    pub custom_claims: Map<String, Value>,
}

/// A factor with which the member signed in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthenticationFactor {
    /// `oauth`, `sso`, `otp`, `totp`, …
    #[serde(rename = "type", default, deserialize_with = "or_default")]
    pub kind: String,
    /// `oauth_google`, `sms`, …
    #[serde(default, deserialize_with = "or_default")]
    pub delivery_method: String,
    #[serde(
        default,
        deserialize_with = "time_or_none",
        serialize_with = "time::serde::rfc3339::option::serialize"
    )]
    pub last_authenticated_at: Option<OffsetDateTime>,
}

impl Blank for AuthenticationFactor {}

/// The requirement of a second factor.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct MfaRequired {
    /// The member's second factors; `None` if the member has neither a phone nor an app.
    #[serde(default)]
    pub member_options: Option<MemberOptions>,
    /// `sms_otp` when Stytch has sent a code already.
    #[serde(default)]
    pub secondary_auth_initiated: Option<String>,
}

/// The second factors that a member has.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct MemberOptions {
    /// Phone number in E.164; `""` without a phone.
    #[serde(default, deserialize_with = "or_default")]
    pub mfa_phone_number: String,
    /// `""` without an authenticator app.
    #[serde(default, deserialize_with = "or_default")]
    pub totp_registration_id: String,
}

/// The first factors that the organization accepts, if it does not accept the one used.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct PrimaryRequired {
    /// Accepted methods; empty if there are none left.
    #[serde(default, deserialize_with = "usable")]
    pub allowed_auth_methods: Vec<AuthMethod>,
}
