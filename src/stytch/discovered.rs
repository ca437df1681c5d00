//! The list of organizations in a discovery response. A person in very many organizations has a list of many megabytes,
//! and the vendor has no pages for it, so it is read in bounded memory.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, SeqAccess, Visitor},
};

use super::{
    AuthMethod, OrganizationId, Provider, Slug,
    objects::{DiscoveredOrganization, or_default},
};

/// Organizations that are kept, in the vendor's order.
pub const MOST_KEPT: usize = 1_000;

/// The organizations that were discovered: the first [`MOST_KEPT`], and the number of others.
#[derive(Debug, Default)]
pub struct DiscoveredOrganizations {
    /// The first ones.
    pub first: Vec<DiscoveredOrganization>,
    /// How many others there are. People reach them by their slugs.
    pub more: usize,
}

/// What is kept of a discovered organization. Metadata, domains and connections are skipped while reading.
#[derive(Clone, Debug, Default, Deserialize)]
#[expect(missing_docs, reason = "the vendor's reference describes its fields")]
pub struct OrganizationEntry {
    pub organization_id: OrganizationId,
    #[serde(default, deserialize_with = "or_default")]
    pub organization_name: String,
    #[serde(default, deserialize_with = "or_default")]
    pub organization_slug: Slug,
    /// `ALL_ALLOWED` or `RESTRICTED` to `allowed_auth_methods`.
    #[serde(default, deserialize_with = "or_default")]
    pub auth_methods: String,
    #[serde(default, deserialize_with = "or_default")]
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

impl<'de> Deserialize<'de> for DiscoveredOrganizations {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(List)
    }
}

struct List;

impl<'de> Visitor<'de> for List {
    type Value = DiscoveredOrganizations;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of organizations")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut found = DiscoveredOrganizations::default();
        while found.first.len() < MOST_KEPT {
            match list.next_element()? {
                Some(entry) => found.first.push(entry),
                None => return Ok(found),
            }
        }
        while list.next_element::<IgnoredAny>()?.is_some() {
            found.more += 1;
        }
        Ok(found)
    }
}
