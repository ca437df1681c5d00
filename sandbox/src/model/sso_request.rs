//! A request to sign in through a connection, from the start URL to the button on the IdP's page. It is kept on the
//! server, like an [`Authorization`](crate::model::authorization::Authorization).

use crate::model::{OpenRequest, SsoKind, authorization::with_error};

/// A request to sign in through a connection.
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
    /// Whether it started at the IdP instead of the app.
    pub from_idp: bool,
}

impl SsoRequest {
    /// URL of the app to which the browser returns when the person cancels. It has the form of OAuth errors, because
    /// the vendor's is not documented.
    pub fn canceled(&self) -> String {
        with_error(&self.login_redirect_url, "access_denied")
    }
}
