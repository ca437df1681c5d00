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

    /// The organization that a visitor means by a slug. Slugs keep their case at Stytch, and people don't: the exact slug
    /// comes first, then the one in lower case. Each is a lookup of its own.
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
