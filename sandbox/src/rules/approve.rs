//! Signs a person in with a provider without the consent page, for tests.

use crate::{
    model::{
        Authorization, OpenRequest, Provider, State,
        authorization::{Flow as RequestedFlow, with_error},
        pkce,
    },
    rules::{
        Kind, authorization,
        redirect_urls::choose,
        refusal::{Refusal, refusal},
        requested_person::{self, RequestedPerson},
    },
};

/// The OAuth flow of a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Discovery, after which the organization is chosen.
    DiscoveryOauth,
    /// Sign-in to one organization.
    Oauth,
}

/// A consent that a test gives in place of a person.
#[derive(Clone, Copy, Debug)]
pub struct Approval<'a> {
    /// Discovery, or sign-in to an organization.
    pub flow: Flow,
    /// `google`, `microsoft`, `github`, `slack` or `hubspot`.
    pub provider: &'a str,
    /// Email address of the person who signs in. A missing person or account is created, with a verified address.
    pub email: &'a str,
    /// Id or slug of the organization, for [`Flow::Oauth`] only.
    pub organization: Option<&'a str>,
    /// The parameter `pkce_code_challenge` of the start URL.
    pub pkce_code_challenge: Option<&'a str>,
}

/// What the app receives after a consent.
#[derive(Clone)]
pub struct Approved {
    /// The one-time token.
    pub token: String,
    /// The app's URL with the token and the other parameters.
    pub redirect_url: String,
}

/// Gives the consent. The person returns to `redirect_url`, which must be registered, or to the default URL. For
/// GitHub, the scope `read:org` counts as requested, so tenants are included. An error changes nothing.
pub fn approve(
    state: &mut State,
    approval: Approval<'_>,
    requested: &RequestedPerson,
    redirect_url: Option<&str>,
) -> Result<Approved, Refusal> {
    let provider = provider(approval.provider)?;
    let organization_id = organization_id(state, &approval)?;
    let pkce_code_challenge = check_challenge(approval.pkce_code_challenge)?;
    let person = requested_person::person(state, provider, approval.email, requested)?;
    let mut scopes: Vec<String> = provider
        .default_scopes()
        .iter()
        .map(|scope| (*scope).to_owned())
        .collect();
    if provider == Provider::Github {
        scopes.push("read:org".to_owned());
    }
    let login = person.login(provider, &scopes, state.now());
    let flow = match (organization_id, &login) {
        (Some(organization_id), Some(login)) => {
            let kind = authorization::comes_back_as(state, &organization_id, login);
            let (login, signup) = member_urls(state, kind, redirect_url)?;
            RequestedFlow::Organization {
                organization_id,
                login_redirect_url: login,
                signup_redirect_url: signup,
            }
        }
        _ => RequestedFlow::Discovery {
            redirect_url: url(state, Kind::Discovery, redirect_url)?,
        },
    };
    let authorization = Authorization {
        open: OpenRequest::new(&state.credentials.project_id, state.now()),
        provider,
        flow,
        scopes,
        provider_parameters: Vec::new(),
        pkce_code_challenge,
    };
    requested_person::keep(state, person.clone());
    let (token, redirect_url) = authorization::approve(state, &authorization, &person)
        .expect("the person has an account at the provider");
    Ok(Approved {
        token,
        redirect_url,
    })
}

/// The app's URL if the provider returns this error instead of a person.
pub fn deny(
    state: &State,
    approval: Approval<'_>,
    error: &str,
    redirect_url: Option<&str>,
) -> Result<String, Refusal> {
    provider(approval.provider)?;
    organization_id(state, &approval)?;
    check_challenge(approval.pkce_code_challenge)?;
    let kind = match approval.flow {
        Flow::DiscoveryOauth => Kind::Discovery,
        Flow::Oauth => Kind::Login,
    };
    Ok(with_error(&url(state, kind, redirect_url)?, error))
}

fn provider(word: &str) -> Result<Provider, Refusal> {
    let words = Provider::ALL.map(Provider::word).join(", ");
    Provider::from_word(word).ok_or_else(|| refusal("provider", format!("one of {words}")))
}

/// The organization of [`Flow::Oauth`].
fn organization_id(state: &State, approval: &Approval<'_>) -> Result<Option<String>, Refusal> {
    if approval.flow == Flow::DiscoveryOauth {
        return Ok(None);
    }
    let organization = approval.organization.and_then(|it| state.organization(it));
    let expected = "the id or the slug of an organization of this project";
    let organization = organization.ok_or_else(|| refusal("organization", expected))?;
    Ok(Some(organization.id().to_owned()))
}

/// The URLs for logins and for signups, of which the sign-in uses the one of this type. Both need a default, as at a
/// start URL.
pub fn member_urls(
    state: &State,
    used: Kind,
    requested: Option<&str>,
) -> Result<(String, String), Refusal> {
    if requested.is_some() {
        let url = url(state, used, requested)?;
        return Ok((url.clone(), url));
    }
    Ok((
        url(state, Kind::Login, None)?,
        url(state, Kind::Signup, None)?,
    ))
}

/// The registered URL of this type that is requested, or the default one.
pub fn url(state: &State, kind: Kind, requested: Option<&str>) -> Result<String, Refusal> {
    let word = kind.word();
    choose(&state.redirect_urls, kind, requested).map_err(|_| match requested {
        Some(_) => refusal(
            "redirect_url",
            format!("a redirect URL of type {word} that is registered for the project"),
        ),
        None => refusal(
            "flow",
            format!("one for which the project has a redirect URL: it has none of type {word}"),
        ),
    })
}

/// The challenge, if it is well-formed.
pub fn check_challenge(challenge: Option<&str>) -> Result<Option<String>, Refusal> {
    pkce::challenge(challenge).map_err(|_| {
        let expected = "the base64url text of a SHA-256 without padding, 43 characters";
        refusal("pkce_code_challenge", expected)
    })
}
