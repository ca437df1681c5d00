//! The organizations of a project: the list, and the form for a new one.

use askama::Template;
use serde_json::Value;

use crate::{
    api,
    console::{
        field::Field,
        form::{Form, Refusal},
        organization_form::FIELDS_OF_ERRORS,
        redirect_urls::Edit,
        rows::{members_of, rules},
        shell::{Shell, render},
        stories::{Stage, Story},
        typed::Typed,
        visit::Visit,
    },
    http::Answer,
    public::{
        listing::{Listing, Search},
        names,
    },
};

#[derive(Template)]
#[template(path = "console/organizations.html")]
struct Page {
    shell: Shell,
    search: Search,
    organizations: Listing<Row>,
}

struct Row {
    id: String,
    name: String,
    slug: String,
    rules: Vec<String>,
    member_count: usize,
    stories: Vec<Story>,
}

/// `GET …/organizations`
pub fn page(visit: &Visit<'_>) -> Answer {
    let path = visit.path("/organizations");
    let search = Search::of(visit.request, &path);
    let shell = visit.shell("/organizations");
    let begin = Stage::of(visit.sandbox, &visit.world);
    let state = visit.world.lock();
    let found = state.organizations.iter().filter(|it| {
        let external_id = it.text("organization_external_id");
        search.fits(&[it.name(), it.slug(), it.id(), external_id])
    });
    let list = Listing::of(visit.request, &path, "organizations", found, |it| Row {
        id: it.id().to_owned(),
        name: it.name().to_owned(),
        slug: it.slug().to_owned(),
        rules: rules(it),
        member_count: members_of(&state, it.id()).count(),
        stories: begin.of_organization(it),
    });
    let page = Page {
        shell,
        search,
        organizations: list,
    };
    drop(state);
    render(200, &page)
}

/// `GET …/organizations/new`
pub fn new(visit: &Visit<'_>) -> Answer {
    edit(visit, form(visit))
}

/// `POST …/organizations/new`: creates the organization, as `organizations.create` does.
pub fn create(visit: &Visit<'_>, typed: &Typed) -> Answer {
    let form = form(visit);
    let created = form.given(typed).and_then(|body| {
        let created = visit.call(api::organizations::create, &[], body);
        created.map_err(|error| Refusal::of_api(&error, FIELDS_OF_ERRORS))
    });
    match created {
        Ok(answer) => {
            let id = answer["organization"]["organization_id"].as_str();
            let path = format!("/organizations/{}", id.unwrap_or_default());
            visit.back_to(&path, "created")
        }
        Err(refusal) => edit(visit, form.refused(typed, refusal)),
    }
}

fn form(visit: &Visit<'_>) -> Form {
    let slug = Field::text("organization_slug", "Slug", "");
    let fields = vec![
        Field::text("organization_name", "Name", ""),
        slug.hint("Optional. By default, it is made from the name."),
        Field::text("organization_external_id", "External ID", "").hint("Optional."),
        Field::json("trusted_metadata", "Trusted metadata", &Value::Null)
            .hint("Optional. A JSON object."),
    ];
    Form::of_fields(
        visit.path("/organizations/new"),
        "Create organization",
        fields,
    )
}

fn edit(visit: &Visit<'_>, form: Form) -> Answer {
    let page = Edit {
        shell: visit.shell("/organizations"),
        title: "New organization",
        lead: "It starts with Stytch's defaults. The next page has its settings.",
        within: (visit.path("/organizations"), "Organizations".to_owned()),
        form,
    };
    render(page.form.status(), &page)
}
