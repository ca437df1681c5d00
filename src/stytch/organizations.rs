//! Organizations: look one up by its slug, or change one with a member's own permissions.
//!
//! Sources: <https://stytch.com/docs/b2b/api/search-organizations>, `update-organization`.

use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    Error, OrganizationId, Result, SessionToken, Slug, Stytch, needed::usable_if_any,
    objects::Organization, send::Call,
};

/// `stytch.organizations()`
pub struct Organizations<'a>(pub(super) &'a Stytch);

#[derive(Deserialize)]
struct Found {
    #[serde(deserialize_with = "usable_if_any")]
    organizations: Vec<Organization>,
}

/// A change of who can join by email domain. Fields that are `None` stay unchanged.
#[derive(Clone, Debug, Default, Serialize)]
pub struct EmailJit {
    /// `RESTRICTED` to the allowed domains, or `NOT_ALLOWED`.
    pub email_jit_provisioning: &'static str,
    /// The complete list, which replaces the old one. Stytch refuses public domains such as gmail.com.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email_allowed_domains: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Got {
    organization: Organization,
}

impl Organizations<'_> {
    /// `POST /v1/b2b/organizations/search` for one slug. `None` when there is no such organization.
    pub async fn by_slug(&self, slug: &Slug) -> Result<Option<Organization>> {
        let body = json!({
            "limit": 1,
            "query": {"operator": "AND", "operands": [
                {"filter_name": "organization_slugs", "filter_value": [slug]},
            ]},
        });
        let path = "/v1/b2b/organizations/search";
        let found: Found = self.0.post(Call::Read, path, &body).await?;
        let organization = found.organizations.into_iter().next();
        match organization {
            Some(other) if &other.organization_slug != slug => Err(Error::OtherOrganization),
            organization => Ok(organization),
        }
    }

    /// `PUT /v1/b2b/organizations/{organization_id}`, with the permissions of this session's member. Stytch checks the
    /// member's roles.
    ///
    /// # Errors
    /// `session_authorization_error` (403) if the roles do not allow it; `organization_settings_domain_too_common`
    /// for a public email domain.
    pub async fn update_email_jit(
        &self,
        member: &SessionToken,
        organization: &OrganizationId,
        change: &EmailJit,
    ) -> Result<Organization> {
        let path = format!("/v1/b2b/organizations/{organization}");
        let got: Got = self
            .0
            .send_as(Some(member), Call::Once, Method::PUT, &path, Some(change))
            .await?;
        if &got.organization.organization_id != organization {
            return Err(Error::OtherOrganization);
        }
        Ok(got.organization)
    }
}
