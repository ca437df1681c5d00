//! Parses the query of a callback URL.

use serde::Deserialize;

use crate::{
    error::{AppError, Reason},
    sign_in::{DiscoveryCallback, OrganizationCallback},
    stytch::{Slug, secret::CallbackToken},
};

/// Longest accepted token, in bytes. Stytch's tokens have 44 today. There is a limit because a token is stored until
/// the visitor confirms it.
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

/// Parameters that Stytch appends to a redirect URL. Each can be missing, because anyone can open a made-up callback
/// URL.
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
    /// Why the visitor or the provider stopped, if there is an error and no token (RFC 6749 §4.1.2.1). The error's text
    /// is never shown, because a stranger may have written it. Its code goes to the log.
    pub fn stopped(&self) -> Option<Reason> {
        if !self.token.is_empty() || self.error.is_empty() {
            return None;
        }
        let known = ERROR_CODES.iter().find(|code| **code == self.error);
        let error_code = known.copied().unwrap_or("other");
        tracing::warn!(error_code, "the provider returned an error");
        Some(match error_code {
            "access_denied" => Reason::Canceled,
            _ => Reason::ProviderFailed,
        })
    }

    /// The organization named in the URL, if any.
    pub fn slug(&self) -> Option<Slug> {
        Slug::parse(&self.slug)
    }

    /// The callback to `/discovery`.
    ///
    /// # Errors
    /// [`Reason::BadCallback`] if there is no token, or its type does not belong to `/discovery`.
    pub fn discovery(self) -> Result<DiscoveryCallback, AppError> {
        match self.stytch_token_type.as_str() {
            "discovery_oauth" => Ok(DiscoveryCallback::Oauth(self.token()?)),
            "discovery" => Ok(DiscoveryCallback::MagicLink(self.token()?)),
            _ => Err(AppError::start_again(Reason::BadCallback)),
        }
    }

    /// The callback to `/authenticate`.
    ///
    /// # Errors
    /// [`Reason::BadCallback`] if there is no token, or its type does not belong to `/authenticate`.
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
