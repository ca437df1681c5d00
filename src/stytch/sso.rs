//! Single sign-on: at an organization's own identity provider, by SAML or OIDC.
//!
//! Sources: <https://stytch.com/docs/b2b/api/sso-authenticate-start>, `sso-authenticate`.

use serde::Serialize;
use url::Url;

use super::{
    AuthenticateOptions, ConnectionId, Result, Stytch,
    login::{Authenticated, AuthenticatedBody},
    secret::CallbackToken,
};

/// `stytch.sso()`
pub struct Sso<'a>(pub(super) &'a Stytch);

#[derive(Serialize)]
struct Authenticate<'a> {
    sso_token: &'a CallbackToken,
    #[serde(flatten)]
    options: &'a AuthenticateOptions<'a>,
}

impl Sso<'_> {
    /// Start URL of a sign-in with this connection.
    ///
    /// `redirect_url` must be registered in the dashboard with the types Login and Signup.
    pub fn start_url(
        &self,
        connection_id: &ConnectionId,
        redirect_url: &Url,
        challenge: &str,
    ) -> Url {
        // The one start URL without `b2b` in its path.
        let mut url = self.0.browser_url("/v1/public/sso/start");
        url.query_pairs_mut()
            .append_pair("public_token", &self.0.0.credentials.public_token)
            .append_pair("connection_id", connection_id.as_str())
            .append_pair("login_redirect_url", redirect_url.as_str())
            .append_pair("signup_redirect_url", redirect_url.as_str())
            .append_pair("pkce_code_challenge", challenge);
        url
    }

    /// `POST /v1/b2b/sso/authenticate`: uses up an `sso` token.
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
        let outcome = AuthenticatedBody::authenticated;
        self.0.post_login(path, &request, outcome).await
    }
}
