//! The five OAuth providers and how the vendor spells them.
//! See `docs/stytch.md#start-urls` and `docs/stytch.md#authentication-factors`.

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
    /// All of them, in the order of the consent page's documentation.
    pub const ALL: [Self; 5] = [
        Self::Google,
        Self::Microsoft,
        Self::Github,
        Self::Slack,
        Self::Hubspot,
    ];

    /// By the word in a start URL: `google`, `github`, …
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|provider| provider.word() == word)
    }

    /// The word in a start URL, and the key in `allowed_oauth_tenants`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Google => "google",
            Self::Microsoft => "microsoft",
            Self::Github => "github",
            Self::Slack => "slack",
            Self::Hubspot => "hubspot",
        }
    }

    /// `provider_type` in responses. The capitals of all but Google and GitHub are not documented.
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

    /// Its name among an organization's `allowed_auth_methods`.
    pub fn method(self) -> String {
        format!("{}_oauth", self.word())
    }

    /// What it asks for when the start URL names no `custom_scopes`.
    pub fn default_scopes(self) -> &'static [&'static str] {
        match self {
            Self::Google | Self::Slack => &["openid", "email", "profile"],
            Self::Microsoft => &["openid", "email", "profile", "offline_access"],
            Self::Github => &["read:user", "user:email"],
            Self::Hubspot => &["oauth"],
        }
    }

    /// Whether its logins bring an ID token, as far as the vendor passes one on.
    pub fn identifies(self) -> bool {
        matches!(self, Self::Google | Self::Microsoft)
    }

    /// `iss` of its ID tokens: where the stand-in for it is, under the sandbox's own origin.
    pub fn issuer(self, base_url: &str) -> String {
        format!("{base_url}/_sandbox/oauth/{}", self.word())
    }

    /// The id of the project's client at the provider, which is `aud` of its ID tokens.
    pub fn client_id(self, project_id: &str) -> String {
        format!("{}-client.{project_id}", self.word())
    }

    /// Whether its logins say which workspace, hub or organizations the person belongs to.
    pub fn has_tenants(self) -> bool {
        matches!(self, Self::Github | Self::Slack | Self::Hubspot)
    }

    /// How many tenants an account there has at most.
    pub fn most_tenants(self) -> usize {
        match self {
            Self::Github => usize::MAX,
            Self::Slack | Self::Hubspot => 1,
            Self::Google | Self::Microsoft => 0,
        }
    }

    /// What the provider calls a tenant.
    pub fn tenant_word(self) -> &'static str {
        match self {
            Self::Slack => "Workspace id",
            Self::Hubspot => "Hub id",
            _ => "Organization ids",
        }
    }
}
