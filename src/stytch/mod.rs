//! A thin client for the part of Stytch's B2B API that a login needs.
//!
//! There is one file per resource, named as in Stytch's SDKs: `stytch.discovery().exchange(..)`. Requests and responses
//! follow <https://stytch.com/docs/b2b/api>. Unknown fields and values are kept or ignored, because Stytch adds some
//! every month.
//!
//! This folder imports nothing from the rest of the package. To use the client alone, copy the folder.
//!
//! An example of Discovery in two steps, without an app. Keep the verifier in the visitor's session between them:
//!
//! ```
//! use stytch_b2b_axum::stytch::{
//!     Login, PkceVerifier, Provider, SessionOptions, Stytch, oauth::StartOptions, pkce, secret::CallbackToken,
//! };
//! use url::Url;
//!
//! /// Returns the URL for the browser, and the verifier to keep.
//! fn start(stytch: &Stytch, callback: &Url) -> (Url, PkceVerifier) {
//!     let verifier = pkce::verifier();
//!     let options = StartOptions::with_pkce(&verifier);
//!     let url = stytch.oauth().discovery_start_url(Provider::Google, callback, &options);
//!     (url, verifier)
//! }
//!
//! /// Exchanges the callback's token for a sign-in to the person's first organization.
//! async fn finish(
//!     stytch: &Stytch,
//!     token: &CallbackToken,
//!     verifier: &PkceVerifier,
//! ) -> Result<String, Box<dyn std::error::Error>> {
//!     let found = stytch.oauth().discovery_authenticate(token, Some(verifier)).await?;
//!     let first = found.discovered_organizations.first.first().ok_or("no organization to enter")?;
//!     let organization = &first.organization.organization_id;
//!     let discovery = stytch.discovery();
//!     let login = discovery
//!         .exchange(&found.intermediate_session_token, organization, &SessionOptions::default())
//!         .await?;
//!     Ok(match login {
//!         Login::SignedIn(signed_in) => format!("signed in as {}", signed_in.member.email_address),
//!         Login::StepUp(_) => "the organization requires another first factor".to_owned(),
//!         Login::Mfa(_) => "a second factor is required".to_owned(),
//!     })
//! }
//! ```

mod answer;
pub mod auth_method;
pub mod discovered;
pub mod discovery;
pub mod error;
pub mod ids;
pub mod jwks;
mod jwt;
pub mod login;
pub mod magic_links;
pub mod mask;
pub mod members;
pub mod mfa;
mod needed;
pub mod oauth;
pub mod objects;
pub mod organizations;
pub mod otps;
pub mod pkce;
mod post_login;
pub mod provider;
pub mod random;
pub mod recorder;
pub mod reference;
pub mod secret;
pub mod send;
pub mod sessions;
pub mod sso;
mod stream;
pub mod tally;
pub mod tls;
mod token_form;
mod vendor_clock;

use std::{sync::Arc, time::Duration};

use reqwest::{Client, redirect};
use tokio::sync::Semaphore;
use url::Url;

pub use self::{
    auth_method::AuthMethod,
    error::{Error, Result},
    ids::{ConnectionId, MemberId, OrganizationId, Slug},
    login::{AuthenticateOptions, Login, MfaDue, SessionOptions, SignedIn, StepUpDue},
    provider::Provider,
    secret::{IntermediateSessionToken, PkceVerifier, ProjectSecret, SessionJwt, SessionToken},
};

/// Maximum number of simultaneous calls. If Stytch is slow, further calls wait, so they don't use up memory and
/// sockets.
const MOST_IN_FLIGHT: usize = 100;

/// The three values of the dashboard's "API keys" page.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// `project-test-…` or `project-live-…`: the user name of every server call.
    pub project_id: String,
    /// `secret-test-…`: the password of every server call.
    pub secret: ProjectSecret,
    /// `public-token-test-…`: part of start URLs, which browsers see.
    pub public_token: String,
}

impl Credentials {
    /// The three values, in the order of the dashboard.
    pub fn new(
        project_id: impl Into<String>,
        secret: impl Into<String>,
        public_token: impl Into<String>,
    ) -> Self {
        Self {
            project_id: project_id.into(),
            secret: ProjectSecret::new(secret),
            public_token: public_token.into(),
        }
    }
}

/// The client. Cheap to clone; clones share connections.
#[derive(Clone)]
pub struct Stytch(Arc<Inner>);

struct Inner {
    http: Client,
    base_url: Url,
    public_url: Url,
    credentials: Credentials,
    deadline: Duration,
    turns: Semaphore,
    jwks: jwks::Jwks,
    clock: vendor_clock::VendorClock,
}

impl Stytch {
    /// `base_url` is an origin (`https://test.stytch.com`). `deadline` is the time limit for one call, including the
    /// wait for a free slot (at most half of it), the body, and a retry.
    ///
    /// # Errors
    /// When the platform's TLS roots can't be read.
    pub fn new(
        credentials: Credentials,
        base_url: Url,
        deadline: Duration,
    ) -> reqwest::Result<Self> {
        Self::with_public_url(credentials, base_url.clone(), base_url, deadline)
    }

    /// The same, but sends browsers to `public_url`, which is an origin, too. A server in a container may reach a
    /// sandbox under a different name than browsers do.
    ///
    /// # Errors
    /// When the platform's TLS roots can't be read.
    pub fn with_public_url(
        credentials: Credentials,
        base_url: Url,
        public_url: Url,
        deadline: Duration,
    ) -> reqwest::Result<Self> {
        tls::choose_provider();
        let http = Client::builder()
            // The API never redirects, and the credentials must not be sent to another host.
            .redirect(redirect::Policy::none())
            .user_agent(concat!("stytch-b2b-axum/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self(Arc::new(Inner {
            http,
            base_url,
            public_url,
            credentials,
            deadline,
            turns: Semaphore::new(MOST_IN_FLIGHT),
            jwks: jwks::Jwks::default(),
            clock: vendor_clock::VendorClock::default(),
        })))
    }

    /// Origin that this server calls.
    pub fn base_url(&self) -> &Url {
        &self.0.base_url
    }

    /// Origin to which browsers are sent.
    pub fn public_url(&self) -> &Url {
        &self.0.public_url
    }

    /// Sign-in with Google, Microsoft, GitHub, Slack or HubSpot.
    pub fn oauth(&self) -> oauth::Oauth<'_> {
        oauth::Oauth(self)
    }

    /// Sign-in at an organization's own identity provider.
    pub fn sso(&self) -> sso::Sso<'_> {
        sso::Sso(self)
    }

    /// The second factors of a sign-in in progress.
    pub fn mfa<'a>(
        &'a self,
        ist: &'a IntermediateSessionToken,
        organization_id: &'a OrganizationId,
        member_id: &'a MemberId,
    ) -> mfa::Mfa<'a> {
        let session = mfa::PartialSession {
            organization_id,
            member_id,
            intermediate_session_token: ist,
        };
        mfa::Mfa {
            stytch: self,
            session,
        }
    }

    /// Links by email.
    pub fn magic_links(&self) -> magic_links::MagicLinks<'_> {
        magic_links::MagicLinks(self)
    }

    /// Codes by email.
    pub fn otps(&self) -> otps::Otps<'_> {
        otps::Otps(self)
    }

    /// The providers' own tokens.
    pub fn members(&self) -> members::Members<'_> {
        members::Members(self)
    }

    /// What to do with an intermediate session: choose or create an organization.
    pub fn discovery(&self) -> discovery::Discovery<'_> {
        discovery::Discovery(self)
    }

    /// Look organizations up, change one.
    pub fn organizations(&self) -> organizations::Organizations<'_> {
        organizations::Organizations(self)
    }

    /// Member sessions: check, renew, exchange, revoke.
    pub fn sessions(&self) -> sessions::Sessions<'_> {
        sessions::Sessions(self)
    }
}
