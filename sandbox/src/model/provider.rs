//! The five OAuth providers and how the vendor spells them (fact sheet §3.5 and §6.5).

/// One of the five providers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    Google,
    Microsoft,
    Github,
    Slack,
    Hubspot,
}

impl Provider {
    /// All of them, in the order of the consent page's documentation.
    pub const ALL: [Provider; 5] = [
        Provider::Google,
        Provider::Microsoft,
        Provider::Github,
        Provider::Slack,
        Provider::Hubspot,
    ];

    /// By the word in a start URL: `google`, `github`, …
    pub fn from_word(word: &str) -> Option<Provider> {
        Provider::ALL
            .into_iter()
            .find(|provider| provider.word() == word)
    }

    /// The word in a start URL, and the key in `allowed_oauth_tenants`.
    pub fn word(self) -> &'static str {
        match self {
            Provider::Google => "google",
            Provider::Microsoft => "microsoft",
            Provider::Github => "github",
            Provider::Slack => "slack",
            Provider::Hubspot => "hubspot",
        }
    }

    /// `provider_type` in answers. The capitals of all but Google and GitHub are unconfirmed.
    pub fn type_name(self) -> &'static str {
        match self {
            Provider::Google => "Google",
            Provider::Microsoft => "Microsoft",
            Provider::Github => "Github",
            Provider::Slack => "Slack",
            Provider::Hubspot => "Hubspot",
        }
    }

    /// The name as people write it.
    pub fn label(self) -> &'static str {
        match self {
            Provider::Github => "GitHub",
            Provider::Hubspot => "HubSpot",
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
            Provider::Google | Provider::Slack => &["openid", "email", "profile"],
            Provider::Microsoft => &["openid", "email", "profile", "offline_access"],
            Provider::Github => &["read:user", "user:email"],
            Provider::Hubspot => &["oauth"],
        }
    }

    /// Whether its logins say which workspace, hub or organizations the person belongs to.
    pub fn has_tenants(self) -> bool {
        matches!(self, Provider::Github | Provider::Slack | Provider::Hubspot)
    }

    /// What the provider calls a tenant.
    pub fn tenant_word(self) -> &'static str {
        match self {
            Provider::Slack => "Workspace id",
            Provider::Hubspot => "Hub id",
            _ => "Organization ids",
        }
    }
}
