//! A signed-in member, as the session stores it.

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use crate::stytch::{
    MemberId, OrganizationId, SessionJwt, SessionToken, SignedIn, Slug,
    oauth::ProviderValues,
    objects::{AuthenticationFactor, Organization},
};

/// Longest session, however often it is extended at Stytch (OWASP ASVS 7.3.2).
pub const LONGEST_SESSION: Duration = Duration::hours(12);

/// Longer than the five minutes that a JWT is valid, plus the leeway.
const LONGEST_JWT: Duration = Duration::minutes(6);

/// A signed-in member: the tokens, and what pages show.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SignedInMember {
    /// Renews the JWT and ends the session.
    pub session_token: SessionToken,
    /// Verified when it arrived.
    pub session_jwt: SessionJwt,
    /// Until when the session counts as valid without asking Stytch.
    pub jwt_until: OffsetDateTime,
    /// Where the member is signed in.
    pub organization: OrganizationSummary,
    /// Who is signed in.
    pub member: MemberSummary,
    /// `member-session-test-…`
    pub member_session_id: String,
    /// Time of the first factor.
    pub started_at: OffsetDateTime,
    /// Start of the session, or of the session from which the member switched here.
    pub since: OffsetDateTime,
    /// What the member proved.
    pub factors: Vec<AuthenticationFactor>,
    /// Who can join the organization with a verified address, as of the last response about it.
    pub jit: EmailJit,
    /// Masked tokens that the provider returned at sign-in.
    pub provider_tokens: Option<ProviderTokens>,
    /// End of the session, unless it is renewed before.
    pub until: OffsetDateTime,
}

/// Who can join an organization with an address at an allowed domain (just-in-time provisioning).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmailJit {
    /// Whether it is turned on.
    pub open: bool,
    /// The allowed domains; they stay listed while it is turned off.
    pub domains: Vec<String>,
}

impl EmailJit {
    /// Whether a person with this domain can join.
    pub fn admits(&self, domain: &str) -> bool {
        self.open && self.lists(domain)
    }

    /// Whether the domain is in the list, whether or not joining is turned on.
    pub fn lists(&self, domain: &str) -> bool {
        self.domains
            .iter()
            .any(|it| it.eq_ignore_ascii_case(domain))
    }
}

impl From<&Organization> for EmailJit {
    fn from(organization: &Organization) -> Self {
        Self {
            open: organization.email_jit_provisioning == "RESTRICTED",
            domains: organization.email_allowed_domains.clone(),
        }
    }
}

/// What `oauth.authenticate` returned from the provider. The tokens are masked; the session does not store them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ProviderTokens {
    /// `Google`, …
    pub provider_type: String,
    /// Masked access token; empty when there was none.
    pub access: String,
    /// Masked refresh token; empty when there was none.
    pub refresh: String,
    /// Masked ID token; empty when there was none.
    pub identity: String,
    /// Expiry of the access token, UTC.
    pub expires_at: Option<OffsetDateTime>,
    /// What the person agreed to.
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

impl From<&Organization> for OrganizationSummary {
    fn from(organization: &Organization) -> Self {
        Self {
            organization_id: organization.organization_id.clone(),
            organization_name: organization.organization_name.clone(),
            organization_slug: organization.organization_slug.clone(),
        }
    }
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

impl ProviderTokens {
    /// Masks the tokens.
    pub fn new(provider_type: String, values: &ProviderValues) -> Self {
        Self {
            provider_type,
            access: values.access_token.masked(),
            refresh: values.refresh_token.masked(),
            identity: values.id_token.masked(),
            expires_at: values.expires_at,
            scopes: values.scopes.clone(),
        }
    }
}

impl SignedInMember {
    /// Keeps what pages need of Stytch's response. `until` is the end of the session at Stytch, or twelve hours after
    /// `since` if that is sooner.
    pub fn new(
        signed_in: &SignedIn,
        jwt_until: OffsetDateTime,
        since: Option<OffsetDateTime>,
    ) -> Self {
        let session = &signed_in.member_session;
        let since = since.map_or(session.started_at, |it| it.min(session.started_at));
        let member = &signed_in.member;
        let roles = member.roles.iter();
        Self {
            session_token: signed_in.session_token.clone(),
            session_jwt: signed_in.session_jwt.clone(),
            jwt_until,
            organization: OrganizationSummary::from(&signed_in.organization),
            member: MemberSummary {
                member_id: member.member_id.clone(),
                email_address: member.email_address.clone(),
                name: member.name.clone(),
                status: member.status.clone(),
                roles: roles.map(|role| role.role_id.clone()).collect(),
            },
            member_session_id: session.member_session_id.clone(),
            started_at: session.started_at,
            since,
            factors: session.authentication_factors.clone(),
            jit: EmailJit::from(&signed_in.organization),
            provider_tokens: None,
            until: session.expires_at.min(since + LONGEST_SESSION),
        }
    }

    /// Whether the JWT still vouches for the session. An end further ahead than a JWT lives means that our clock was
    /// set back, and then a session that Stytch ended would stay valid for as long.
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

    /// Path of the organization's page.
    pub fn home(&self) -> String {
        format!("/org/{}", self.organization.organization_slug)
    }
}
