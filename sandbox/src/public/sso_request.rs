//! A request to sign in through a connection, from the start URL to the button on the IdP's page. Kept on the
//! server, like [`super::authorization::Authorization`].

use time::OffsetDateTime;

use super::redirect_urls::with_parameters;
use crate::factors::sso::{Account, SsoToken};
use crate::means::Means;
use crate::people::Login;
use crate::state::{State, TEN_MINUTES};

/// A request.
#[derive(Clone)]
pub struct SsoRequest {
    pub id: String,
    /// The value of the cookie of the browser that began it.
    pub state: String,
    pub connection_id: String,
    pub organization_id: String,
    pub login_redirect_url: String,
    pub signup_redirect_url: String,
    pub custom_scopes: String,
    pub pkce_code_challenge: Option<String>,
    /// Whether it began at the IdP and not at the app.
    pub from_idp: bool,
    pub expires_at: OffsetDateTime,
    pub used: bool,
}

impl SsoRequest {
    /// Whether it is too old.
    pub fn is_over(&self, now: OffsetDateTime) -> bool {
        now >= self.expires_at
    }

    /// Where the browser goes when the person cancels (as for OAuth; unconfirmed at the vendor).
    pub fn cancelled(&self) -> String {
        with_parameters(
            &self.login_redirect_url,
            &[
                ("error", "access_denied"),
                ("error_description", "The person cancelled the sign-in."),
            ],
        )
    }

    /// Signs the person in: mints the one-time token and answers it with the URL of the app that gets it. Members
    /// come back to the login URL, new ones (also those pending and invited) to the signup URL.
    pub fn approve(&self, state: &mut State, account: &Account) -> (String, String) {
        let now = state.now();
        let login = Login {
            means: Means::Sso {
                connection_id: self.connection_id.clone(),
            },
            subject: account.external_id.clone(),
            email: account.email.clone(),
            full_name: account.name.clone(),
            proves_email: false,
            tenants: Vec::new(),
            only_in: Some(self.organization_id.clone()),
            grant: None,
            at: now,
        };
        let is_member = state.members.iter().any(|member| {
            member.organization_id() == self.organization_id
                && member.status() == "active"
                && (member.email().eq_ignore_ascii_case(&login.email)
                    || member.registration(&login).is_some())
        });
        let url = if is_member {
            &self.login_redirect_url
        } else {
            &self.signup_redirect_url
        };
        let token = state.mint_token();
        let slug = state
            .organization(&self.organization_id)
            .map_or("", |organization| organization.slug());
        let parameters = [
            ("slug", slug),
            ("stytch_token_type", "sso"),
            ("token", token.as_str()),
        ];
        let url = with_parameters(url, &parameters);
        let spendable = SsoToken {
            login,
            connection_id: self.connection_id.clone(),
            organization_id: self.organization_id.clone(),
            pkce_code_challenge: self.pkce_code_challenge.clone(),
            expires_at: now + TEN_MINUTES,
        };
        state
            .factors
            .sso_tokens
            .retain(|_, token| now < token.expires_at);
        state.factors.sso_tokens.insert(token.clone(), spendable);
        (token, url)
    }
}
