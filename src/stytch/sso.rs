//! Single sign-on: at an organization's own identity provider, by SAML or OIDC.
//!
//! Sources: <https://stytch.com/docs/b2b/api/sso-authenticate-start>, `sso-authenticate`.

use serde::{Deserialize, Serialize};
use url::Url;

use super::{
    AuthenticateOptions, ConnectionId, Login, OrganizationId, Result, Stytch, login::LoginBody,
    secret::CallbackToken, send::Call,
};

/// `stytch.sso()`
pub struct Sso<'a>(pub(super) &'a Stytch);

/// The answer of `sso.authenticate`.
#[derive(Debug)]
pub struct Authenticated {
    /// How the login ended.
    pub login: Login,
    /// Where it ended.
    pub organization_id: OrganizationId,
    /// Whether this login ended the member's other sessions. (The vendor's spelling is singular here.)
    pub reset_session: bool,
}

#[derive(Serialize)]
struct Authenticate<'a> {
    sso_token: &'a CallbackToken,
    #[serde(flatten)]
    options: &'a AuthenticateOptions<'a>,
}

#[derive(Deserialize)]
struct AuthenticatedBody {
    #[serde(flatten)]
    login: LoginBody,
    organization_id: OrganizationId,
    #[serde(default)]
    reset_session: bool,
}

impl Sso<'_> {
    /// Where to send a browser to sign in by this connection.
    ///
    /// `redirect_url` must be registered in the dashboard with the types Login and Signup.
    pub fn start_url(
        &self,
        connection_id: &ConnectionId,
        redirect_url: &Url,
        challenge: &str,
    ) -> Url {
        // The one start URL without `b2b` in its path.
        let mut url = self.0.url("/v1/public/sso/start");
        url.query_pairs_mut()
            .append_pair("public_token", &self.0.0.credentials.public_token)
            .append_pair("connection_id", connection_id.as_str())
            .append_pair("login_redirect_url", redirect_url.as_str())
            .append_pair("signup_redirect_url", redirect_url.as_str())
            .append_pair("pkce_code_challenge", challenge);
        url
    }

    /// `POST /v1/b2b/sso/authenticate`: spends an `sso` token.
    pub async fn authenticate(
        &self,
        token: &CallbackToken,
        options: &AuthenticateOptions<'_>,
    ) -> Result<Authenticated> {
        let request = Authenticate {
            sso_token: token,
            options,
        };
        let path = "/v1/b2b/sso/authenticate";
        let body: AuthenticatedBody = self.0.post(Call::Once, path, &request).await?;
        Ok(Authenticated {
            login: body.login.outcome_in(&body.organization_id)?,
            organization_id: body.organization_id,
            reset_session: body.reset_session,
        })
    }
}
