//! What the console shows.

use askama::Template;
use hyper::header::{CONTENT_SECURITY_POLICY, HeaderValue};

use crate::{
    console::stories::{Stage, Story},
    control::faults::word,
    http::{Answer, Incoming},
    model::{FaultKind, Member, Organization, State, clock::wire, lookup},
    public::{
        listing::{Listing, ROWS, Search},
        names, pages,
    },
    world::{World, sandbox::Sandbox},
};

/// Members that are shown under each organization. The others are a link away.
const FIRST_MEMBERS: usize = 10;

#[derive(Template)]
#[template(path = "console.html")]
struct Console {
    /// `/_sandbox/console/{project_id}`, where the forms go.
    path: String,
    project_id: String,
    seed: &'static str,
    search: Search,
    projects: Listing<Project>,
    has_other_projects: bool,
    dropped_projects: u64,
    now: String,
    is_frozen: bool,
    people: Listing<PersonRow>,
    organizations: Listing<OrganizationRow>,
    /// The members that fit the search, or of the organization that the query names; without either they are not shown.
    members: Option<Listing<MemberRow>>,
    sessions: Listing<SessionRow>,
    calls: Listing<CallRow>,
    dropped_calls: u64,
    most_calls: usize,
    faults: Vec<FaultRow>,
}

struct Project {
    path: String,
    id: String,
    seed: &'static str,
    is_current: bool,
}

struct PersonRow {
    name: String,
    email: String,
    memberships: Vec<String>,
    stories: Vec<Story>,
}

struct OrganizationRow {
    name: String,
    slug: String,
    id: String,
    rules: Vec<String>,
    members: Vec<MemberRow>,
    /// How many members it has, of whom the first are shown.
    member_count: usize,
    stories: Vec<Story>,
}

struct MemberRow {
    email: String,
    organization: String,
    status: String,
    is_admin: bool,
}

struct SessionRow {
    email: String,
    organization: String,
    ends: String,
}

struct CallRow {
    at: String,
    method: String,
    path: String,
    status: u16,
    error_type: String,
}

struct FaultRow {
    id: String,
    what: String,
}

/// What a list of the console shows: the rows that fit the search, a page at a time.
struct Lists<'a> {
    request: &'a Incoming,
    path: String,
    search: Search,
}

impl Lists<'_> {
    fn list<T, S>(
        &self,
        name: &str,
        rows: impl Iterator<Item = S>,
        row: impl FnMut(S) -> T,
    ) -> Listing<T> {
        Listing::of(self.request, &self.path, name, rows, row)
    }
}

/// The console's page of this world.
pub fn page(sandbox: &Sandbox, world: &World, request: &Incoming) -> Answer {
    let worlds = sandbox.worlds();
    let own = world.credentials();
    let is_first = worlds[0].credentials().project_id == own.project_id;
    let app_url = sandbox.options.app_url.trim_end_matches('/');
    let opening = if is_first && sandbox.options.is_reference_app {
        Stage::App(app_url)
    } else {
        Stage::StartUrls {
            public_token: &own.public_token,
        }
    };
    let project = |other: &World| Project {
        path: path(other),
        id: other.credentials().project_id.clone(),
        seed: other.seed(),
        is_current: other.credentials().project_id == own.project_id,
    };
    let lists = Lists {
        request,
        path: path(world),
        search: Search::of(request, &path(world)),
    };
    let others = worlds
        .iter()
        .filter(|it| lists.search.fits(&[&it.credentials().project_id]));
    let projects = lists.list("projects", others, project);
    let has_other_projects = worlds.len() > 1;
    let state = world.lock();
    let console = Console {
        path: path(world),
        project_id: own.project_id.clone(),
        seed: world.seed(),
        projects,
        has_other_projects,
        dropped_projects: sandbox.dropped_worlds(),
        now: time(state.now()),
        is_frozen: state.clock.is_frozen(),
        people: people(&state, &opening, &lists),
        organizations: organizations(&state, &opening, &lists),
        members: members(&state, &lists),
        sessions: sessions(&state, &lists),
        calls: calls(&state, &lists),
        dropped_calls: state.calls.dropped(),
        most_calls: state.calls.most(),
        faults: faults(&state),
        search: lists.search,
    };
    drop(state);
    let mut answer = pages::render(200, &console);
    // Its forms end here, unlike those of the consent page, so the policy can say so.
    answer.headers_mut().insert(
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        ),
    );
    answer
}

/// Where this world's page is.
pub fn path(world: &World) -> String {
    format!("/_sandbox/console/{}", world.credentials().project_id)
}

fn time(at: ::time::OffsetDateTime) -> String {
    wire(at).as_str().unwrap_or_default().to_owned()
}

fn people(state: &State, opening: &Stage<'_>, lists: &Lists<'_>) -> Listing<PersonRow> {
    let found = state
        .people
        .iter()
        .filter(|it| lists.search.fits(&[&it.name, &it.email]));
    lists.list("people", found, |person| {
        let theirs = state
            .members
            .with_key(&lookup::email(&person.email))
            .filter(|member| member.email().eq_ignore_ascii_case(&person.email));
        let membership =
            |member: &Member| format!("{} in {}", member.status(), slug_of(state, member));
        PersonRow {
            name: person.name.clone(),
            email: person.email.clone(),
            memberships: theirs.take(ROWS).map(membership).collect(),
            stories: opening.of_person(person),
        }
    })
}

fn organizations(
    state: &State,
    opening: &Stage<'_>,
    lists: &Lists<'_>,
) -> Listing<OrganizationRow> {
    let found = state
        .organizations
        .iter()
        .filter(|it| lists.search.fits(&[it.name(), it.slug(), it.id()]));
    lists.list("organizations", found, |organization| {
        let members: Vec<&Member> = members_of(state, organization.id()).collect();
        let shown = members.iter().take(FIRST_MEMBERS);
        OrganizationRow {
            name: organization.name().to_owned(),
            slug: organization.slug().to_owned(),
            id: organization.id().to_owned(),
            rules: rules(organization),
            member_count: members.len(),
            members: shown.map(|member| member_row(state, member)).collect(),
            stories: opening.of_organization(organization),
        }
    })
}

fn members(state: &State, lists: &Lists<'_>) -> Option<Listing<MemberRow>> {
    let fits = |member: &&Member| {
        let texts = [member.email(), member.text("name"), member.id()];
        lists.search.fits(&texts)
    };
    let row = |member: &Member| member_row(state, member);
    match lists.request.parameter("organization") {
        Some(id) => {
            let theirs = members_of(state, id).filter(fits);
            Some(lists.list("members", theirs, row))
        }
        None if lists.search.is_empty() => None,
        None => Some(lists.list("members", state.members.iter().filter(fits), row)),
    }
}

fn members_of<'a>(state: &'a State, organization_id: &'a str) -> impl Iterator<Item = &'a Member> {
    let members = state.members.with_key(&lookup::at(organization_id));
    members.filter(move |member| member.organization_id() == organization_id)
}

fn member_row(state: &State, member: &Member) -> MemberRow {
    MemberRow {
        email: member.email().to_owned(),
        organization: slug_of(state, member).to_owned(),
        status: member.status().to_owned(),
        is_admin: member.is("is_admin"),
    }
}

fn slug_of<'a>(state: &'a State, member: &Member) -> &'a str {
    let organization = state.organization(member.organization_id());
    organization.map_or("", Organization::slug)
}

/// What differs from an organization that lets every method in and nobody join.
fn rules(organization: &Organization) -> Vec<String> {
    let mut rules = Vec::new();
    if organization.text("auth_methods") == "RESTRICTED" {
        let methods = organization.list("allowed_auth_methods").join(", ");
        rules.push(format!("only {methods}"));
    }
    if organization.text("mfa_policy") == "REQUIRED_FOR_ALL" {
        rules.push("second factor for all".to_owned());
    }
    if organization.text("email_jit_provisioning") == "RESTRICTED" {
        let domains = organization.list("email_allowed_domains").join(", ");
        rules.push(format!("join with an address of {domains}"));
    }
    if organization.text("oauth_tenant_jit_provisioning") == "RESTRICTED" {
        let tenants = organization.value("allowed_oauth_tenants").as_object();
        let names: Vec<&str> = tenants
            .into_iter()
            .flatten()
            .map(|(name, _)| &**name)
            .collect();
        rules.push(format!("join by tenant of {}", names.join(", ")));
    }
    rules
}

fn sessions(state: &State, lists: &Lists<'_>) -> Listing<SessionRow> {
    let live = state.sessions.iter().rev().filter(|it| state.is_live(it));
    let rows = live.map(|session| {
        let member = state.member(&session.member_id);
        let organization = state.organization(&session.organization_id);
        SessionRow {
            email: member.map_or("", |member| member.email()).to_owned(),
            organization: organization.map_or("", Organization::name).to_owned(),
            ends: time(session.expires_at),
        }
    });
    let found = rows.filter(|row| lists.search.fits(&[&row.email, &row.organization]));
    lists.list("sessions", found, |row| row)
}

/// Newest first.
fn calls(state: &State, lists: &Lists<'_>) -> Listing<CallRow> {
    let calls = state.calls.iter().rev().map(|logged| &logged.call);
    let found = calls.filter(|call| {
        let error_type = call.error_type.as_deref().unwrap_or_default();
        lists.search.fits(&[&call.method, &call.path, error_type])
    });
    lists.list("calls", found, |call| CallRow {
        at: time(call.at),
        method: call.method.clone(),
        path: call.path.clone(),
        status: call.status,
        error_type: call.error_type.clone().unwrap_or_default(),
    })
}

fn faults(state: &State) -> Vec<FaultRow> {
    let row = |(id, fault): &(String, crate::model::faults::Fault)| {
        let held = match &fault.kind {
            FaultKind::Hold(hold) | FaultKind::HoldAfter(hold) => hold.waiting(),
            _ => 0,
        };
        let holds = if held > 0 {
            format!(", holds {held}")
        } else {
            String::new()
        };
        let what = format!(
            "{} for the next {} of {} {}{holds}",
            word(&fault.kind),
            fault.times,
            fault.method,
            fault.path
        );
        FaultRow {
            id: id.clone(),
            what,
        }
    };
    state.faults.active().take(ROWS).map(row).collect()
}
