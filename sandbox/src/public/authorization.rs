//! An authorization request, from the start URL to the button on the consent page. It is kept on the server:
//! nothing that a form posts back is trusted.

use time::OffsetDateTime;

use super::redirect_urls::with_parameters;
use crate::people::Person;
use crate::provider::Provider;
use crate::state::{OauthToken, State, TEN_MINUTES};

/// An authorization request.
#[derive(Clone)]
pub struct Authorization {
    pub id: String,
    /// The value of the cookie of the browser that began it.
    pub state: String,
    pub provider: Provider,
    pub flow: Flow,
    pub scopes: Vec<String>,
    /// The `provider_*` parameters of the start URL, without that prefix.
    pub provider_parameters: Vec<(String, String)>,
    pub pkce_code_challenge: Option<String>,
    pub expires_at: OffsetDateTime,
    pub used: bool,
}

/// Where it leads.
#[derive(Clone, Debug)]
pub enum Flow {
    Discovery {
        redirect_url: String,
    },
    Organization {
        organization_id: String,
        login_redirect_url: String,
        signup_redirect_url: String,
    },
}

impl Authorization {
    /// Whether it is too old.
    pub fn is_over(&self, now: OffsetDateTime) -> bool {
        now >= self.expires_at
    }

    /// The person that the app hinted at.
    pub fn login_hint(&self) -> Option<&str> {
        self.provider_parameters
            .iter()
            .find(|(name, _)| name == "login_hint")
            .map(|(_, hint)| hint.as_str())
    }

    /// Where the browser goes when the person cancels. (How the vendor tells the app is unconfirmed; the fact sheet
    /// §3.8 calls this form not faithful, the design wants it.)
    pub fn cancelled(&self) -> String {
        let url = match &self.flow {
            Flow::Discovery { redirect_url } => redirect_url,
            Flow::Organization {
                login_redirect_url, ..
            } => login_redirect_url,
        };
        let description = "The person cancelled the sign-in.";
        with_parameters(
            url,
            &[
                ("error", "access_denied"),
                ("error_description", description),
            ],
        )
    }

    /// Signs the person in: mints the one-time token and answers it with the URL of the app that gets it. `None`
    /// when the person has no account at the provider.
    pub fn approve(&self, state: &mut State, person: &Person) -> Option<(String, String)> {
        let login = person.login(self.provider, &self.scopes, state.now())?;
        let organization_id = match &self.flow {
            Flow::Discovery { .. } => None,
            Flow::Organization {
                organization_id, ..
            } => Some(organization_id.clone()),
        };
        let token = state.mint_token();
        let url = self.way_back(state, person, &token);
        let spendable = OauthToken {
            login,
            scopes: self.scopes.clone(),
            organization_id,
            pkce_code_challenge: self.pkce_code_challenge.clone(),
            expires_at: state.now() + TEN_MINUTES,
        };
        state.oauth_tokens.insert(token.clone(), spendable);
        Some((token, url))
    }

    /// Members come back to the login URL, new ones (also those pending and invited) to the signup URL.
    fn way_back(&self, state: &State, person: &Person, token: &str) -> String {
        match &self.flow {
            Flow::Discovery { redirect_url } => with_parameters(
                redirect_url,
                &[("stytch_token_type", "discovery_oauth"), ("token", token)],
            ),
            Flow::Organization {
                organization_id,
                login_redirect_url,
                signup_redirect_url,
            } => {
                let member = state.member_by_email(organization_id, &person.email);
                let is_member = member.is_some_and(|member| member.status() == "active");
                let url = if is_member {
                    login_redirect_url
                } else {
                    signup_redirect_url
                };
                let slug = state
                    .organization(organization_id)
                    .map_or("", |organization| organization.slug());
                with_parameters(
                    url,
                    &[
                        ("slug", slug),
                        ("stytch_token_type", "oauth"),
                        ("token", token),
                    ],
                )
            }
        }
    }
}
