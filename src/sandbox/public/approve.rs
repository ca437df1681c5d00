//! A sign-in without the page, for tests.

use super::authorization::{self, Authorization};
use super::redirect_urls::{Kind, choose};
use crate::sandbox::provider::Provider;
use crate::sandbox::state::{State, TEN_MINUTES};
use crate::sandbox::{ids, pkce};

/// Which of the two OAuth flows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Discovery: the organization is chosen afterwards.
    DiscoveryOauth,
    /// One organization's sign-in.
    Oauth,
}

/// A person's consent, given by a test.
#[derive(Clone, Copy, Debug)]
pub struct Approval<'a> {
    /// The flow.
    pub flow: Flow,
    /// `google`, `microsoft`, `github`, `slack` or `hubspot`.
    pub provider: &'a str,
    /// A person of the world who has an account there.
    pub email: &'a str,
    /// Id or slug; for [`Flow::Oauth`] only.
    pub organization: Option<&'a str>,
    /// What the start URL would have carried.
    pub pkce_code_challenge: Option<&'a str>,
}

/// What the app would get.
#[derive(Clone)]
pub struct Approved {
    /// The one-time token.
    pub token: String,
    /// The app's URL with the token and everything else that comes with it.
    pub redirect_url: String,
}

/// Gives the consent. GitHub counts as asked for `read:org`, so tenants come with it.
pub fn approve(state: &mut State, approval: Approval<'_>) -> Approved {
    let provider = Provider::from_word(approval.provider)
        .unwrap_or_else(|| panic!("the sandbox has no provider `{}`", approval.provider));
    let default = |kind| {
        choose(&state.redirect_urls, kind, None).expect("the world has a redirect URL of this type")
    };
    let flow = match approval.flow {
        Flow::DiscoveryOauth => authorization::Flow::Discovery {
            redirect_url: default(Kind::Discovery),
        },
        Flow::Oauth => {
            let reference = approval
                .organization
                .expect("`organization` is needed for `Flow::Oauth`");
            let organization = state.organization(reference);
            let organization = organization
                .unwrap_or_else(|| panic!("the sandbox has no organization `{reference}`"));
            authorization::Flow::Organization {
                organization_id: organization.id().to_owned(),
                login_redirect_url: default(Kind::Login),
                signup_redirect_url: default(Kind::Signup),
            }
        }
    };
    let mut scopes: Vec<String> = provider
        .default_scopes()
        .iter()
        .map(|scope| (*scope).to_owned())
        .collect();
    if provider == Provider::Github {
        scopes.push("read:org".to_owned());
    }
    let challenge =
        pkce::challenge(approval.pkce_code_challenge).expect("the PKCE challenge is well-formed");
    let authorization = Authorization {
        id: ids::token(),
        state: ids::token(),
        provider,
        flow,
        scopes,
        provider_parameters: Vec::new(),
        pkce_code_challenge: challenge,
        expires_at: state.now() + TEN_MINUTES,
        used: true,
    };
    let person = state
        .people
        .iter()
        .find(|person| person.email.eq_ignore_ascii_case(approval.email))
        .cloned();
    let person = person.unwrap_or_else(|| panic!("the sandbox has no person {}", approval.email));
    let approved = authorization.approve(state, &person);
    let (token, redirect_url) = approved
        .unwrap_or_else(|| panic!("{} has no account at {}", approval.email, approval.provider));
    Approved {
        token,
        redirect_url,
    }
}
