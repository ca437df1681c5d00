//! What the console shows.

use askama::Template;
use hyper::header::{CONTENT_SECURITY_POLICY, HeaderValue};

use crate::{
    console::stories::{Stage, Story},
    control::faults::word,
    http::Answer,
    model::{FaultKind, Organization, State, clock::wire},
    public::{names, pages},
    world::{World, sandbox::Sandbox},
};

/// More rows than this nobody reads; the control API has them all.
const MOST: usize = 100;

#[derive(Template)]
#[template(path = "console.html")]
struct Console {
    /// `/_sandbox/console/{project_id}`, where the forms go.
    path: String,
    project_id: String,
    seed: &'static str,
    projects: Rows<Project>,
    dropped_projects: u64,
    now: String,
    is_frozen: bool,
    people: Rows<PersonRow>,
    organizations: Rows<OrganizationRow>,
    sessions: Rows<SessionRow>,
    calls: Rows<CallRow>,
    dropped_calls: u64,
    most_calls: usize,
    faults: Vec<FaultRow>,
}

/// The first rows, and how many there are besides.
struct Rows<T> {
    shown: Vec<T>,
    more: usize,
}

impl<T> Rows<T> {
    fn of<S>(all: impl ExactSizeIterator<Item = S>, row: impl FnMut(S) -> T) -> Self {
        let more = all.len().saturating_sub(MOST);
        Self {
            shown: all.take(MOST).map(row).collect(),
            more,
        }
    }
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
    members: Rows<MemberRow>,
    stories: Vec<Story>,
}

struct MemberRow {
    email: String,
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

/// The console's page of this world.
pub fn page(sandbox: &Sandbox, world: &World) -> Answer {
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
    let state = world.lock();
    let console = Console {
        path: path(world),
        project_id: own.project_id.clone(),
        seed: world.seed(),
        projects: Rows::of(worlds.iter(), project),
        dropped_projects: sandbox.dropped_worlds(),
        now: time(state.now()),
        is_frozen: state.clock.is_frozen(),
        people: people(&state, &opening),
        organizations: organizations(&state, &opening),
        sessions: sessions(&state),
        calls: calls(&state),
        dropped_calls: state.calls.dropped(),
        most_calls: state.calls.most(),
        faults: faults(&state),
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

fn people(state: &State, opening: &Stage<'_>) -> Rows<PersonRow> {
    Rows::of(state.people.iter(), |person| {
        let theirs = state
            .members
            .iter()
            .filter(|member| member.email().eq_ignore_ascii_case(&person.email));
        let membership = |member: &crate::model::member::Member| {
            let organization = state.organization(member.organization_id());
            let slug = organization.map_or("", Organization::slug);
            format!("{} in {slug}", member.status())
        };
        PersonRow {
            name: person.name.clone(),
            email: person.email.clone(),
            memberships: theirs.take(MOST).map(membership).collect(),
            stories: opening.of_person(person),
        }
    })
}

fn organizations(state: &State, opening: &Stage<'_>) -> Rows<OrganizationRow> {
    Rows::of(state.organizations.iter(), |organization| {
        let members: Vec<_> = state
            .members
            .iter()
            .filter(|member| member.organization_id() == organization.id())
            .collect();
        OrganizationRow {
            name: organization.name().to_owned(),
            slug: organization.slug().to_owned(),
            id: organization.id().to_owned(),
            rules: rules(organization),
            members: Rows::of(members.into_iter(), |member| MemberRow {
                email: member.email().to_owned(),
                status: member.status().to_owned(),
                is_admin: member.is("is_admin"),
            }),
            stories: opening.of_organization(organization),
        }
    })
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

fn sessions(state: &State) -> Rows<SessionRow> {
    let live: Vec<_> = state
        .sessions
        .iter()
        .filter(|session| state.is_live(session))
        .collect();
    Rows::of(live.into_iter().rev(), |session| {
        let member = state.member(&session.member_id);
        let organization = state.organization(&session.organization_id);
        SessionRow {
            email: member.map_or("", |member| member.email()).to_owned(),
            organization: organization.map_or("", Organization::name).to_owned(),
            ends: time(session.expires_at),
        }
    })
}

/// Newest first.
fn calls(state: &State) -> Rows<CallRow> {
    let calls = state.calls.iter().rev().map(|logged| &logged.call);
    Rows::of(calls, |call| CallRow {
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
    state.faults.active().take(MOST).map(row).collect()
}
