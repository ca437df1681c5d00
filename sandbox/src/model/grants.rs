//! Tokens that a provider issues at a login. They give access to nothing, but expire and are refreshed like real ones.
//! See `docs/stytch.md#provider-tokens`.

use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::model::{Provider, clock::wire};

/// The tokens of one login.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    pub access_token: String,
    pub refresh_token: Option<String>,
    pub id_token: Option<String>,
    pub scopes: Vec<String>,
    /// `None` for Slack and GitHub, whose tokens do not expire.
    pub expires_at: Option<OffsetDateTime>,
}

/// A grant of a member, with its account at the provider.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuedToken {
    pub member_id: String,
    pub provider: Provider,
    pub subject: String,
    pub tenants: Vec<String>,
    pub grant: Grant,
}

/// Hides the tokens, so that logs of a login do not contain them.
impl std::fmt::Debug for Grant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Grant")
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}

impl Grant {
    /// The vendor's `provider_values`, which contain an ID token only for Microsoft.
    pub fn object(&self, provider: Provider) -> Value {
        let id_token = self
            .id_token
            .as_ref()
            .filter(|_| provider == Provider::Microsoft);
        json!({
            "access_token": self.access_token,
            "refresh_token": self.refresh_token,
            "id_token": id_token,
            "expires_at": self.expires_at.map(wire),
            "scopes": self.scopes,
        })
    }
}
