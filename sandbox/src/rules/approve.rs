//! A sign-in without the page, for tests.

use crate::{
    model::{
        Authorization, OpenRequest, Provider, State, authorization::Flow as RequestedFlow, pkce,
    },
    rules::{
        Kind, authorization,
        redirect_urls::choose,
        sso::{accounts, connection},
        sso_request::{self, default_request},
    },
};

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

/// Why there is no consent: the argument that is wrong, and what was expected.
#[derive(Clone, Debug, thiserror::Error)]
#[error("approve: `{field}` must be {expected}")]
pub struct Refusal {
    pub field: &'static str,
    pub expected: String,
}

fn refusal(field: &'static str, expected: impl Into<String>) -> Refusal {
    Refusal {
        field,
        expected: expected.into(),
    }
}

/// Gives the consent. GitHub counts as asked for `read:org`, so tenants come with it.
pub fn approve(state: &mut State, approval: Approval<'_>) -> Result<Approved, Refusal> {
    let words = Provider::ALL.map(Provider::word).join(", ");
    let provider = Provider::from_word(approval.provider)
        .ok_or_else(|| refusal("provider", format!("one of {words}")))?;
    let default = |kind: Kind| {
        choose(&state.redirect_urls, kind, None).map_err(|_| {
            let word = kind.word();
            refusal(
                "flow",
                format!("one for which the project has a redirect URL: it has none of type {word}"),
            )
        })
    };
    let flow = match approval.flow {
        Flow::DiscoveryOauth => RequestedFlow::Discovery {
            redirect_url: default(Kind::Discovery)?,
        },
        Flow::Oauth => {
            let organization = approval.organization.and_then(|it| state.organization(it));
            let expected = "the id or the slug of an organization of this project";
            let organization = organization.ok_or_else(|| refusal("organization", expected))?;
            RequestedFlow::Organization {
                organization_id: organization.id().to_owned(),
                login_redirect_url: default(Kind::Login)?,
                signup_redirect_url: default(Kind::Signup)?,
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
    let pkce_code_challenge = check_challenge(approval.pkce_code_challenge)?;
    let authorization = Authorization {
        open: OpenRequest::new(&state.credentials.project_id, state.now()),
        provider,
        flow,
        scopes,
        provider_parameters: Vec::new(),
        pkce_code_challenge,
    };
    let person = state
        .people
        .iter()
        .find(|person| person.email.eq_ignore_ascii_case(approval.email))
        .cloned();
    let word = provider.word();
    let (token, redirect_url) = person
        .and_then(|person| authorization::approve(state, &authorization, &person))
        .ok_or_else(|| {
            let expected =
                format!("the address of a person of this project who has a {word} account");
            refusal("email", expected)
        })?;
    Ok(Approved {
        token,
        redirect_url,
    })
}

/// Signs somebody in whom the connection's IdP knows.
pub fn approve_sso(
    state: &mut State,
    connection_id: &str,
    email: &str,
    challenge: Option<&str>,
) -> Result<Approved, Refusal> {
    let connection = connection(state, connection_id)
        .ok_or_else(|| refusal("connection_id", "the id of an active SSO connection"))?;
    let account = accounts(state, connection_id)
        .into_iter()
        .find(|account| account.email.eq_ignore_ascii_case(email))
        .ok_or_else(|| {
            let expected = "the address of a member or person whom this connection's IdP knows";
            refusal("email", expected)
        })?;
    let mut request = default_request(state, connection).map_err(|_| {
        let expected = "one for which the project has redirect URLs: it lacks login or signup";
        refusal("flow", expected)
    })?;
    request.pkce_code_challenge = check_challenge(challenge)?;
    let (token, redirect_url) = sso_request::approve(state, &request, &account);
    Ok(Approved {
        token,
        redirect_url,
    })
}

fn check_challenge(challenge: Option<&str>) -> Result<Option<String>, Refusal> {
    pkce::challenge(challenge).map_err(|_| {
        let expected = "the base64url text of a SHA-256 without padding, 43 characters";
        refusal("pkce_code_challenge", expected)
    })
}
