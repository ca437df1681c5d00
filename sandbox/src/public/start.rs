//! `GET /v1/b2b/public/oauth/{provider}/start` and `…/discovery/start`. See `docs/stytch.md#start-urls`.

use crate::{
    http::{Answer, Incoming, auth::by_public_token},
    model::{ApiError, Authorization, Flow, OpenRequest, Provider, State, pkce},
    public::{
        pages,
        pending::{Begun, keep, lead},
    },
    rules::{Kind, Refused, auto_approve, redirect_urls::choose},
    world::sandbox::Sandbox,
};

/// The discovery flow. Organization locators are ignored.
pub fn discovery(sandbox: &Sandbox, request: &Incoming) -> Answer {
    start(sandbox, request, |state, request| {
        let redirect_url = choose(
            &state.redirect_urls,
            Kind::Discovery,
            request.parameter("discovery_redirect_url"),
        )?;
        Ok(Flow::Discovery { redirect_url })
    })
}

/// The organization flow. `oauth.authenticate` checks which methods the organization allows.
pub fn organization(sandbox: &Sandbox, request: &Incoming) -> Answer {
    start(sandbox, request, |state, request| {
        let reference = match (
            request.parameter("organization_id"),
            request.parameter("slug"),
        ) {
            (Some(_), Some(_)) => return Err(error("too_many_oauth_organization_locators")),
            (None, None) => return Err(error("missing_oauth_organization_locator")),
            (Some(reference), None) | (None, Some(reference)) => reference,
        };
        let organization = state
            .organization(reference)
            .ok_or_else(|| error("organization_not_found"))?;
        Ok(Flow::Organization {
            organization_id: organization.id().to_owned(),
            login_redirect_url: choose(
                &state.redirect_urls,
                Kind::Login,
                request.parameter("login_redirect_url"),
            )?,
            signup_redirect_url: choose(
                &state.redirect_urls,
                Kind::Signup,
                request.parameter("signup_redirect_url"),
            )?,
        })
    })
}

/// The discovery flow at the path in a vendor guide, without `b2b`.
pub fn discovery_without_b2b(sandbox: &Sandbox, request: &Incoming) -> Answer {
    warn_of_spelling();
    discovery(sandbox, request)
}

/// The organization flow at the path in a vendor guide, without `b2b`.
pub fn organization_without_b2b(sandbox: &Sandbox, request: &Incoming) -> Answer {
    warn_of_spelling();
    organization(sandbox, request)
}

fn warn_of_spelling() {
    tracing::warn!(
        "sandbox: /v1/public/oauth/… is the Consumer product; B2B apps start at /v1/b2b/public/oauth/…"
    );
}

fn error(error_type: &'static str) -> Refused {
    Refused::Error(ApiError::of(error_type))
}

/// Checks and stores the request, and redirects the browser to the consent page.
fn start(
    sandbox: &Sandbox,
    request: &Incoming,
    flow: impl FnOnce(&State, &Incoming) -> Result<Flow, Refused>,
) -> Answer {
    match begin(sandbox, request, flow) {
        Ok(begun) => lead(request, 302, &begun),
        Err(refused) => pages::refused(sandbox, request, &refused),
    }
}

fn begin(
    sandbox: &Sandbox,
    request: &Incoming,
    flow: impl FnOnce(&State, &Incoming) -> Result<Flow, Refused>,
) -> Result<Begun<Authorization>, Refused> {
    let provider = request
        .path
        .get("provider")
        .and_then(|name| Provider::from_word(name));
    let provider = provider.ok_or_else(|| error("route_not_found"))?;
    let public_token = request.parameter("public_token").unwrap_or_default();
    let world = by_public_token(sandbox, public_token).map_err(Refused::Error)?;
    let mut state = world.lock();
    let flow = flow(&state, request)?;
    let pkce_code_challenge =
        pkce::challenge(request.raw_parameter("pkce_code_challenge")).map_err(Refused::Error)?;
    let defaults = provider.default_scopes().iter().copied();
    let custom = request.parameter("custom_scopes").unwrap_or_default();
    let mut scopes: Vec<String> = Vec::new();
    for scope in defaults.chain(custom.split_whitespace()) {
        if !scopes.iter().any(|known| known == scope) {
            scopes.push(scope.to_owned());
        }
    }
    let provider_parameters = request
        .query
        .iter()
        .filter_map(|(name, value)| {
            Some((name.strip_prefix("provider_")?.to_owned(), value.clone()))
        })
        .collect();
    let authorization = Authorization {
        open: OpenRequest::new(&state.credentials.project_id, state.now()),
        provider,
        flow,
        scopes,
        provider_parameters,
        pkce_code_challenge,
    };
    Ok(
        match auto_approve::of_authorization(&mut state, &authorization) {
            Some(url) => Begun::Approved(url),
            None => Begun::Waits(keep(&mut state, authorization)),
        },
    )
}
