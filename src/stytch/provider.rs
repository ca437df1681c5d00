//! The five OAuth providers of Stytch B2B.

#![expect(missing_docs, reason = "the names say it all")]

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::AuthMethod;

/// An OAuth provider. It is parsed from URLs and from the configuration, so an unknown provider results in a 404, and
/// can't become a part of a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// Google and Google Workspace.
    Google,
    /// Microsoft Entra ID and personal accounts.
    Microsoft,
    Github,
    Slack,
    Hubspot,
}

impl Provider {
    /// All of them, in the order in which pages offer them.
    pub const ALL: [Self; 5] = [
        Self::Google,
        Self::Microsoft,
        Self::Github,
        Self::Slack,
        Self::Hubspot,
    ];

    /// The name in the vendor's paths: `google`.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Google => "google",
            Self::Microsoft => "microsoft",
            Self::Github => "github",
            Self::Slack => "slack",
            Self::Hubspot => "hubspot",
        }
    }

    /// The provider that a response names as its `provider_type`, in any case, because the vendor does not document the
    /// case. `None` for a provider that this client does not know.
    pub fn of_type(provider_type: &str) -> Option<Self> {
        provider_type.to_ascii_lowercase().parse().ok()
    }

    /// Whether Stytch accepts a sign-in with this provider as proof of the email address. Google proves it only for
    /// Workspace accounts.
    pub fn proves_address(self) -> bool {
        matches!(self, Self::Google | Self::Microsoft)
    }

    /// The matching value of `allowed_auth_methods`.
    pub fn auth_method(self) -> AuthMethod {
        match self {
            Self::Google => AuthMethod::GoogleOauth,
            Self::Microsoft => AuthMethod::MicrosoftOauth,
            Self::Github => AuthMethod::GithubOauth,
            Self::Slack => AuthMethod::SlackOauth,
            Self::Hubspot => AuthMethod::HubspotOauth,
        }
    }
}

/// The name people know: "GitHub".
impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Google => "Google",
            Self::Microsoft => "Microsoft",
            Self::Github => "GitHub",
            Self::Slack => "Slack",
            Self::Hubspot => "HubSpot",
        })
    }
}

impl FromStr for Provider {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let named = |provider: &Self| provider.slug() == text;
        Self::ALL.into_iter().find(named).ok_or(())
    }
}
