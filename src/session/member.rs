//! A signed-in member, as a session keeps them.

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use crate::{
    error::AppError,
    stytch::{
        SessionJwt, SessionToken, SignedIn,
        oauth::ProviderValues,
        objects::{AuthenticationFactor, Organization, OrganizationId},
    },
};

/// No session of ours lasts longer, whatever it is extended to at Stytch (OWASP ASVS 7.3.2).
pub const LONGEST_SESSION: Duration = Duration::hours(12);

/// More than the five minutes that a JWT lives, and the leeway.
const MOST_VOUCHED: Duration = Duration::minutes(6);

/// A signed-in member: the tokens, and what pages show.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SignedInMember {
    /// The member session; renews the JWT.
    pub session_token: SessionToken,
    /// Vouches for the session until `jwt_until`.
    pub session_jwt: SessionJwt,
    /// Until when the JWT, which was verified when it came, vouches for the session.
    pub jwt_until: OffsetDateTime,
    /// Where.
    pub organization: OrganizationSummary,
    /// Who.
    pub member: MemberSummary,
    /// `member-session-test-…`
    pub member_session_id: String,
    /// First factor's time.
    pub started_at: OffsetDateTime,
    /// The same, or that of the session from which the member switched here.
    pub since: OffsetDateTime,
    /// What was proved.
    pub factors: Vec<AuthenticationFactor>,
    /// Who may join the organization by themselves, as of the last answer about it.
    pub jit: Jit,
    /// What the sign-in brought along of the provider's own.
    pub brought: Option<Brought>,
    /// The end, unless renewed before.
    pub until: OffsetDateTime,
}

/// Who may join an organization by the domain of their e-mail address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jit {
    /// Whether anybody may.
    pub open: bool,
    /// Whose domain is one of these.
    pub domains: Vec<String>,
}

impl Jit {
    /// Whether somebody with this domain may join by it.
    pub fn admits(&self, domain: &str) -> bool {
        self.open && self.lists(domain)
    }

    /// Whether the domain is in the list, open or not.
    pub fn lists(&self, domain: &str) -> bool {
        self.domains
            .iter()
            .any(|it| it.eq_ignore_ascii_case(domain))
    }
}

impl From<&Organization> for Jit {
    fn from(organization: &Organization) -> Self {
        Self {
            open: organization.email_jit_provisioning == "RESTRICTED",
            domains: organization.email_allowed_domains.clone(),
        }
    }
}

/// What `oauth.authenticate` answered of the provider's own: masked, the tokens themselves are not kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Brought {
    /// `Google`, …
    pub provider_type: String,
    /// The access token, masked; empty when there was none.
    pub access: String,
    /// The refresh token, masked; empty when there was none.
    pub refresh: String,
    /// The ID token, masked; empty when there was none.
    pub identity: String,
    /// Of the access token.
    pub expires_at: Option<OffsetDateTime>,
    /// What the person agreed to.
    pub scopes: Vec<String>,
}

/// What pages show of an organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationSummary {
    /// Never changes.
    pub organization_id: OrganizationId,
    /// Chosen by people.
    pub organization_name: String,
    /// Stands in our URLs.
    pub organization_slug: String,
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
pub struct MemberSummary {
    /// Never changes.
    pub member_id: String,
    /// Unique within the organization.
    pub email_address: String,
    /// May be empty.
    pub name: String,
    /// `active`
    pub status: String,
    /// `stytch_member`, …
    pub roles: Vec<String>,
}

impl Brought {
    /// What may be kept of it.
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
    /// What is kept of Stytch's answer. `until` is its end, or twelve hours after its beginning or `since`, whichever
    /// is soonest.
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
            jit: Jit::from(&signed_in.organization),
            brought: None,
            until: session.expires_at.min(since + LONGEST_SESSION),
        }
    }

    /// Whether the JWT vouches for the session now. Further ahead than a JWT lives its end can only be when our clock
    /// was set back since it came: a session that Stytch has ended would then live on for as long.
    pub fn is_vouched(&self, now: OffsetDateTime) -> bool {
        self.jwt_until > now && self.jwt_until < now + MOST_VOUCHED
    }

    /// Whether a page or form of the organization with this slug is the member's.
    ///
    /// # Errors
    /// "Other tab" when it is another organization's.
    pub fn is_at(&self, slug: &str) -> Result<(), AppError> {
        if self.organization.organization_slug == slug {
            return Ok(());
        }
        Err(AppError::OtherTab {
            here: self.organization.clone(),
            there: slug.to_owned(),
        })
    }

    /// The part of the address after the `@`.
    pub fn domain(&self) -> &str {
        let (_, domain) = self
            .member
            .email_address
            .rsplit_once('@')
            .unwrap_or_default();
        domain
    }

    /// The organization's page.
    pub fn home(&self) -> String {
        format!("/org/{}", self.organization.organization_slug)
    }
}
