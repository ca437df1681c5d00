//! Member sessions: check and renew one, exchange it for one in another organization, or revoke it.
//!
//! Sources: <https://stytch.com/docs/b2b/api/authenticate-session>, `exchange-session`, `revoke-session`.

use serde::{Serialize, de::IgnoredAny};

use super::{
    Login, OrganizationId, Result, SessionOptions, SessionToken, SignedIn, Stytch,
    login::{LoginBody, SignedInBody},
    send::Call,
};

/// `stytch.sessions()`
pub struct Sessions<'a>(pub(super) &'a Stytch);

#[derive(Serialize)]
struct Authenticate<'a> {
    session_token: &'a SessionToken,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_duration_minutes: Option<u32>,
}

impl Sessions<'_> {
    /// `POST /v1/b2b/sessions/authenticate`: checks that the session is valid, and returns a new JWT. If
    /// `session_duration_minutes` is given, the session then expires that many minutes from now. Safe to repeat.
    ///
    /// # Errors
    /// `session_not_found` (404) if it was revoked or has expired.
    pub async fn authenticate(
        &self,
        token: &SessionToken,
        options: &SessionOptions,
    ) -> Result<SignedIn> {
        let body = Authenticate {
            session_token: token,
            session_duration_minutes: options.session_duration_minutes,
        };
        let path = "/v1/b2b/sessions/authenticate";
        let answer: SignedInBody = self.0.post(Call::Read, path, &body).await?;
        Ok(answer.into())
    }

    /// `POST /v1/b2b/sessions/exchange`: returns a session in another organization, if it accepts the factors of this
    /// one. Accepts an invitation, but does not let a person join. The old session stays valid.
    ///
    /// # Errors
    /// `insufficient_factors_for_session_exchange` if its factors are valid only in its own organization (SSO);
    /// [`super::Error::OtherOrganization`] if the response is about a different organization than requested.
    pub async fn exchange(
        &self,
        token: &SessionToken,
        organization: &OrganizationId,
        options: &SessionOptions,
    ) -> Result<Login> {
        #[derive(Serialize)]
        struct Exchange<'a> {
            organization_id: &'a OrganizationId,
            session_token: &'a SessionToken,
            #[serde(flatten)]
            options: &'a SessionOptions,
        }
        let body = Exchange {
            organization_id: organization,
            session_token: token,
            options,
        };
        let path = "/v1/b2b/sessions/exchange";
        let outcome = |body: LoginBody| body.outcome_in(organization);
        self.0.post_login(path, &body, outcome).await
    }

    /// `POST /v1/b2b/sessions/revoke`: ends the session everywhere.
    pub async fn revoke(&self, token: &SessionToken) -> Result<()> {
        #[derive(Serialize)]
        struct Revoke<'a> {
            session_token: &'a SessionToken,
        }
        let body = Revoke {
            session_token: token,
        };
        let path = "/v1/b2b/sessions/revoke";
        // The body of a successful response is not needed.
        let IgnoredAny = self.0.post(Call::Once, path, &body).await?;
        Ok(())
    }
}
