//! Lookups of organizations for the client that sent the request.

use std::convert::Infallible;

use axum::{
    extract::{FromRef, FromRequestParts},
    http::request::Parts,
};

use super::{Client, ClientIpHeader, OrganizationCache};
use crate::{error::AppError, stytch::objects::Organization};

/// The [`OrganizationCache`] as an argument of handlers, with the client whose limit applies.
pub struct OrganizationLookups {
    cache: OrganizationCache,
    client: Client,
}

impl OrganizationLookups {
    /// As [`OrganizationCache::find`].
    pub async fn find(&self, slug: &str) -> Result<Organization, AppError> {
        self.cache.find(&self.client, slug).await
    }

    /// Returns the organization that a visitor means by a slug. Slugs are case-sensitive at Stytch, but people often
    /// ignore case. So this looks up the exact slug first, and then the slug in lower case. Each counts as a lookup.
    ///
    /// # Errors
    /// As [`OrganizationCache::find`].
    pub async fn find_in_any_case(&self, slug: &str) -> Result<Organization, AppError> {
        let lower_case = slug.to_ascii_lowercase();
        match self.find(slug).await {
            Err(AppError::NoOrganization { typed }) if lower_case != slug => {
                match self.find(&lower_case).await {
                    Err(AppError::NoOrganization { .. }) => Err(AppError::NoOrganization { typed }),
                    found => found,
                }
            }
            found => found,
        }
    }
}

impl<S: Sync> FromRequestParts<S> for OrganizationLookups
where
    OrganizationCache: FromRef<S>,
    ClientIpHeader: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        Ok(Self {
            cache: OrganizationCache::from_ref(state),
            client: Client::from_request_parts(parts, state).await?,
        })
    }
}
