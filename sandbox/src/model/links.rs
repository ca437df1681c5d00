//! Links in emails. See `docs/stytch.md#links-and-codes-by-email` and `docs/stytch.md#the-redirect-back`.

use time::OffsetDateTime;

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Kind {
    Login,
    Signup,
    Invite,
    Discovery,
    /// To set a password in an organization.
    PasswordReset,
    /// To set a password for all organizations.
    DiscoveryPasswordReset,
}

impl Kind {
    /// Value of `stytch_redirect_type`; `""` for none. Discovery links have `login`.
    pub fn redirect_type(self) -> &'static str {
        match self {
            Self::Login | Self::Discovery => "login",
            Self::Signup => "signup",
            Self::Invite => "invite",
            Self::DiscoveryPasswordReset => "reset_password",
            Self::PasswordReset => "",
        }
    }

    /// Value of `stytch_token_type`.
    pub fn token_type(self) -> &'static str {
        match self {
            Self::Discovery | Self::DiscoveryPasswordReset => "discovery",
            Self::PasswordReset => "multi_tenant_passwords",
            _ => "multi_tenant_magic_links",
        }
    }

    pub fn message_kind(self) -> &'static str {
        match self {
            Self::Discovery => "discovery",
            Self::PasswordReset | Self::DiscoveryPasswordReset => "reset_password",
            other => other.redirect_type(),
        }
    }

    /// Whether the link is for setting a password.
    pub fn is_reset(self) -> bool {
        matches!(self, Self::PasswordReset | Self::DiscoveryPasswordReset)
    }
}

/// A link that was sent. It is kept after its use, so that a second use gets a different error than an unknown token.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    pub kind: Kind,
    pub email: String,
    /// Id of the recipient; `None` for discovery.
    pub member_id: Option<String>,
    /// The app's URL to which the link leads.
    pub redirect_url: String,
    /// The organization's slug; `""` for discovery.
    pub slug: String,
    pub pkce_code_challenge: Option<String>,
    pub expires_at: OffsetDateTime,
    pub used: bool,
}

impl Link {
    /// The query parameters of the redirect to the app.
    pub fn parameters<'a>(&'a self, token: &'a str) -> Vec<(&'a str, &'a str)> {
        let mut parameters = vec![
            ("stytch_token_type", self.kind.token_type()),
            ("token", token),
        ];
        let redirect_type = self.kind.redirect_type();
        if !redirect_type.is_empty() {
            parameters.push(("stytch_redirect_type", redirect_type));
        }
        if !self.slug.is_empty() {
            parameters.push(("slug", &self.slug));
        }
        parameters
    }
}
