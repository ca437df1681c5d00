//! Content of the simulated IdP's pages and of the inbox.

use askama::Template;

use crate::{
    http::{Answer, Incoming, auth::by_project},
    model::{
        Account, Connection, Member, Message, SsoKind, SsoRequest, State, Totp, sso::connections_of,
    },
    public::{
        listing::{Listing, Search},
        names,
        pages::{self, initial, render},
        pending::Pending,
    },
    rules::{
        redirect_urls,
        sso::{accounts, connection},
    },
    world::{World, sandbox::Sandbox},
};

/// Input of the form that adds a person, with its errors.
#[derive(Default)]
pub struct AccountForm {
    pub name: String,
    pub email: String,
    /// Names of groups, separated by commas.
    pub groups: String,
    pub name_error: Option<&'static str>,
    pub email_error: Option<&'static str>,
    pub groups_error: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "idp.html")]
struct IdpPage<'a> {
    id: &'a str,
    connection: &'a Connection,
    is_saml: bool,
    organization: &'a str,
    search: Search,
    people: Listing<(String, Account)>,
    has_people: bool,
    form: &'a AccountForm,
    details: Vec<(&'static str, String)>,
}

#[derive(Template)]
#[template(path = "idp_start.html")]
struct StartPage<'a> {
    project_id: &'a str,
    search: Search,
    connections: Listing<(String, Connection)>,
}

#[derive(Template)]
#[template(path = "inbox.html")]
struct Inbox<'a> {
    project_id: &'a str,
    search: Search,
    messages: Listing<(String, Message)>,
    /// Member, organization, and current code of each authenticator app.
    apps: Listing<(String, String, String)>,
    /// URL of the app.
    back: Option<String>,
}

/// The people of a connection's IdP, one button each.
pub fn people(
    status: u16,
    request: &Incoming,
    state: &State,
    sso_request: &SsoRequest,
    form: &AccountForm,
) -> Answer {
    let Some(connection) = connection(state, &sso_request.connection_id) else {
        return pages::gone(redirect_urls::app(&state.redirect_urls).as_deref());
    };
    let organization = state
        .organization(&sso_request.organization_id)
        .map_or("", |organization| organization.name());
    let known = accounts(state, &sso_request.connection_id);
    let has_people = !known.is_empty();
    let path = format!("{}/{}", SsoRequest::FOLDER, sso_request.open.id);
    let search = Search::of(request, &path);
    let found = known
        .into_iter()
        .filter(|it| search.fits(&[&it.name, &it.email]));
    let people = Listing::of(request, &path, "people", found, |account| {
        (initial(&account.name), account)
    });
    let page = IdpPage {
        id: &sso_request.open.id,
        is_saml: sso_request.kind == SsoKind::Saml,
        organization,
        search,
        people,
        has_people,
        form,
        details: details(sso_request, &connection),
        connection: &connection,
    };
    render(status, &page)
}

/// `GET /_sandbox/idp`: shows the active connections of the project in the query (`project_id`), or of the first
/// project.
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
    let path = "/_sandbox/idp";
    let search = Search::of(request, path);
    let found = all.filter(|(organization, it)| search.fits(&[organization, &it.display_name]));
    let page = StartPage {
        project_id: &world.credentials().project_id,
        connections: Listing::of(request, path, "connections", found, |it| it),
        search,
    };
    render(200, &page)
}

/// `GET /_sandbox/inbox`: shows the messages of the project in the query (`project_id`), or of the first project,
/// newest first, and the current codes of authenticator apps.
pub fn inbox(sandbox: &Sandbox, request: &Incoming) -> Answer {
    let Some(world) = world(sandbox, request) else {
        return no_project();
    };
    let path = "/_sandbox/inbox";
    let search = Search::of(request, path);
    let messages = world.messages().into_iter();
    let found = messages.filter(|it| search.fits(&[&it.to, &it.subject]));
    let messages = Listing::of(request, path, "messages", found, |message| {
        let sent_at = message.sent_at;
        let time = format!(
            "{:02}:{:02}:{:02}",
            sent_at.hour(),
            sent_at.minute(),
            sent_at.second()
        );
        (time, message)
    });
    let apps = apps(&world).into_iter();
    let apps = apps.filter(|(_, email, organization)| search.fits(&[email, organization]));
    let apps = Listing::of(request, path, "apps", apps, |(id, email, organization)| {
        let code = world.totp_code(&id).unwrap_or_default();
        (email, organization, code)
    });
    let page = Inbox {
        project_id: &world.credentials().project_id,
        search,
        messages,
        apps,
        back: redirect_urls::app(&world.redirect_urls()),
    };
    render(200, &page)
}

/// The members with an authenticator app: id, address, and organization. The inbox shows the codes, because no real
/// phone has them.
fn apps(world: &World) -> Vec<(String, String, String)> {
    let state = world.lock();
    let now = state.now();
    let totps = &state.factors.totps;
    let has_app = |member: &&Member| {
        let waits = |totp: &Totp| totp.expires_at.is_some_and(|end| now < end);
        !member.text("totp_registration_id").is_empty() || totps.get(member.id()).is_some_and(waits)
    };
    let members = state.members.iter().filter(has_app).map(|member| {
        let organization = state.organization(member.organization_id());
        let name = organization.map_or("", |organization| organization.name());
        (
            member.id().to_owned(),
            member.email().to_owned(),
            name.to_owned(),
        )
    });
    members.collect()
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
        "This sandbox has no project with the project_id in this page's address. Leave it out for the project that \
         the sandbox started with.",
    )
}

/// The parameters of the request, with labels.
fn details(sso_request: &SsoRequest, connection: &Connection) -> Vec<(&'static str, String)> {
    let from = if sso_request.from_idp {
        "the IdP"
    } else {
        "the app"
    };
    let pkce = if sso_request.pkce_code_challenge.is_some() {
        "with a challenge"
    } else {
        "without a challenge"
    };
    let mut details = vec![
        ("Started at", from.to_owned()),
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
