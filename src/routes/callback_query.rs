//! What a callback URL says.

use serde::Deserialize;

use crate::{
    error::{AppError, Reason},
    sign_in::{DiscoveryCallback, OrganizationCallback},
    stytch::{Slug, secret::CallbackToken},
};

/// Longest accepted token in bytes; the vendor's tokens have 44 today. A token that waits for confirmation is stored.
const LONGEST_TOKEN: usize = 256;

/// The error codes of OAuth (RFC 6749 §4.1.2.1) and `OpenID` Connect (Core §3.1.2.6). Any other text is not logged:
/// anyone can put it into the URL.
const ERROR_CODES: [&str; 16] = [
    "invalid_request",
    "unauthorized_client",
    "access_denied",
    "unsupported_response_type",
    "invalid_scope",
    "server_error",
    "temporarily_unavailable",
    "interaction_required",
    "login_required",
    "account_selection_required",
    "consent_required",
    "invalid_request_uri",
    "invalid_request_object",
    "request_not_supported",
    "request_uri_not_supported",
    "registration_not_supported",
];

/// What Stytch appends to a redirect URL. Everything can be missing, because a callback URL can be typed by hand.
#[derive(Deserialize)]
pub struct CallbackQuery {
    #[serde(default)]
    stytch_token_type: String,
    #[serde(default)]
    token: String,
    #[serde(default)]
    slug: String,
    #[serde(default)]
    error: String,
}

impl CallbackQuery {
    /// Why the visitor or the provider stopped, if there is an error and no token (RFC 6749 §4.1.2.1). The provider's
    /// text is never shown, because a stranger may have written it. Its code goes to the log.
    pub fn stopped(&self) -> Option<Reason> {
        if !self.token.is_empty() || self.error.is_empty() {
            return None;
        }
        let known = ERROR_CODES.iter().find(|code| **code == self.error);
        let error_code = known.copied().unwrap_or("other");
        tracing::warn!(error_code, "the provider sent no sign-in");
        Some(match error_code {
            "access_denied" => Reason::Canceled,
            _ => Reason::ProviderFailed,
        })
    }

    /// The organization that the URL names, if it names one.
    pub fn slug(&self) -> Option<Slug> {
        Slug::parse(&self.slug)
    }

    /// # Errors
    /// "Not a sign-in we know" for a token type that does not belong to `/discovery`, and for no token.
    pub fn discovery(self) -> Result<DiscoveryCallback, AppError> {
        match self.stytch_token_type.as_str() {
            "discovery_oauth" => Ok(DiscoveryCallback::Oauth(self.token()?)),
            "discovery" => Ok(DiscoveryCallback::MagicLink(self.token()?)),
            _ => Err(AppError::start_again(Reason::BadCallback)),
        }
    }

    /// # Errors
    /// As [`Self::discovery`], for `/authenticate`.
    pub fn organization(self) -> Result<OrganizationCallback, AppError> {
        match self.stytch_token_type.as_str() {
            "oauth" => Ok(OrganizationCallback::Oauth(self.token()?)),
            "sso" => Ok(OrganizationCallback::Sso(self.token()?)),
            "multi_tenant_magic_links" => Ok(OrganizationCallback::MagicLink(self.token()?)),
            _ => Err(AppError::start_again(Reason::BadCallback)),
        }
    }

    fn token(self) -> Result<CallbackToken, AppError> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~+/=".contains(&byte);
        let token = self.token;
        if (1..=LONGEST_TOKEN).contains(&token.len()) && token.bytes().all(is_plain) {
            return Ok(CallbackToken::new(token));
        }
        Err(AppError::start_again(Reason::BadCallback))
    }
}
