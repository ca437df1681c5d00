//! Discovery: from an intermediate session to a member session in one organization.
//!
//! Sources: <https://stytch.com/docs/b2b/api/exchange-intermediate-session>, `create-organization-via-discovery`,
//! `list-discovered-organizations`.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{
    IntermediateSessionToken, Login, OrganizationId, Result, SessionOptions, SessionToken, Stytch,
    discovered::DiscoveredOrganizations,
    login::LoginBody,
    needed::{needed, needed_address, or_default, time_or_none},
    send::Call,
};

/// The response to each Discovery sign-in, with a provider or by email. The email address is verified, but the person
/// is not signed in yet.
#[derive(Debug, Deserialize)]
pub struct Discovered {
    /// Proof of this sign-in, valid for ten minutes.
    #[serde(deserialize_with = "needed")]
    pub intermediate_session_token: IntermediateSessionToken,
    /// Expiry of the intermediate session, UTC.
    #[serde(default, deserialize_with = "time_or_none")]
    pub intermediate_session_token_expires_at: Option<OffsetDateTime>,
    /// The email address, as the provider reports it.
    #[serde(deserialize_with = "needed_address")]
    pub email_address: String,
    /// The provider, for [`Provider::of_type`](super::Provider::of_type); empty after a sign-in by email.
    #[serde(default, deserialize_with = "or_default")]
    pub provider_type: String,
    /// The person's organizations. If there are none, the person can only create one.
    pub discovered_organizations: DiscoveredOrganizations,
}

/// `stytch.discovery()`
pub struct Discovery<'a>(pub(super) &'a Stytch);

#[derive(Serialize)]
struct Exchange<'a> {
    intermediate_session_token: &'a IntermediateSessionToken,
    organization_id: &'a OrganizationId,
    #[serde(flatten)]
    options: &'a SessionOptions,
}

#[derive(Serialize)]
struct Create<'a> {
    intermediate_session_token: &'a IntermediateSessionToken,
    // Left out when empty: the vendor then derives them from the email address. `""` is not documented.
    #[serde(skip_serializing_if = "str::is_empty")]
    organization_name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    organization_slug: &'a str,
    #[serde(flatten)]
    options: SessionOptions,
}

impl Discovery<'_> {
    /// `POST /v1/b2b/discovery/organizations`: the organizations that the session's address is a member of, invited
    /// to or pending in; not those that it could join. Safe to repeat.
    ///
    /// # Errors
    /// `session_not_found` (404) if the session was revoked or has expired.
    pub async fn organizations(&self, session: &SessionToken) -> Result<DiscoveredOrganizations> {
        #[derive(Serialize)]
        struct List<'a> {
            session_token: &'a SessionToken,
        }
        #[derive(Deserialize)]
        struct Listed {
            discovered_organizations: DiscoveredOrganizations,
        }
        let body = List {
            session_token: session,
        };
        let path = "/v1/b2b/discovery/organizations";
        let listed: Listed = self.0.post_for_list(Call::Read, path, &body).await?;
        Ok(listed.discovered_organizations)
    }

    /// `POST /v1/b2b/discovery/intermediate_sessions/exchange`: signs in to a discovered organization. The intermediate
    /// session is used up only if the result is [`Login::SignedIn`].
    ///
    /// # Errors
    /// [`super::Error::OtherOrganization`] if the response is about a different organization.
    pub async fn exchange(
        &self,
        ist: &IntermediateSessionToken,
        organization: &OrganizationId,
        options: &SessionOptions,
    ) -> Result<Login> {
        let body = Exchange {
            intermediate_session_token: ist,
            organization_id: organization,
            options,
        };
        let path = "/v1/b2b/discovery/intermediate_sessions/exchange";
        let outcome = |body: LoginBody| body.outcome_in(organization);
        self.0.post_login(path, &body, outcome).await
    }

    /// `POST /v1/b2b/discovery/organizations/create`: creates an organization, with the person as its first member and
    /// administrator. `name` 1 to 128 characters; `slug` 2 to 128 of `A-Z a-z 0-9 - . _ ~`; either may be empty.
    pub async fn create(
        &self,
        ist: &IntermediateSessionToken,
        name: &str,
        slug: &str,
        options: &SessionOptions,
    ) -> Result<Login> {
        let body = Create {
            intermediate_session_token: ist,
            organization_name: name,
            organization_slug: slug,
            // This call takes no locale.
            options: SessionOptions {
                locale: None,
                ..options.clone()
            },
        };
        let path = "/v1/b2b/discovery/organizations/create";
        self.0.post_login(path, &body, LoginBody::outcome).await
    }
}
