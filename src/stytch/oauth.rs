//! OAuth: the start URLs for browsers, and the calls that accept the token of the callback.
//!
//! Sources: <https://stytch.com/docs/b2b/api/oauth-google-start>, `authenticate-oauth`, `authenticate-discovery-oauth`.

#![expect(missing_docs, reason = "the vendor's reference describes its fields")]

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use url::Url;

use super::{
    Login, OrganizationId, PkceVerifier, Provider, Result, Stytch,
    discovery::Discovered,
    login::{self, AuthenticateOptions, AuthenticatedBody},
    needed::{or_default, time_or_none, usable},
    pkce,
    secret::{CallbackToken, ProviderToken},
    send::Call,
};

/// `stytch.oauth()`
pub struct Oauth<'a>(pub(super) &'a Stytch);

/// Optional parameters of a start URL.
#[derive(Clone, Debug, Default)]
pub struct StartOptions {
    /// From [`super::pkce::challenge`]. Leave it out only if you can't keep a verifier.
    pub pkce_code_challenge: Option<String>,
    /// Scopes in addition to the provider's default ones.
    pub custom_scopes: Vec<String>,
    /// Passed on to the provider: `("login_hint", "ada@acme.example")`, `("prompt", "consent")`.
    pub provider_parameters: Vec<(String, String)>,
}

impl StartOptions {
    /// Options with the verifier's challenge: Stytch then accepts the token only together with this verifier.
    pub fn with_pkce(verifier: &PkceVerifier) -> Self {
        Self {
            pkce_code_challenge: Some(pkce::challenge(verifier)),
            ..Self::default()
        }
    }
}

/// The response of `oauth.authenticate`.
#[derive(Debug)]
pub struct Authenticated {
    pub login: Login,
    pub organization_id: OrganizationId,
    pub provider_subject: String,
    pub provider_type: String,
    /// The provider's own tokens. No other authenticate call returns them.
    pub provider_values: Option<ProviderValues>,
    /// Whether this login ended the member's other sessions.
    pub reset_sessions: bool,
}

/// Tokens for the provider's own API.
#[derive(Debug, Default, Deserialize)]
pub struct ProviderValues {
    #[serde(default, deserialize_with = "or_default")]
    pub access_token: ProviderToken,
    #[serde(default, deserialize_with = "or_default")]
    pub refresh_token: ProviderToken,
    #[serde(default, deserialize_with = "or_default")]
    pub id_token: ProviderToken,
    #[serde(default, deserialize_with = "time_or_none")]
    pub expires_at: Option<OffsetDateTime>,
    #[serde(default, deserialize_with = "usable")]
    pub scopes: Vec<String>,
}

#[derive(Serialize)]
struct Authenticate<'a> {
    oauth_token: &'a CallbackToken,
    #[serde(flatten)]
    options: &'a AuthenticateOptions<'a>,
}

#[derive(Serialize)]
struct DiscoveryAuthenticate<'a> {
    discovery_oauth_token: &'a CallbackToken,
    #[serde(skip_serializing_if = "Option::is_none")]
    pkce_code_verifier: Option<&'a PkceVerifier>,
}

#[derive(Deserialize)]
struct OauthBody {
    #[serde(flatten)]
    common: AuthenticatedBody,
    #[serde(default, deserialize_with = "or_default")]
    provider_subject: String,
    #[serde(default, deserialize_with = "or_default")]
    provider_type: String,
    #[serde(default)]
    provider_values: Option<ProviderValues>,
    #[serde(default, deserialize_with = "or_default")]
    reset_sessions: bool,
}

impl OauthBody {
    fn authenticated(self) -> Result<Authenticated> {
        let login::Authenticated {
            login,
            organization_id,
        } = self.common.authenticated()?;
        Ok(Authenticated {
            login,
            organization_id,
            provider_subject: self.provider_subject,
            provider_type: self.provider_type,
            provider_values: self.provider_values,
            reset_sessions: self.reset_sessions,
        })
    }
}

impl Oauth<'_> {
    /// `POST /v1/b2b/oauth/discovery/authenticate`: uses up a `discovery_oauth` token.
    pub async fn discovery_authenticate(
        &self,
        token: &CallbackToken,
        verifier: Option<&PkceVerifier>,
    ) -> Result<Discovered> {
        let body = DiscoveryAuthenticate {
            discovery_oauth_token: token,
            pkce_code_verifier: verifier,
        };
        let path = "/v1/b2b/oauth/discovery/authenticate";
        self.0.post_for_list(Call::Once, path, &body).await
    }

    /// `POST /v1/b2b/oauth/authenticate`: uses up an `oauth` token.
    pub async fn authenticate(
        &self,
        token: &CallbackToken,
        options: &AuthenticateOptions<'_>,
    ) -> Result<Authenticated> {
        let request = Authenticate {
            oauth_token: token,
            options,
        };
        let path = "/v1/b2b/oauth/authenticate";
        let outcome = OauthBody::authenticated;
        self.0.post_login(path, &request, outcome).await
    }

    /// Start URL for *Discovery*, in which the visitor signs in first and then chooses an organization.
    ///
    /// `redirect_url` must be registered in the dashboard with the type Discovery.
    pub fn discovery_start_url(
        &self,
        provider: Provider,
        redirect_url: &Url,
        options: &StartOptions,
    ) -> Url {
        let path = format!("/v1/b2b/public/oauth/{}/discovery/start", provider.slug());
        self.start_url(
            &path,
            &[("discovery_redirect_url", redirect_url.as_str())],
            options,
        )
    }

    /// Start URL for *Organization*, in which the visitor signs in to this organization.
    ///
    /// `redirect_url` must be registered in the dashboard with the types Login and Signup.
    pub fn organization_start_url(
        &self,
        provider: Provider,
        organization: &OrganizationId,
        redirect_url: &Url,
        options: &StartOptions,
    ) -> Url {
        let path = format!("/v1/b2b/public/oauth/{}/start", provider.slug());
        let parameters = [
            ("organization_id", organization.as_str()),
            ("login_redirect_url", redirect_url.as_str()),
            ("signup_redirect_url", redirect_url.as_str()),
        ];
        self.start_url(&path, &parameters, options)
    }

    fn start_url(&self, path: &str, parameters: &[(&str, &str)], options: &StartOptions) -> Url {
        let mut url = self.0.browser_url(path);
        let mut query = url.query_pairs_mut();
        query.append_pair("public_token", &self.0.0.credentials.public_token);
        query.extend_pairs(parameters);
        if let Some(challenge) = &options.pkce_code_challenge {
            query.append_pair("pkce_code_challenge", challenge);
        }
        if !options.custom_scopes.is_empty() {
            query.append_pair("custom_scopes", &options.custom_scopes.join(" "));
        }
        for (name, value) in &options.provider_parameters {
            query.append_pair(&format!("provider_{name}"), value);
        }
        drop(query);
        url
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::super::{Credentials, ProjectSecret};
    use super::*;

    fn stytch() -> Stytch {
        let credentials = Credentials {
            project_id: "project-test-1".into(),
            secret: ProjectSecret::new("secret"),
            public_token: "public-token-test-1".into(),
        };
        let base_url = Url::parse("https://test.stytch.com").unwrap();
        Stytch::new(credentials, base_url, Duration::from_secs(1)).unwrap()
    }

    proptest! {
        /// C14: any text in a value stays in that value, and the URL stays Stytch's.
        #[test]
        fn start_urls_keep_their_shape(scope in ".{1,40}", hint in ".{0,40}", query in "[a-z]{0,9}") {
            let redirect_url = Url::parse(&format!("http://localhost:3000/discovery?{query}&a=b#c")).unwrap();
            let options = StartOptions {
                pkce_code_challenge: Some("challenge".into()),
                custom_scopes: vec![scope.clone()],
                provider_parameters: vec![("login_hint".into(), hint.clone())],
            };
            let stytch = stytch();
            let url = stytch.oauth().discovery_start_url(Provider::Google, &redirect_url, &options);
            prop_assert_eq!(url.origin().ascii_serialization(), "https://test.stytch.com");
            prop_assert_eq!(url.path(), "/v1/b2b/public/oauth/google/discovery/start");
            prop_assert_eq!(url.fragment(), None);
            let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
            prop_assert_eq!(pairs, vec![
                ("public_token".into(), "public-token-test-1".into()),
                ("discovery_redirect_url".into(), redirect_url.to_string()),
                ("pkce_code_challenge".into(), "challenge".into()),
                ("custom_scopes".into(), scope),
                ("provider_login_hint".into(), hint),
            ]);
        }
    }
}
