//! Look organizations up, by slug or id.
//!
//! Sources: <https://stytch.com/docs/b2b/api/search-organizations>, `get-organization`.

use reqwest::Method;
use serde::Deserialize;
use serde_json::json;

use super::{
    Error, Result, Stytch,
    objects::{Organization, OrganizationId, or_default},
    send::Call,
};

/// `stytch.organizations()`
pub struct Organizations<'a>(pub(super) &'a Stytch);

#[derive(Deserialize)]
struct Found {
    #[serde(default, deserialize_with = "or_default")]
    organizations: Vec<Organization>,
}

#[derive(Deserialize)]
struct Got {
    organization: Organization,
}

impl Organizations<'_> {
    /// `POST /v1/b2b/organizations/search` for one slug. `None` when there is no such organization.
    pub async fn by_slug(&self, slug: &str) -> Result<Option<Organization>> {
        let body = json!({
            "limit": 1,
            "query": {"operator": "AND", "operands": [
                {"filter_name": "organization_slugs", "filter_value": [slug]},
            ]},
        });
        let path = "/v1/b2b/organizations/search";
        let found: Found = self
            .0
            .send(Call::Read, Method::POST, path, Some(&body))
            .await?;
        let organization = found.organizations.into_iter().next();
        match organization {
            Some(other) if other.organization_slug != slug => Err(Error::OtherOrganization),
            organization => Ok(organization),
        }
    }

    /// `GET /v1/b2b/organizations/{organization_id}`; takes a slug or an external id too.
    pub async fn get(&self, organization: &OrganizationId) -> Result<Organization> {
        let path = format!("/v1/b2b/organizations/{organization}");
        let got: Got = self
            .0
            .send(Call::Read, Method::GET, &path, None::<&()>)
            .await?;
        Ok(got.organization)
    }
}
