//! An authorization request, from the start URL to the button on the consent page. It is kept on the server, because
//! nothing that a form posts back is trusted.

use crate::model::{OpenRequest, Provider, project::with_parameters};

/// An authorization request.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authorization {
    pub open: OpenRequest,
    pub provider: Provider,
    pub flow: Flow,
    pub scopes: Vec<String>,
    /// The `provider_*` parameters of the start URL, without that prefix.
    pub provider_parameters: Vec<(String, String)>,
    pub pkce_code_challenge: Option<String>,
}

/// The flow of the request.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub enum Flow {
    Discovery {
        redirect_url: String,
    },
    Organization {
        organization_id: String,
        login_redirect_url: String,
        signup_redirect_url: String,
    },
}

impl Authorization {
    /// The person that the app suggests.
    pub fn login_hint(&self) -> Option<&str> {
        self.provider_parameters
            .iter()
            .find(|(name, _)| name == "login_hint")
            .map(|(_, hint)| hint.as_str())
    }

    /// Whether the app requested the consent screen, which Google and Microsoft otherwise show at the first login only.
    pub fn prompts_consent(&self) -> bool {
        let mut prompts = self
            .provider_parameters
            .iter()
            .filter(|(name, _)| name == "prompt");
        prompts.any(|(_, words)| words.split_whitespace().any(|word| word == "consent"))
    }

    /// URL of the app to which the browser returns when the person cancels.
    pub fn canceled(&self) -> String {
        self.failed("access_denied")
    }

    /// URL of the app to which the browser returns with this error of the provider. How the vendor reports it to the
    /// app is not documented; see `sandbox/DIFFERENCES.md`.
    pub fn failed(&self, error: &str) -> String {
        let url = match &self.flow {
            Flow::Discovery { redirect_url } => redirect_url,
            Flow::Organization {
                login_redirect_url, ..
            } => login_redirect_url,
        };
        with_error(url, error)
    }
}

/// The URL with an error of the provider, as OAuth 2.0 defines it.
pub fn with_error(url: &str, error: &str) -> String {
    let description = match error {
        "access_denied" => "The person canceled the sign-in.",
        _ => "The provider refused the sign-in.",
    };
    let parameters = [("error", error), ("error_description", description)];
    with_parameters(url, &parameters)
}
