//! A request to sign in through a connection, from the start URL to the button on the IdP's page. It is kept on the
//! server, like an [`Authorization`](crate::model::authorization::Authorization).

use crate::model::{OpenRequest, SsoKind, authorization::with_error};

/// A request.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SsoRequest {
    pub open: OpenRequest,
    pub connection_id: String,
    pub kind: SsoKind,
    pub organization_id: String,
    pub login_redirect_url: String,
    pub signup_redirect_url: String,
    pub custom_scopes: String,
    pub pkce_code_challenge: Option<String>,
    /// Whether it began at the IdP and not at the app.
    pub from_idp: bool,
}

impl SsoRequest {
    /// Where the browser goes when the person cancels (as for OAuth; unconfirmed at the vendor).
    pub fn canceled(&self) -> String {
        with_error(&self.login_redirect_url, "access_denied")
    }
}
