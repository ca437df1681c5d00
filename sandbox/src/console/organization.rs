//! One organization: its members, its connections, its settings.

use askama::Template;
use serde_json::Map;

use crate::{
    api,
    console::{
        form::{Form, Refusal},
        organization_form::{self, FIELDS_OF_ERRORS},
        rows::{MemberRow, members_of},
        shell::{Shell, render},
        stories::{Stage, Story},
        typed::Typed,
        visit::{Shown, Visit, unknown},
    },
    model::{Organization, SsoConnection, sso::protocol},
    public::{
        listing::{Listing, Search},
        names,
    },
    rules::sso::all_of,
};

#[derive(Template)]
#[template(path = "console/organization.html")]
struct Page {
    shell: Shell,
    id: String,
    name: String,
    slug: String,
    created: String,
    stories: Vec<Story>,
    search: Search,
    members: Listing<MemberRow>,
    connections: Vec<ConnectionRow>,
    form: Form,
}

struct ConnectionRow {
    id: String,
    name: String,
    kind: &'static str,
    is_active: bool,
    is_default: bool,
}

/// `GET …/organizations/{organization_id}`
pub fn page(visit: &Visit<'_>) -> Shown {
    let organization = organization(visit)?;
    let form = form(visit, &organization);
    Ok(show(visit, &organization, form))
}

/// `POST …/organizations/{organization_id}`: updates the changed fields, all or none, as `organizations.update` does.
pub fn save(visit: &Visit<'_>, typed: &Typed) -> Shown {
    let before = organization(visit)?;
    let form = form(visit, &before);
    let path = format!("/organizations/{}", before.id());
    let saved = organization_form::changes(&form, typed)
        .and_then(|changes| change(visit, &before, changes));
    Ok(match saved {
        Ok(done) => visit.back_to(&path, done),
        Err(refusal) => show(visit, &before, form.refused(typed, refusal)),
    })
}

fn change(
    visit: &Visit<'_>,
    before: &Organization,
    mut changes: Map<String, serde_json::Value>,
) -> Result<&'static str, Refusal> {
    const EXTERNAL_ID: &str = "organization_external_id";
    if changes.is_empty() {
        return Ok("unchanged");
    }
    let refusal = |error| Refusal::of_api(&error, FIELDS_OF_ERRORS);
    let path = [("organization_id", before.id())];
    // The API removes an external id with a separate call.
    let forgets = changes.get(EXTERNAL_ID).is_some_and(|id| id == "");
    if forgets {
        changes.remove(EXTERNAL_ID);
    }
    let mut state = visit.world.lock();
    if !changes.is_empty() {
        let update = api::organizations::update;
        visit
            .run(&mut state, update, &path, changes)
            .map_err(refusal)?;
    }
    if forgets {
        let forget = api::organizations::delete_external_id;
        visit
            .run(&mut state, forget, &path, Map::new())
            .map_err(refusal)?;
    }
    Ok("saved")
}

/// `POST …/organizations/{organization_id}/delete`
pub fn delete(visit: &Visit<'_>) -> Shown {
    let path = [("organization_id", visit.part("organization_id"))];
    visit.press(api::organizations::delete, &path, Map::new())?;
    Ok(visit.back_to("/organizations", "deleted"))
}

/// The organization in the page's path, by its id.
pub fn organization(
    visit: &Visit<'_>,
) -> Result<Organization, crate::control::error::ControlError> {
    let id = visit.part("organization_id");
    let state = visit.world.lock();
    let found = state.organization(id).filter(|it| it.id() == id).cloned();
    found.ok_or_else(|| unknown("organization"))
}

fn form(visit: &Visit<'_>, organization: &Organization) -> Form {
    let path = format!("/organizations/{}", organization.id());
    organization_form::form(visit.path(&path), organization)
}

fn show(visit: &Visit<'_>, organization: &Organization, form: Form) -> crate::http::Answer {
    let id = organization.id();
    let path = visit.path(&format!("/organizations/{id}"));
    let search = Search::of(visit.request, &path);
    let shell = visit.shell("/organizations");
    let begin = Stage::of(visit.sandbox, &visit.world);
    let state = visit.world.lock();
    let fits = |it: &&crate::model::Member| search.fits(&[it.email(), it.text("name"), it.id()]);
    let found = members_of(&state, id).filter(fits);
    let members = Listing::of(visit.request, &path, "members", found, MemberRow::of);
    let default = organization.text("sso_default_connection_id");
    let row = |it: &SsoConnection| ConnectionRow {
        id: it.id().to_owned(),
        name: it.text("display_name").to_owned(),
        kind: protocol(it.kind()),
        is_active: organization.has_connection(it.id()),
        is_default: it.id() == default,
    };
    let page = Page {
        shell,
        id: id.to_owned(),
        name: organization.name().to_owned(),
        slug: organization.slug().to_owned(),
        created: organization.text("created_at").to_owned(),
        stories: begin.of_organization(organization),
        members,
        connections: all_of(&state, organization).iter().map(row).collect(),
        search,
        form,
    };
    drop(state);
    render(page.form.status(), &page)
}
