//! The five OAuth providers and the vendor's names for them. See `docs/stytch.md#start-urls` and
//! `docs/stytch.md#authentication-factors`.

/// One of the five providers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Provider {
    Google,
    Microsoft,
    Github,
    Slack,
    Hubspot,
}

impl Provider {
    /// All providers, in the order of the documentation.
    pub const ALL: [Self; 5] = [
        Self::Google,
        Self::Microsoft,
        Self::Github,
        Self::Slack,
        Self::Hubspot,
    ];

    /// The provider with this name in a start URL: `google`, `github`, …
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|provider| provider.word() == word)
    }

    /// Its name in a start URL, and its key in `allowed_oauth_tenants`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Google => "google",
            Self::Microsoft => "microsoft",
            Self::Github => "github",
            Self::Slack => "slack",
            Self::Hubspot => "hubspot",
        }
    }

    /// Its `provider_type` in responses. The case of all but Google and GitHub is not documented.
    pub fn type_name(self) -> &'static str {
        match self {
            Self::Google => "Google",
            Self::Microsoft => "Microsoft",
            Self::Github => "Github",
            Self::Slack => "Slack",
            Self::Hubspot => "Hubspot",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Github => "GitHub",
            Self::Hubspot => "HubSpot",
            other => other.type_name(),
        }
    }

    /// Its name in `allowed_auth_methods`.
    pub fn method(self) -> String {
        format!("{}_oauth", self.word())
    }

    /// The scopes that are requested in addition to the start URL's `custom_scopes`.
    pub fn default_scopes(self) -> &'static [&'static str] {
        match self {
            Self::Google | Self::Slack => &["openid", "email", "profile"],
            Self::Microsoft => &["openid", "email", "profile", "offline_access"],
            Self::Github => &["read:user", "user:email"],
            Self::Hubspot => &["oauth"],
        }
    }

    /// Whether its logins have an ID token that the vendor passes on.
    pub fn identifies(self) -> bool {
        matches!(self, Self::Google | Self::Microsoft)
    }

    /// The `iss` of its ID tokens: the URL of the simulated provider under the sandbox's origin.
    pub fn issuer(self, base_url: &str) -> String {
        format!("{base_url}/_sandbox/oauth/{}", self.word())
    }

    /// The project's client id at the provider, the `aud` of its ID tokens.
    pub fn client_id(self, project_id: &str) -> String {
        format!("{}-client.{project_id}", self.word())
    }

    /// Whether its logins contain the person's workspace, hub or organizations.
    pub fn has_tenants(self) -> bool {
        matches!(self, Self::Github | Self::Slack | Self::Hubspot)
    }

    /// Maximum number of tenants of an account.
    pub fn most_tenants(self) -> usize {
        match self {
            Self::Github => usize::MAX,
            Self::Slack | Self::Hubspot => 1,
            Self::Google | Self::Microsoft => 0,
        }
    }

    /// The provider's name for a tenant.
    pub fn tenant_word(self) -> &'static str {
        match self {
            Self::Slack => "Workspace ID",
            Self::Hubspot => "Hub ID",
            _ => "Organization IDs",
        }
    }
}
