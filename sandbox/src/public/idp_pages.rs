//! What the pages of the stand-in IdP and the inbox show.

use askama::Template;

use crate::{
    http::{Answer, Incoming, auth::by_project},
    model::{Account, Connection, Message, SsoKind, SsoRequest, State, sso::connections_of},
    public::{
        names,
        pages::{self, initial, render},
    },
    rules::{
        redirect_urls,
        sso::{accounts, connection},
    },
    world::{World, sandbox::Sandbox},
};

/// What was typed into the form that adds a person, and what is wrong with it.
#[derive(Default)]
pub struct AccountForm {
    pub name: String,
    pub email: String,
    /// The names of groups, separated by commas.
    pub groups: String,
    pub name_error: Option<&'static str>,
    pub email_error: Option<&'static str>,
    pub groups_error: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "idp.html")]
struct People<'a> {
    id: &'a str,
    connection: &'a Connection,
    is_saml: bool,
    organization: &'a str,
    known: Vec<(String, Account)>,
    form: &'a AccountForm,
    details: Vec<(&'static str, String)>,
}

#[derive(Template)]
#[template(path = "idp_start.html")]
struct Connections<'a> {
    project_id: &'a str,
    connections: Vec<(String, Connection)>,
}

#[derive(Template)]
#[template(path = "inbox.html")]
struct Inbox<'a> {
    project_id: &'a str,
    messages: Vec<(String, Message)>,
    /// Whose app in which organization, and the code that it shows now.
    apps: Vec<(String, String, String)>,
}

/// The people of a connection's IdP, one button each.
pub fn people(status: u16, state: &State, sso_request: &SsoRequest, form: &AccountForm) -> Answer {
    let Some(connection) = connection(state, &sso_request.connection_id) else {
        return pages::gone(redirect_urls::app(&state.redirect_urls).as_deref());
    };
    let organization = state
        .organization(&sso_request.organization_id)
        .map_or("", |organization| organization.name());
    let people = accounts(state, &sso_request.connection_id);
    let page = People {
        id: &sso_request.open.id,
        is_saml: sso_request.kind == SsoKind::Saml,
        organization,
        known: people
            .into_iter()
            .map(|account| (initial(&account.name), account))
            .collect(),
        form,
        details: details(sso_request, &connection),
        connection: &connection,
    };
    render(status, &page)
}

/// `GET /_sandbox/idp`: the active connections of the project that the query names (`project_id`), or of the
/// sandbox's own.
pub fn start_page(sandbox: &Sandbox, request: &Incoming) -> Answer {
    let Some(world) = world(sandbox, request) else {
        return no_project();
    };
    let state = world.lock();
    let all = state.organizations.iter().flat_map(|organization| {
        connections_of(organization)
            .into_iter()
            .map(|connection| (organization.name().to_owned(), connection))
    });
    let page = Connections {
        project_id: &world.credentials().project_id,
        connections: all.collect(),
    };
    render(200, &page)
}

/// `GET /_sandbox/inbox`: the messages of the project that the query names (`project_id`), or of the sandbox's own,
/// newest first, and the codes that authenticator apps show now.
pub fn inbox(sandbox: &Sandbox, request: &Incoming) -> Answer {
    let Some(world) = world(sandbox, request) else {
        return no_project();
    };
    let messages = world.messages().into_iter().map(|message| {
        let sent_at = message.sent_at;
        let time = format!(
            "{:02}:{:02}:{:02}",
            sent_at.hour(),
            sent_at.minute(),
            sent_at.second()
        );
        (time, message)
    });
    let page = Inbox {
        project_id: &world.credentials().project_id,
        messages: messages.collect(),
        apps: apps(&world),
    };
    render(200, &page)
}

/// Nobody in a sandbox has an authenticator app in the pocket.
fn apps(world: &World) -> Vec<(String, String, String)> {
    let members: Vec<(String, String, String)> = {
        let state = world.lock();
        let members = state.members.iter().map(|member| {
            let organization = state.organization(member.organization_id());
            let name = organization.map_or("", |organization| organization.name());
            (
                member.id().to_owned(),
                member.email().to_owned(),
                name.to_owned(),
            )
        });
        members.collect()
    };
    let apps = members.into_iter().filter_map(|(id, email, organization)| {
        let code = world.totp_code(&id)?;
        Some((email, organization, code))
    });
    apps.collect()
}

fn world(sandbox: &Sandbox, request: &Incoming) -> Option<World> {
    match request.parameter("project_id") {
        None => Some(sandbox.world()),
        Some(id) => by_project(sandbox, id).ok(),
    }
}

fn no_project() -> Answer {
    pages::message(
        404,
        "There is no such project",
        "The project_id of this page's address is none of this sandbox's. Leave it out for the sandbox's own project.",
    )
}

/// The request in the words of the start URL's parameters.
fn details(sso_request: &SsoRequest, connection: &Connection) -> Vec<(&'static str, String)> {
    let from = if sso_request.from_idp {
        "the IdP"
    } else {
        "the app"
    };
    let pkce = if sso_request.pkce_code_challenge.is_some() {
        "a challenge came"
    } else {
        "no challenge came"
    };
    let mut details = vec![
        ("Begun at", from.to_owned()),
        ("Connection", connection.id.clone()),
        ("Organization", sso_request.organization_id.clone()),
        ("Login redirect URL", sso_request.login_redirect_url.clone()),
        (
            "Signup redirect URL",
            sso_request.signup_redirect_url.clone(),
        ),
        ("PKCE", pkce.to_owned()),
    ];
    if !sso_request.custom_scopes.is_empty() {
        details.push(("Custom scopes", sso_request.custom_scopes.clone()));
    }
    details
}
