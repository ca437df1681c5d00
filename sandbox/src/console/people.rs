//! The people of a project, with links that start their sign-ins, and the form that signs a person in without a page.

use askama::Template;
use serde_json::json;

use crate::{
    console::{
        field::Field,
        form::{Form, Refusal},
        shell::{Shell, render},
        stories::{Stage, Story},
        typed::Typed,
        visit::Visit,
    },
    control,
    http::Answer,
    model::{Member, Organization, fields::fields, lookup},
    public::{
        listing::{Listing, ROWS, Search},
        names,
    },
};

#[derive(Template)]
#[template(path = "console/people.html")]
struct Page {
    shell: Shell,
    search: Search,
    people: Listing<Row>,
    form: Form,
    auto_approve: Option<String>,
}

struct Row {
    name: String,
    email: String,
    memberships: Vec<Membership>,
    stories: Vec<Story>,
}

struct Membership {
    member_id: String,
    status: String,
    organization: String,
}

/// `GET …/people`
pub fn page(visit: &Visit<'_>) -> Answer {
    show(visit, form(visit))
}

/// `POST …/people/auto_approve`: an address turns it on, as in the control API, and no address turns it off.
pub fn auto_approve(visit: &Visit<'_>, typed: &Typed) -> Answer {
    let form = form(visit);
    let body = match typed.text("email") {
        "" => json!({ "off": true }),
        email => json!({ "email": email }),
    };
    let set = visit.control(control::auto_approve::set, fields(body));
    match set {
        Ok(_) => visit.back_to("/people", "saved"),
        Err(error) => show(visit, form.refused(typed, Refusal::of_control(&error))),
    }
}

fn form(visit: &Visit<'_>) -> Form {
    let now = visit.world.lock().auto_approve.clone();
    let field = Field::text("email", "Email address", now.as_deref().unwrap_or_default())
        .hint("Leave it empty to show the consent page.");
    let action = visit.path("/people/auto_approve");
    Form::of_fields(action, "Save address", vec![field]).aside()
}

fn show(visit: &Visit<'_>, form: Form) -> Answer {
    let path = visit.path("/people");
    let search = Search::of(visit.request, &path);
    let shell = visit.shell("/people");
    let begin = Stage::of(visit.sandbox, &visit.world);
    let state = visit.world.lock();
    let found = state
        .people
        .iter()
        .filter(|it| search.fits(&[&it.name, &it.email]));
    let people = Listing::of(visit.request, &path, "people", found, |person| {
        let theirs = state
            .members
            .with_key(&lookup::email(&person.email))
            .filter(|member| member.email().eq_ignore_ascii_case(&person.email));
        let membership = |member: &Member| {
            let organization = state.organization(member.organization_id());
            Membership {
                member_id: member.id().to_owned(),
                status: member.status().to_owned(),
                organization: organization.map_or("", Organization::slug).to_owned(),
            }
        };
        Row {
            name: person.name.clone(),
            email: person.email.clone(),
            memberships: theirs.take(ROWS).map(membership).collect(),
            stories: begin.of_person(person),
        }
    });
    let page = Page {
        shell,
        search,
        people,
        form,
        auto_approve: state.auto_approve.clone(),
    };
    drop(state);
    render(page.form.status(), &page)
}
