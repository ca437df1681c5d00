//! Converts Stytch's responses to the data that a session stores.

use std::ops::Range;

use time::OffsetDateTime;

use super::{
    member::{
        EmailJit, JitRule, LONGEST_SESSION, MemberSummary, OrganizationSummary, ProviderTokens,
        SignedInMember,
    },
    origin::{Origin, StartMethod},
    partial::{OfferedOrganization, PartialSession},
};
use crate::stytch::{
    IntermediateSessionToken, SignedIn,
    discovered::DiscoveredOrganization,
    oauth::ProviderValues,
    objects::{Member, Organization},
};

impl From<&Organization> for EmailJit {
    fn from(organization: &Organization) -> Self {
        Self {
            rule: match organization.email_jit_provisioning.as_str() {
                "NOT_ALLOWED" => JitRule::Closed,
                "RESTRICTED" => JitRule::Domains,
                "ALL_ALLOWED" => JitRule::Everyone,
                _ => JitRule::Unknown,
            },
            domains: organization.email_allowed_domains.clone(),
        }
    }
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

impl SignedInMember {
    /// Keeps what pages need of Stytch's response. `times` are the start and the end of the session at Stytch, by this
    /// machine's clock. `until` is that end, or twelve hours after `since` if that is sooner.
    pub fn new(
        signed_in: &SignedIn,
        jwt_until: OffsetDateTime,
        times: Range<OffsetDateTime>,
        since: Option<OffsetDateTime>,
    ) -> Self {
        let session = &signed_in.member_session;
        let since = since.map_or(times.start, |it| it.min(times.start));
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
            started_at: times.start,
            since,
            factors: session.authentication_factors.clone(),
            jit: EmailJit::from(&signed_in.organization),
            provider_tokens: None,
            until: times.end.min(since.saturating_add(LONGEST_SESSION)),
        }
    }
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

impl OfferedOrganization {
    /// What the list shows of an entry of the vendor's list.
    pub fn new(found: DiscoveredOrganization, method: Option<&StartMethod>) -> Self {
        let organization = found.organization;
        Self {
            allows_method: match method {
                Some(StartMethod::Provider(provider)) => organization.allows(*provider),
                Some(StartMethod::Email | StartMethod::Connection(_)) | None => true,
            },
            id: organization.organization_id,
            name: organization.organization_name,
            slug: organization.organization_slug,
            kind: found.membership.unwrap_or_default().kind,
        }
    }
}

impl PartialSession {
    /// Keeps the data that the call for the missing factor needs.
    pub fn new(
        ist: IntermediateSessionToken,
        member: &Member,
        organization: &Organization,
        until: OffsetDateTime,
        origin: Origin,
    ) -> Self {
        Self {
            ist,
            email: member.email_address.clone(),
            organization: OrganizationSummary::from(organization),
            member_id: member.member_id.clone(),
            until,
            origin,
        }
    }
}
