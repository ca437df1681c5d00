//! The first factors that an organization can allow.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A value of `allowed_auth_methods`. Stytch adds methods, so unknown ones are kept as they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    missing_docs,
    reason = "each variant is named after the vendor's value"
)]
pub enum AuthMethod {
    GoogleOauth,
    MicrosoftOauth,
    GithubOauth,
    SlackOauth,
    HubspotOauth,
    MagicLink,
    EmailOtp,
    Password,
    Sso,
    /// A method that is newer than this code.
    #[serde(untagged)]
    Other(String),
}

/// Displays the name that people know, such as "GitHub" or "an email code".
impl fmt::Display for AuthMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::GoogleOauth => "Google",
            Self::MicrosoftOauth => "Microsoft",
            Self::GithubOauth => "GitHub",
            Self::SlackOauth => "Slack",
            Self::HubspotOauth => "HubSpot",
            Self::MagicLink => "a link sent by email",
            Self::EmailOtp => "a code sent by email",
            Self::Password => "a password",
            Self::Sso => "single sign-on (SSO)",
            Self::Other(_) => "something newer",
        })
    }
}
