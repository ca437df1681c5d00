//! The kinds of proof of an identity: the factors of a login. See `docs/stytch.md#authentication-factors`.

use crate::model::Provider;

/// The factor of one login. The first six are primary factors; the others are second factors.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Proof {
    Oauth(Provider),
    /// An OAuth login with this provider to another organization, taken here by an exchange. It does not prove the
    /// address.
    OauthExchange(Provider),
    MagicLink,
    EmailOtp,
    Password,
    /// SAML or OIDC through this connection.
    Sso {
        connection_id: String,
        kind: SsoKind,
    },
    SmsOtp,
    /// A code from an authenticator app.
    Totp,
    /// A recovery code for a lost authenticator app.
    RecoveryCode,
}

impl Proof {
    /// The provider of an OAuth login.
    pub fn provider(&self) -> Option<Provider> {
        match self {
            Self::Oauth(provider) | Self::OauthExchange(provider) => Some(*provider),
            _ => None,
        }
    }

    /// Its name in `allowed_auth_methods`; `None` for second factors.
    pub fn method(&self) -> Option<String> {
        match self {
            Self::Oauth(provider) | Self::OauthExchange(provider) => Some(provider.method()),
            Self::MagicLink => Some("magic_link".to_owned()),
            Self::EmailOtp => Some("email_otp".to_owned()),
            Self::Password => Some("password".to_owned()),
            Self::Sso { .. } => Some("sso".to_owned()),
            Self::SmsOtp | Self::Totp | Self::RecoveryCode => None,
        }
    }

    /// Whether it is a second factor.
    pub fn is_second(&self) -> bool {
        self.method().is_none()
    }

    /// The factor's `type` and `delivery_method`.
    pub fn words(&self) -> (&'static str, String) {
        match self {
            Self::Oauth(provider) => ("oauth", format!("oauth_{}", provider.word())),
            Self::OauthExchange(provider) => {
                ("oauth", format!("oauth_exchange_{}", provider.word()))
            }
            Self::MagicLink => ("magic_link", "email".to_owned()),
            Self::EmailOtp => ("email_otp", "email".to_owned()),
            Self::Password => ("password", "knowledge".to_owned()),
            Self::Sso { kind, .. } => ("sso", format!("sso_{}", kind.word())),
            Self::SmsOtp => ("otp", "sms".to_owned()),
            Self::Totp => ("totp", "authenticator_app".to_owned()),
            Self::RecoveryCode => ("recovery_codes", "recovery_code".to_owned()),
        }
    }
}

/// The protocol of a connection's identity provider. For an external connection, it is that of the connection that it
/// leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum SsoKind {
    Saml,
    Oidc,
}

impl SsoKind {
    /// `saml` or `oidc`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Saml => "saml",
            Self::Oidc => "oidc",
        }
    }
}
