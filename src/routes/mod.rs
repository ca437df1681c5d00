//! One file per URL. A handler reads: refuse, take, call, decide, keep, leave.
//!
//! Copy a file together with what its doc comment names. The layers around every handler are listed in
//! [`crate::app::router_with`].

pub mod authenticate;
pub mod code;
pub mod confirm;
pub mod create_org;
pub mod discovery;
pub mod email;
pub mod health;
pub mod home;
pub mod jit;
pub mod login;
pub mod logout;
pub mod member;
pub mod mfa;
pub mod org;
pub mod organizations;
pub mod provider;
pub mod start;
pub mod step_up;

use axum::{extract::FromRequestParts, http::request::Parts};
use serde::Deserialize;

use crate::{
    error::{AppError, Reason, StartAgain},
    session::TokenType,
    state::AppState,
    stytch::{SessionOptions, objects::OrganizationId, secret::CallbackToken},
    web::language,
};

/// How long the member session is to last and which language Stytch should write in: an argument of every handler
/// that signs somebody in.
pub struct Options(pub SessionOptions);

impl FromRequestParts<AppState> for Options {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, AppError> {
        Ok(Self(SessionOptions {
            session_duration_minutes: Some(state.session_minutes),
            locale: language::locale(&parts.headers),
            ..SessionOptions::default()
        }))
    }
}

/// What Stytch appends to a redirect URL. Everything may be missing: a callback URL can be typed by hand.
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

/// What a callback URL says.
enum Came {
    /// With a token of a kind that this URL takes, and perhaps the slug of the organization that it is for.
    Token(TokenType, CallbackToken, Option<String>),
    /// Without one, because the person or the provider stopped. The provider's words are not shown: a stranger may
    /// have written them.
    Stopped(Reason),
}

/// Longer than any token of the vendor's (44 characters today).
const LONGEST_TOKEN: usize = 1024;

impl CallbackQuery {
    /// # Errors
    /// "Not a sign-in we know" for a token type that does not belong here, an empty or an endless token.
    fn read(self, wanted: &[TokenType]) -> Result<Came, AppError> {
        if self.token.is_empty() && !self.error.is_empty() {
            // RFC 6749 §4.1.2.1
            return Ok(Came::Stopped(match self.error.as_str() {
                "access_denied" => Reason::Cancelled,
                _ => Reason::ProviderFailed,
            }));
        }
        let slug = OrganizationId::parse(&self.slug).map(|_| self.slug);
        let kind = wanted
            .iter()
            .find(|kind| kind.name() == self.stytch_token_type);
        match kind {
            Some(kind) if (1..=LONGEST_TOKEN).contains(&self.token.len()) => {
                Ok(Came::Token(*kind, CallbackToken::new(self.token), slug))
            }
            _ => Err(StartAgain::plain(Reason::BadCallback)),
        }
    }
}

impl TokenType {
    /// As `stytch_token_type` spells it.
    fn name(self) -> &'static str {
        match self {
            Self::DiscoveryOauth => "discovery_oauth",
            Self::Oauth => "oauth",
            Self::Sso => "sso",
            Self::Discovery => "discovery",
            Self::MultiTenantMagicLinks => "multi_tenant_magic_links",
        }
    }
}
