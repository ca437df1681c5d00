//! How somebody proved who they are: the means of a login (fact sheet §6.5).

use serde_json::{Value, json};

use super::member::Member;
use super::people::Login;
use super::provider::Provider;

/// The means of one login. The first five are primary, the others only follow a primary one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Means {
    /// OAuth with this provider.
    Oauth(Provider),
    /// OAuth with this provider in another organization, of a kind that does not prove the address, brought here by
    /// `sessions.exchange`.
    OauthExchange(Provider),
    /// A link in an e-mail.
    MagicLink,
    /// A code in an e-mail.
    EmailOtp,
    /// SAML or OIDC through this connection.
    Sso { connection_id: String },
    /// A code by SMS.
    SmsOtp,
    /// A code of an authenticator app.
    Totp,
    /// One of the codes for a lost authenticator app.
    RecoveryCode,
}

impl Means {
    /// The provider of an OAuth login.
    pub fn provider(&self) -> Option<Provider> {
        match self {
            Means::Oauth(provider) | Means::OauthExchange(provider) => Some(*provider),
            _ => None,
        }
    }

    /// Its name among an organization's `allowed_auth_methods`; a second factor has none.
    pub fn method(&self) -> Option<String> {
        match self {
            Means::Oauth(provider) | Means::OauthExchange(provider) => Some(provider.method()),
            Means::MagicLink => Some("magic_link".to_owned()),
            Means::EmailOtp => Some("email_otp".to_owned()),
            Means::Sso { .. } => Some("sso".to_owned()),
            Means::SmsOtp | Means::Totp | Means::RecoveryCode => None,
        }
    }

    /// Whether it only counts after a primary one.
    pub fn is_second(&self) -> bool {
        self.method().is_none()
    }

    /// `type` and `delivery_method` of the factor.
    fn words(&self) -> (&'static str, String) {
        match self {
            Means::Oauth(provider) => ("oauth", format!("oauth_{}", provider.word())),
            Means::OauthExchange(provider) => {
                ("oauth", format!("oauth_exchange_{}", provider.word()))
            }
            Means::MagicLink => ("magic_link", "email".to_owned()),
            Means::EmailOtp => ("email_otp", "email".to_owned()),
            Means::Sso { connection_id } => ("sso", format!("sso_{}", sso_word(connection_id))),
            Means::SmsOtp => ("otp", "sms".to_owned()),
            Means::Totp => ("totp", "authenticator_app".to_owned()),
            Means::RecoveryCode => ("recovery_codes", "recovery_code".to_owned()),
        }
    }
}

/// `saml` or `oidc`, by the connection's id.
pub fn sso_word(connection_id: &str) -> &'static str {
    if connection_id.starts_with("saml-") {
        "saml"
    } else {
        "oidc"
    }
}

/// The vendor's factor object without its dates: `registration_id` is what the member's row calls the login.
pub fn factor_object(login: &Login, registration_id: &str, member: &Member) -> Value {
    let (kind, delivery) = login.means.words();
    let (name, details) = details(login, registration_id, member);
    let sequence = if login.means.is_second() {
        "SECONDARY"
    } else {
        "PRIMARY"
    };
    json!({ "type": kind, "delivery_method": delivery, "sequence_order": sequence, name: details })
}

/// The factor's own object, with its name.
fn details(login: &Login, registration_id: &str, member: &Member) -> (String, Value) {
    match &login.means {
        Means::Oauth(provider) => {
            let mut details = json!({
                "id": registration_id,
                "provider_subject": login.subject,
                "email_id": member.email_id,
            });
            match provider {
                Provider::Github => details["provider_tenant_ids"] = json!(login.tenants),
                Provider::Slack | Provider::Hubspot => {
                    details["provider_tenant_id"] =
                        json!(login.tenants.first().cloned().unwrap_or_default());
                }
                Provider::Google | Provider::Microsoft => {}
            }
            (format!("{}_oauth_factor", provider.word()), details)
        }
        Means::OauthExchange(provider) => (
            format!("{}_oauth_exchange_factor", provider.word()),
            json!({ "email_id": member.email_id }),
        ),
        Means::MagicLink | Means::EmailOtp => (
            "email_factor".to_owned(),
            json!({ "email_id": member.email_id, "email_address": login.email }),
        ),
        Means::Sso { connection_id } => (
            format!("{}_sso_factor", sso_word(connection_id)),
            json!({ "id": registration_id, "provider_id": connection_id, "external_id": login.subject }),
        ),
        Means::SmsOtp => (
            "phone_number_factor".to_owned(),
            json!({ "phone_id": registration_id, "phone_number": login.subject }),
        ),
        Means::Totp => (
            "authenticator_app_factor".to_owned(),
            json!({ "totp_id": registration_id }),
        ),
        Means::RecoveryCode => (
            "recovery_code_factor".to_owned(),
            json!({ "totp_recovery_code_id": registration_id }),
        ),
    }
}
