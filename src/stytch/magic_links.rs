//! Magic links: links by email that sign in.
//!
//! These calls send no PKCE challenge, because a link may be opened on another device, which does not have the
//! verifier. Instead, the app asks the visitor before it uses the token of a link.
//!
//! Sources: <https://stytch.com/docs/b2b/api/send-login-signup-email>, `send-discovery-email`,
//! `authenticate-magic-link`, `authenticate-discovery-magic-link`.

use serde::Serialize;
use url::Url;

use super::{
    AuthenticateOptions, OrganizationId, Result, Stytch,
    discovery::Discovered,
    login::{Authenticated, AuthenticatedBody},
    secret::CallbackToken,
    send::{Call, Done},
};

/// `stytch.magic_links()`
pub struct MagicLinks<'a>(pub(super) &'a Stytch);

#[derive(Serialize)]
struct Send<'a> {
    organization_id: &'a OrganizationId,
    email_address: &'a str,
    login_redirect_url: &'a str,
    signup_redirect_url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    locale: Option<&'a str>,
}

#[derive(Serialize)]
struct SendDiscovery<'a> {
    email_address: &'a str,
    discovery_redirect_url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    locale: Option<&'a str>,
}

#[derive(Serialize)]
struct Authenticate<'a> {
    magic_links_token: &'a CallbackToken,
    #[serde(flatten)]
    options: &'a AuthenticateOptions<'a>,
}

impl MagicLinks<'_> {
    /// `POST /v1/b2b/magic_links/email/login_or_signup`: sends a link that signs this address in to the organization.
    /// It is valid once, for an hour. `redirect_url` must be registered with the types Login and Signup. `locale` is
    /// `en`, `es`, `pt-br` or `fr`.
    pub async fn send(
        &self,
        organization: &OrganizationId,
        email_address: &str,
        redirect_url: &Url,
        locale: Option<&str>,
    ) -> Result<()> {
        let body = Send {
            organization_id: organization,
            email_address,
            login_redirect_url: redirect_url.as_str(),
            signup_redirect_url: redirect_url.as_str(),
            locale,
        };
        let path = "/v1/b2b/magic_links/email/login_or_signup";
        let Done { .. } = self.0.post(Call::Once, path, &body).await?;
        Ok(())
    }

    /// `POST /v1/b2b/magic_links/email/discovery/send`: sends a link to any address. It is valid once, for an hour.
    /// `redirect_url` must be registered with the type Discovery.
    ///
    /// # Errors
    /// `invalid_email`
    pub async fn send_discovery(
        &self,
        email_address: &str,
        redirect_url: &Url,
        locale: Option<&str>,
    ) -> Result<()> {
        let body = SendDiscovery {
            email_address,
            discovery_redirect_url: redirect_url.as_str(),
            locale,
        };
        let path = "/v1/b2b/magic_links/email/discovery/send";
        let Done { .. } = self.0.post(Call::Once, path, &body).await?;
        Ok(())
    }

    /// `POST /v1/b2b/magic_links/authenticate`: uses up a `multi_tenant_magic_links` token of a login, a sign-up or an
    /// invitation.
    ///
    /// # Errors
    /// `unable_to_auth_magic_link` (401) if the link was used or has expired; `magic_link_not_found` (404).
    pub async fn authenticate(
        &self,
        token: &CallbackToken,
        options: &AuthenticateOptions<'_>,
    ) -> Result<Authenticated> {
        let options = AuthenticateOptions {
            options: options.options.with_email_locale(),
            ..options.clone()
        };
        let request = Authenticate {
            magic_links_token: token,
            options: &options,
        };
        let path = "/v1/b2b/magic_links/authenticate";
        let outcome = AuthenticatedBody::authenticated;
        self.0.post_login(path, &request, outcome).await
    }

    /// `POST /v1/b2b/magic_links/discovery/authenticate`: uses up a `discovery` token. The errors are those of
    /// [`Self::authenticate`].
    pub async fn discovery_authenticate(&self, token: &CallbackToken) -> Result<Discovered> {
        #[derive(Serialize)]
        struct Body<'a> {
            discovery_magic_links_token: &'a CallbackToken,
        }
        let body = Body {
            discovery_magic_links_token: token,
        };
        let path = "/v1/b2b/magic_links/discovery/authenticate";
        self.0.post_for_list(Call::Once, path, &body).await
    }
}
