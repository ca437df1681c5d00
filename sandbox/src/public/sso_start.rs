//! `GET /v1/public/sso/start` and the start at the IdP. See `docs/stytch.md#start-urls`.

use crate::{
    http::{
        Answer, Incoming,
        auth::{by_project, by_public_token},
        incoming::from_own_page,
    },
    model::{
        ApiError, Connection, OpenRequest, SsoKind, SsoRequest, State, pkce, sso::connections_of,
    },
    public::{
        pages,
        pending::{Begun, keep, lead},
    },
    rules::{
        Kind, Refused, auto_approve,
        redirect_urls::choose,
        sso::{connection, idp, stored},
        sso_request::default_request,
    },
    world::{World, sandbox::Sandbox},
};

/// Starts at the app: checks and stores the request, and redirects the browser to the IdP's page.
pub fn start(sandbox: &Sandbox, request: &Incoming) -> Answer {
    let public_token = request.parameter("public_token").unwrap_or_default();
    let sso_request = by_public_token(sandbox, public_token)
        .map_err(Refused::Error)
        .and_then(|world| begin(&world, request));
    answer(sandbox, request, 302, sso_request)
}

/// Starts at the IdP, when a connection in the list was pressed. There is no PKCE challenge, and the redirect URLs are
/// the defaults.
pub fn start_at_idp(sandbox: &Sandbox, request: &Incoming) -> Answer {
    let form = request.form();
    let field = |name: &str| form.get(name).map_or("", String::as_str);
    let sso_request = from_own_page(request)
        .and_then(|()| by_project(sandbox, field("project_id")))
        .map_err(Refused::Error)
        .and_then(|world| {
            let mut state = world.lock();
            let connection = connection(&state, field("connection_id"))
                .ok_or_else(|| error("sso_connection_not_found"))?;
            let is_disabled = stored(&state, &connection.id)
                .is_some_and(|it| it.value("idp_initiated_auth_disabled") == true);
            if is_disabled {
                let message =
                    "This connection has idp_initiated_auth_disabled: sign-ins begin at the app.";
                return Err(Refused::Error(ApiError::bad_request(message)));
            }
            let request = default_request(&state, connection)?;
            Ok(keep_or_approve(&mut state, request))
        });
    answer(sandbox, request, 303, sso_request)
}

fn begin(world: &World, request: &Incoming) -> Result<Begun<SsoRequest>, Refused> {
    let mut state = world.lock();
    let connection = wanted(&state, request)?;
    let redirect_url = |kind, parameter| {
        choose(&state.redirect_urls, kind, request.parameter(parameter))
            .map_err(|refused| refused.with_mismatch("no_match_for_provided_sso_url"))
    };
    let sso_request = SsoRequest {
        open: OpenRequest::new(&state.credentials.project_id, state.now()),
        login_redirect_url: redirect_url(Kind::Login, "login_redirect_url")?,
        signup_redirect_url: redirect_url(Kind::Signup, "signup_redirect_url")?,
        kind: idp(&state, &connection.id).map_or(SsoKind::Saml, |(_, kind)| kind),
        connection_id: connection.id,
        organization_id: connection.organization_id,
        custom_scopes: request
            .parameter("custom_scopes")
            .unwrap_or_default()
            .to_owned(),
        pkce_code_challenge: pkce::challenge(request.raw_parameter("pkce_code_challenge"))
            .map_err(Refused::Error)?,
        from_idp: false,
    };
    Ok(keep_or_approve(&mut state, sso_request))
}

fn keep_or_approve(state: &mut State, request: SsoRequest) -> Begun<SsoRequest> {
    match auto_approve::of_sso_request(state, &request) {
        Some(url) => Begun::Approved(url),
        None => Begun::Waits(keep(state, request)),
    }
}

/// The connection in the request, or the organization's default one, or its only one.
fn wanted(state: &State, request: &Incoming) -> Result<Connection, Refused> {
    let reference = match (
        request.parameter("connection_id"),
        request.parameter("organization_id"),
    ) {
        (Some(_), Some(_)) => return Err(error("too_many_sso_connection_locators")),
        (None, None) => return Err(error("missing_sso_connection_locator")),
        (Some(id), None) => {
            return connection(state, id).ok_or_else(|| error("sso_connection_not_found"));
        }
        (None, Some(reference)) => reference,
    };
    let organization = state
        .organization(reference)
        .ok_or_else(|| error("organization_not_found"))?;
    let mut connections = connections_of(organization);
    connections.retain(|it| idp(state, &it.id).is_some());
    let default = organization.text("sso_default_connection_id");
    if let Some(index) = connections.iter().position(|it| it.id == default) {
        return Ok(connections.swap_remove(index));
    }
    match connections.len() {
        0 => Err(error("no_sso_connection_exists_for_organization")),
        1 => Ok(connections.swap_remove(0)),
        _ => Err(error("indeterminate_sso_connection_for_organization")),
    }
}

fn answer(
    sandbox: &Sandbox,
    request: &Incoming,
    status: u16,
    begun: Result<Begun<SsoRequest>, Refused>,
) -> Answer {
    match begun {
        Ok(begun) => lead(request, status, &begun),
        Err(refused) => pages::refused(sandbox, request, &refused),
    }
}

fn error(error_type: &'static str) -> Refused {
    Refused::Error(ApiError::of(error_type))
}
