//! The list of organizations in a discovery response. A person in very many organizations has a list of many megabytes,
//! and the vendor has no pages for it, so it is read in bounded memory.

#![expect(missing_docs, reason = "the vendor's reference describes its fields")]

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error, IgnoredAny, SeqAccess, Visitor},
};

use super::{
    AuthMethod, OrganizationId, Provider, Slug,
    needed::{Blank, EMPTY, name_or_default, or_default, usable, usable_or_blank},
};

/// Maximum number of organizations that are kept. They are the first ones, in the vendor's order.
pub const MOST_KEPT: usize = 1_000;

/// The organizations that were discovered: the first [`MOST_KEPT`], and the number of others.
#[derive(Debug, Default)]
pub struct DiscoveredOrganizations {
    /// The first ones, in the vendor's order.
    pub first: Vec<DiscoveredOrganization>,
    /// How many others there are. People reach them by their slugs.
    pub more: usize,
}

/// An organization that the person with the verified address may enter or ask to enter.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct DiscoveredOrganization {
    #[serde(default, deserialize_with = "or_default")]
    pub organization: OrganizationEntry,
    #[serde(default)]
    pub membership: Option<Membership>,
    /// Whether the exchange returns a session without another factor.
    #[serde(default, deserialize_with = "or_default")]
    pub member_authenticated: bool,
}

impl Blank for DiscoveredOrganization {
    fn is_blank(&self) -> bool {
        self.organization.is_blank()
    }
}

/// How a person belongs to a discovered organization.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Membership {
    /// `active_member`, `invited_member`, … or something new.
    #[serde(rename = "type", default, deserialize_with = "or_default")]
    pub kind: MembershipKind,
}

/// The vendor's `membership.type`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MembershipKind {
    /// A member who can sign in.
    ActiveMember,
    /// Invited. Signing in accepts the invitation.
    InvitedMember,
    /// Started to join, and has not finished.
    PendingMember,
    /// Can join because of the domain of the email address.
    EligibleToJoinByEmailDomain,
    /// Can join because of a tenant at the OAuth provider.
    EligibleToJoinByOauthTenant,
    /// A type that is newer than this code.
    #[default]
    #[serde(other)]
    Other,
}

impl Blank for MembershipKind {}

/// What is kept of a discovered organization. Metadata, domains and connections are skipped while reading.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct OrganizationEntry {
    #[serde(default, deserialize_with = "usable_or_blank")]
    pub organization_id: OrganizationId,
    #[serde(default, deserialize_with = "name_or_default")]
    pub organization_name: String,
    #[serde(default, deserialize_with = "usable_or_blank")]
    pub organization_slug: Slug,
    /// `ALL_ALLOWED` or `RESTRICTED` to `allowed_auth_methods`.
    #[serde(default, deserialize_with = "or_default")]
    pub auth_methods: String,
    #[serde(default, deserialize_with = "usable")]
    pub allowed_auth_methods: Vec<AuthMethod>,
}

impl OrganizationEntry {
    /// Whether its rules let members sign in with this provider, as
    /// [`Organization::allows`](super::objects::Organization::allows).
    pub fn allows(&self, provider: Provider) -> bool {
        self.auth_methods == "ALL_ALLOWED"
            || self.allowed_auth_methods.contains(&provider.auth_method())
    }
}

/// An entry without id, name or slug can't be offered.
impl Blank for OrganizationEntry {
    fn is_blank(&self) -> bool {
        self.organization_id.is_blank()
            || self.organization_name.is_blank()
            || self.organization_slug.is_blank()
    }
}

impl<'de> Deserialize<'de> for DiscoveredOrganizations {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(List)
    }
}

struct List;

impl<'de> Visitor<'de> for List {
    type Value = DiscoveredOrganizations;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of organizations")
    }

    /// `null` is an empty list.
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(DiscoveredOrganizations::default())
    }

    /// Leaves out entries that can't be offered. If all entries are such, the list is unreadable and not empty.
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut found = DiscoveredOrganizations::default();
        let mut is_empty = true;
        while found.first.len() < MOST_KEPT {
            match list.next_element::<Option<DiscoveredOrganization>>()? {
                Some(entry) => found.first.extend(entry.filter(|it| !it.is_blank())),
                None if found.first.is_empty() && !is_empty => return Err(A::Error::custom(EMPTY)),
                None => return Ok(found),
            }
            is_empty = false;
        }
        while list.next_element::<IgnoredAny>()?.is_some() {
            found.more += 1;
        }
        Ok(found)
    }
}
