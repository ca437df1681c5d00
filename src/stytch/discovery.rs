//! Discovery: from an intermediate session to a member session in one organization.
//!
//! Sources: <https://stytch.com/docs/b2b/api/exchange-intermediate-session>, `create-organization-via-discovery`.

use reqwest::Method;
use serde::Serialize;

use super::{
    IntermediateSessionToken, Login, Result, SessionOptions, Stytch, login::LoginBody,
    objects::OrganizationId, send::Call,
};

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
    // Left out when empty: the vendor then derives them from the e-mail address. `""` is not documented.
    #[serde(skip_serializing_if = "str::is_empty")]
    organization_name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    organization_slug: &'a str,
    #[serde(flatten)]
    options: SessionOptions,
}

impl Discovery<'_> {
    /// `POST /v1/b2b/discovery/intermediate_sessions/exchange`: enter an organization that was discovered. Spends
    /// the intermediate session only when somebody is signed in by it.
    ///
    /// # Errors
    /// [`super::Error::OtherOrganization`] when the answer is about another one than `organization` (an id).
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
        let answer: LoginBody = self
            .0
            .send(Call::Once, Method::POST, path, Some(&body))
            .await?;
        answer.outcome_in(organization)
    }

    /// `POST /v1/b2b/discovery/organizations/create`: make an organization and become its first member and
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
        let answer: LoginBody = self
            .0
            .send(Call::Once, Method::POST, path, Some(&body))
            .await?;
        answer.outcome()
    }
}
