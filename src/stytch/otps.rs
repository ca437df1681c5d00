//! Codes by email. (Codes by SMS are a second factor, and are in [`super::mfa`].)
//!
//! Sources: <https://stytch.com/docs/b2b/api/send-email-otp>, `authenticate-email-otp`, `send-discovery-email-otp`,
//! `authenticate-discovery-email-otp`.

use serde::Serialize;

use super::{
    IntermediateSessionToken, Login, OrganizationId, Result, SessionOptions, Stytch,
    discovery::Discovered,
    login::LoginBody,
    send::{Call, Done},
};

/// `stytch.otps()`
pub struct Otps<'a>(pub(super) &'a Stytch);

#[derive(Serialize)]
struct Send<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    organization_id: Option<&'a OrganizationId>,
    email_address: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    locale: Option<&'a str>,
}

impl Otps<'_> {
    /// `POST /v1/b2b/otps/email/login_or_signup`: sends a code of six digits to an address of this organization. It is
    /// valid for ten minutes, or until a newer one is sent. `locale` is `en`, `es`, `pt-br` or `fr`.
    pub async fn send(
        &self,
        organization: &OrganizationId,
        email_address: &str,
        locale: Option<&str>,
    ) -> Result<()> {
        let path = "/v1/b2b/otps/email/login_or_signup";
        self.send_to(path, Some(organization), email_address, locale)
            .await
    }

    /// `POST /v1/b2b/otps/email/discovery/send`: sends such a code to any address.
    ///
    /// # Errors
    /// `invalid_email`
    pub async fn send_discovery(&self, email_address: &str, locale: Option<&str>) -> Result<()> {
        let path = "/v1/b2b/otps/email/discovery/send";
        self.send_to(path, None, email_address, locale).await
    }

    /// `POST /v1/b2b/otps/email/authenticate`: checks the code, and completes the sign-in of the intermediate session
    /// if no other factor is missing.
    ///
    /// # Errors
    /// `otp_code_not_found` for a wrong code, `unable_to_auth_otp_code` for one that was used or has expired,
    /// `invalid_code` for text that is not a code; [`super::Error::OtherOrganization`] if the response is about another
    /// organization.
    pub async fn authenticate(
        &self,
        organization: &OrganizationId,
        email_address: &str,
        code: &str,
        ist: &IntermediateSessionToken,
        options: &SessionOptions,
    ) -> Result<Login> {
        #[derive(Serialize)]
        struct Authenticate<'a> {
            organization_id: &'a OrganizationId,
            email_address: &'a str,
            code: &'a str,
            intermediate_session_token: &'a IntermediateSessionToken,
            #[serde(flatten)]
            options: SessionOptions,
        }
        let body = Authenticate {
            organization_id: organization,
            email_address,
            code,
            intermediate_session_token: ist,
            options: options.with_email_locale(),
        };
        let path = "/v1/b2b/otps/email/authenticate";
        let outcome = |body: LoginBody| body.outcome_in(organization);
        self.0.post_login(path, &body, outcome).await
    }

    /// `POST /v1/b2b/otps/email/discovery/authenticate`: checks the code, which verifies the address. The errors are
    /// those of [`Self::authenticate`].
    pub async fn discovery_authenticate(
        &self,
        email_address: &str,
        code: &str,
    ) -> Result<Discovered> {
        #[derive(Serialize)]
        struct Authenticate<'a> {
            email_address: &'a str,
            code: &'a str,
        }
        let body = Authenticate {
            email_address,
            code,
        };
        let path = "/v1/b2b/otps/email/discovery/authenticate";
        self.0.post_for_list(Call::Once, path, &body).await
    }

    async fn send_to(
        &self,
        path: &str,
        organization_id: Option<&OrganizationId>,
        email_address: &str,
        locale: Option<&str>,
    ) -> Result<()> {
        let body = Send {
            organization_id,
            email_address,
            locale,
        };
        let Done { .. } = self.0.post(Call::Once, path, &body).await?;
        Ok(())
    }
}
