//! A signed-in member, as the session stores it.

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime, serde::rfc3339};

use super::milliseconds;

use crate::stytch::{
    MemberId, OrganizationId, SessionJwt, SessionToken, Slug, objects::AuthenticationFactor,
};

/// Longest session, however often it is extended at Stytch (OWASP ASVS 7.3.2).
pub const LONGEST_SESSION: Duration = Duration::hours(12);

/// Longer than the five minutes that a JWT is valid, plus the leeway.
const LONGEST_JWT: Duration = Duration::minutes(6);

/// A signed-in member: the tokens, and what pages show.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the undocumented names say it all")]
pub struct SignedInMember {
    /// Renews the JWT and ends the session.
    pub session_token: SessionToken,
    pub session_jwt: SessionJwt,
    /// Time until which the session is valid without asking Stytch.
    #[serde(with = "milliseconds")]
    pub jwt_until: OffsetDateTime,
    pub organization: OrganizationSummary,
    pub member: MemberSummary,
    pub member_session_id: String,
    #[serde(with = "milliseconds")]
    pub started_at: OffsetDateTime,
    /// Start of the session, or of the session from which the member switched here.
    #[serde(with = "milliseconds")]
    pub since: OffsetDateTime,
    /// The factors with which the member signed in.
    pub factors: Vec<AuthenticationFactor>,
    /// Who can join the organization with a verified address, as of the last response about it.
    pub jit: EmailJit,
    /// Masked tokens that the provider returned at sign-in.
    pub provider_tokens: Option<ProviderTokens>,
    /// End of the session, unless it is renewed before.
    #[serde(with = "milliseconds")]
    pub until: OffsetDateTime,
}

/// Who can join an organization with an address at an allowed domain (just-in-time provisioning).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmailJit {
    /// The rule that decides which addresses can join.
    #[serde(default)]
    pub rule: JitRule,
    /// The allowed domains. Stytch keeps the list while the rule does not use it.
    pub domains: Vec<String>,
}

/// The vendor's `email_jit_provisioning`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum JitRule {
    /// People can't join with their address.
    #[default]
    Closed,
    /// Anyone with an address at an allowed domain can.
    Domains,
    /// Anyone with an address can.
    Everyone,
    /// The rule is missing, or newer than this code.
    Unknown,
}

impl EmailJit {
    /// Whether a person with this domain can join.
    pub fn admits(&self, domain: &str) -> bool {
        match self.rule {
            JitRule::Domains => self.lists(domain),
            JitRule::Everyone => true,
            JitRule::Closed | JitRule::Unknown => false,
        }
    }

    /// Whether adding this domain would let more people join. It must not narrow a wider rule, or replace an unknown
    /// one.
    pub fn can_be_opened_to(&self, domain: &str) -> bool {
        let is_narrower = matches!(self.rule, JitRule::Closed | JitRule::Domains);
        is_narrower && !domain.is_empty() && !self.admits(domain)
    }

    /// Whether the domain is in the list, whether or not joining is turned on.
    pub fn lists(&self, domain: &str) -> bool {
        self.domains
            .iter()
            .any(|it| it.eq_ignore_ascii_case(domain))
    }
}

/// The provider's tokens from `oauth.authenticate`. They are masked, because the session must not store them. A token
/// that the provider did not return is empty.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the undocumented names say it all")]
pub struct ProviderTokens {
    pub provider_type: String,
    pub access: String,
    pub refresh: String,
    pub identity: String,
    /// Expiry of the access token, UTC.
    pub expires_at: Option<OffsetDateTime>,
    pub scopes: Vec<String>,
}

/// What pages show of an organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the vendor's fields")]
pub struct OrganizationSummary {
    pub organization_id: OrganizationId,
    pub organization_name: String,
    pub organization_slug: Slug,
}

/// What pages show of a member.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the vendor's fields")]
pub struct MemberSummary {
    pub member_id: MemberId,
    pub email_address: String,
    pub name: String,
    pub status: String,
    pub roles: Vec<String>,
}

impl SignedInMember {
    /// Whether the JWT is still valid. An expiry that is later than the lifetime of a JWT means that our clock was set
    /// back. It does not count, because a session that Stytch has ended would stay valid until then.
    pub fn is_vouched(&self, now: OffsetDateTime) -> bool {
        self.jwt_until > now && self.jwt_until < now + LONGEST_JWT
    }

    /// Domain of the member's email address.
    pub fn domain(&self) -> &str {
        let (_, domain) = self
            .member
            .email_address
            .rsplit_once('@')
            .unwrap_or_default();
        domain
    }

    /// Member, organization and session, for JSON, without tokens.
    pub fn without_tokens(&self) -> MemberWithoutTokens<'_> {
        MemberWithoutTokens {
            member: &self.member,
            organization: &self.organization,
            session: SessionWithoutTokens {
                authentication_factors: &self.factors,
                expires_at: self.until,
                member_session_id: &self.member_session_id,
                started_at: self.started_at,
            },
        }
    }

    /// Path of the organization's page.
    pub fn home(&self) -> String {
        format!("/org/{}", self.organization.organization_slug)
    }
}

/// What `GET /member` returns as JSON.
#[derive(Serialize)]
pub struct MemberWithoutTokens<'a> {
    member: &'a MemberSummary,
    organization: &'a OrganizationSummary,
    session: SessionWithoutTokens<'a>,
}

/// Times are RFC 3339.
#[derive(Serialize)]
struct SessionWithoutTokens<'a> {
    authentication_factors: &'a [AuthenticationFactor],
    #[serde(with = "rfc3339")]
    expires_at: OffsetDateTime,
    member_session_id: &'a str,
    #[serde(with = "rfc3339")]
    started_at: OffsetDateTime,
}
