//! The overview page: credentials, redirect URLs, clock, reset, and other projects.

use askama::Template;

use crate::{
    console::{
        field::Field,
        form::{Form, Refusal},
        shell::{Shell, render},
        typed::Typed,
        visit::{Shown, Visit},
    },
    control::{
        error::ControlError,
        time::{TIME, read_time},
    },
    http::Answer,
    model::clock::wire,
    public::{
        listing::{Listing, Search},
        names,
    },
    world::World,
};

#[derive(Template)]
#[template(path = "console/overview.html")]
struct Overview {
    shell: Shell,
    seed: &'static str,
    /// Names and values of the environment variables for an app.
    variables: [(&'static str, String); 4],
    /// Each type of redirect URL, with its registered URLs.
    redirect_urls: Vec<(&'static str, Vec<String>)>,
    /// The variables as lines of an `.env` file.
    env_file: String,
    now: String,
    is_frozen: bool,
    freeze: Form,
    search: Search,
    projects: Listing<Project>,
    has_other_projects: bool,
    dropped_projects: u64,
}

struct Project {
    path: String,
    id: String,
    seed: &'static str,
    is_current: bool,
}

/// `GET`: the page.
pub fn page(visit: &Visit<'_>) -> Answer {
    with_form(visit, freeze_form(visit))
}

/// `POST …/freeze`: stops the clock at the form's `at`.
pub fn freeze(visit: &Visit<'_>, typed: &Typed) -> Answer {
    if let Some(at) = read_time(typed.text("at")) {
        visit.world.freeze_at(at);
        return visit.back_to("", "clock");
    }
    let refusal = Refusal::of_control(&ControlError::field("at", TIME));
    with_form(visit, freeze_form(visit).refused(typed, refusal))
}

/// `POST …/advance`: moves the clock ahead by the form's `seconds`.
pub fn advance(visit: &Visit<'_>, typed: &Typed) -> Shown {
    let seconds = typed.text("seconds").parse().ok();
    let seconds =
        seconds.ok_or_else(|| ControlError::field("seconds", "a whole number of seconds"))?;
    crate::control::time::advance(&mut visit.world.lock(), seconds)?;
    Ok(visit.back_to("", "clock"))
}

fn freeze_form(visit: &Visit<'_>) -> Form {
    let now = time(&visit.world);
    let field = Field::text("at", "Time", &now);
    Form::of_fields(visit.path("/freeze"), "Freeze the clock", vec![field]).aside()
}

fn time(world: &World) -> String {
    wire(world.now()).as_str().unwrap_or_default().to_owned()
}

fn with_form(visit: &Visit<'_>, freeze: Form) -> Answer {
    let status = freeze.status();
    let (sandbox, world) = (visit.sandbox, &visit.world);
    let own = world.credentials();
    let path = visit.path("");
    let search = Search::of(visit.request, &path);
    let worlds = sandbox.worlds();
    let project = |other: &World| Project {
        path: Shell::path_of(other),
        id: other.credentials().project_id.clone(),
        seed: other.seed(),
        is_current: other.credentials().project_id == own.project_id,
    };
    let found = worlds
        .iter()
        .filter(|it| search.fits(&[&it.credentials().project_id]));
    let projects = Listing::of(visit.request, &path, "projects", found, project);
    let urls = world.redirect_urls();
    let variables = [
        ("STYTCH_BASE_URL", format!("{}/", visit.request.origin())),
        ("STYTCH_PROJECT_ID", own.project_id.clone()),
        ("STYTCH_SECRET", own.secret.clone()),
        ("STYTCH_PUBLIC_TOKEN", own.public_token.clone()),
    ];
    let lines = variables
        .iter()
        .map(|(name, value)| format!("{name}={value}"));
    let lines: Vec<String> = lines.collect();
    let page = Overview {
        shell: visit.shell(""),
        seed: world.seed(),
        env_file: lines.join("\n"),
        variables,
        redirect_urls: vec![
            ("login", urls.login),
            ("signup", urls.signup),
            ("discovery", urls.discovery),
            ("invite", urls.invite),
            ("reset_password", urls.reset_password),
        ],
        now: time(world),
        is_frozen: world.lock().clock.is_frozen(),
        freeze,
        search,
        projects,
        has_other_projects: worlds.len() > 1,
        dropped_projects: sandbox.dropped_worlds(),
    };
    render(status, &page)
}

/// `POST …/resume`: returns the clock to the machine's time.
pub fn resume(visit: &Visit<'_>) -> Answer {
    visit.world.resume();
    visit.back_to("", "clock")
}

/// `POST …/reset`: returns the world to its seed.
pub fn reset(visit: &Visit<'_>) -> Answer {
    visit.world.reset();
    visit.back_to("", "reset")
}
