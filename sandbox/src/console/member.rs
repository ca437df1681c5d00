//! One member: fields, roles, sessions, second factors.

use askama::Template;
use serde_json::{Map, Value, json};

use crate::{
    api,
    console::{
        form::{Form, Refusal},
        member_form::{self, FIELDS_OF_ERRORS},
        organization::organization,
        redirect_urls::Edit,
        rows::SessionRow,
        shell::{Shell, render},
        typed::Typed,
        visit::{Shown, Visit, unknown},
    },
    control::error::ControlError,
    http::{Answer, Api},
    model::{Member, Organization},
    public::names,
};

#[derive(Template)]
#[template(path = "console/member.html")]
struct Page {
    shell: Shell,
    /// Path of the member's page.
    own: String,
    id: String,
    email: String,
    /// Text that says whether the address is verified.
    proved: &'static str,
    name: String,
    status: String,
    is_deleted: bool,
    organization_id: String,
    organization: String,
    /// All roles, including those by email domain or SSO.
    roles: Vec<String>,
    phone: String,
    phone_proved: &'static str,
    has_app: bool,
    /// The code that the authenticator app shows now.
    code: Option<String>,
    has_password: bool,
    /// Types of the member's registrations with providers and SSO connections.
    registrations: Vec<String>,
    sessions: Vec<SessionRow>,
    form: Form,
}

/// `GET …/organizations/{organization_id}/members/new`
pub fn new(visit: &Visit<'_>) -> Shown {
    let organization = organization(visit)?;
    let form = new_form(visit, &organization);
    Ok(show_new(visit, &organization, form))
}

/// `POST …/organizations/{organization_id}/members/new`: creates the member, as `organizations.members.create` does.
pub fn create(visit: &Visit<'_>, typed: &Typed) -> Shown {
    let organization = organization(visit)?;
    let form = new_form(visit, &organization);
    let path = [("organization_id", organization.id())];
    let created = form.given(typed).and_then(|body| {
        let created = visit.call(api::members::create, &path, body);
        created.map_err(|error| Refusal::of_api(&error, FIELDS_OF_ERRORS))
    });
    Ok(match created {
        Ok(answer) => {
            let id = answer["member_id"].as_str().unwrap_or_default();
            visit.back_to(&format!("/members/{id}"), "created")
        }
        Err(refusal) => show_new(visit, &organization, form.refused(typed, refusal)),
    })
}

/// `GET …/members/{member_id}`
pub fn page(visit: &Visit<'_>) -> Shown {
    let (member, organization) = member(visit)?;
    let form = form(visit, &member, &organization);
    Ok(show(visit, &member, &organization, form))
}

/// `POST …/members/{member_id}`: updates the changed fields, all or none, as `organizations.members.update` does.
pub fn save(visit: &Visit<'_>, typed: &Typed) -> Shown {
    let (member, organization) = member(visit)?;
    let form = form(visit, &member, &organization);
    let saved = form
        .changes(typed)
        .and_then(|it| change(visit, &member, it));
    Ok(match saved {
        Ok(done) => visit.back_to(&format!("/members/{}", member.id()), done),
        Err(refusal) => show(visit, &member, &organization, form.refused(typed, refusal)),
    })
}

fn change(
    visit: &Visit<'_>,
    member: &Member,
    mut changes: Map<String, Value>,
) -> Result<&'static str, Refusal> {
    if changes.is_empty() {
        return Ok("unchanged");
    }
    let refusal = |error| Refusal::of_api(&error, FIELDS_OF_ERRORS);
    let path = path(member);
    // The API removes an external id with a separate call.
    let forgets = changes.get("external_id").is_some_and(|id| id == "");
    if forgets {
        changes.remove("external_id");
    }
    let mut state = visit.world.lock();
    if !changes.is_empty() {
        let update = api::member_update::update;
        visit
            .run(&mut state, update, &path, changes)
            .map_err(refusal)?;
    }
    if forgets {
        let forget = api::member_factors::delete_external_id;
        visit
            .run(&mut state, forget, &path, Map::new())
            .map_err(refusal)?;
    }
    Ok("saved")
}

/// `POST …/members/{member_id}/{button}`: deletes or reactivates the member, or removes a factor.
pub fn press(visit: &Visit<'_>) -> Shown {
    let (member, _) = member(visit)?;
    let (api, done): (Api, _) = match visit.part("button") {
        "delete" => (api::members::delete, "deleted"),
        "reactivate" => (api::members::reactivate, "reactivated"),
        "remove_phone" => (api::member_factors::delete_phone, "removed"),
        "remove_totp" => (api::member_factors::delete_totp, "removed"),
        "remove_password" => (api::passwords::delete, "removed"),
        _ => return Err(unknown("button")),
    };
    let password = ("member_password_id", member.text("member_password_id"));
    let path = [&path(&member)[..], &[password]].concat();
    visit.press(api, &path, Map::new())?;
    Ok(visit.back_to(&format!("/members/{}", member.id()), done))
}

/// `POST …/members/{member_id}/sessions`: ends the session that the form names, or all sessions if it names none.
pub fn end_sessions(visit: &Visit<'_>, typed: &Typed) -> Shown {
    let (member, _) = member(visit)?;
    let body = match typed.text("session") {
        "" => json!({ "member_id": member.id() }),
        id => json!({ "member_session_id": id }),
    };
    let body = crate::model::fields::fields(body);
    visit.press(api::sessions::revoke, &[], body)?;
    Ok(visit.back_to(&format!("/members/{}", member.id()), "ended"))
}

fn path(member: &Member) -> [(&'static str, &str); 2] {
    [
        ("organization_id", member.organization_id()),
        ("member_id", member.id()),
    ]
}

/// The member in the page's path, even if deleted.
fn member(visit: &Visit<'_>) -> Result<(Member, Organization), ControlError> {
    let state = visit.world.lock();
    let member = state.member(visit.part("member_id")).cloned();
    let member = member.ok_or_else(|| unknown("member"))?;
    let organization = state.organization(member.organization_id()).cloned();
    let organization = organization.ok_or_else(|| unknown("member"))?;
    Ok((member, organization))
}

fn new_form(visit: &Visit<'_>, organization: &Organization) -> Form {
    let path = format!("/organizations/{}/members/new", organization.id());
    let policy = visit.world.lock().policy.clone();
    member_form::new(visit.path(&path), &policy, organization)
}

fn form(visit: &Visit<'_>, member: &Member, organization: &Organization) -> Form {
    let path = format!("/members/{}", member.id());
    let policy = visit.world.lock().policy.clone();
    member_form::edit(visit.path(&path), &policy, organization, member)
}

fn show_new(visit: &Visit<'_>, organization: &Organization, form: Form) -> Answer {
    let path = visit.path(&format!("/organizations/{}", organization.id()));
    let page = Edit {
        shell: visit.shell("/organizations"),
        title: "New member",
        lead: "The same rules apply as when your app calls the API.",
        within: (path, organization.name().to_owned()),
        form,
    };
    render(page.form.status(), &page)
}

fn show(visit: &Visit<'_>, member: &Member, organization: &Organization, form: Form) -> Answer {
    let own = visit.path(&format!("/members/{}", member.id()));
    let code = visit.world.totp_code(member.id());
    let state = visit.world.lock();
    let live = state
        .sessions
        .iter()
        .filter(|it| it.member_id == member.id() && state.is_live(it));
    let sessions = live.map(|it| SessionRow::of(&state, it)).collect();
    drop(state);
    let of_oauth = member.value("oauth_registrations").as_array();
    let of_oauth = of_oauth.into_iter().flatten();
    let of_oauth = of_oauth.filter_map(|it| it["provider_type"].as_str());
    let of_sso = member.sso_registrations();
    let of_sso = of_sso.filter_map(|it| it["connection_id"].as_str());
    let page = Page {
        shell: visit.shell("/organizations"),
        own,
        id: member.id().to_owned(),
        email: member.email().to_owned(),
        proved: proved(member.is("email_address_verified")),
        name: member.text("name").to_owned(),
        is_deleted: member.status() == "deleted",
        status: if member.is("is_locked") {
            format!("{}, locked", member.status())
        } else {
            member.status().to_owned()
        },
        organization_id: organization.id().to_owned(),
        organization: organization.name().to_owned(),
        roles: member.roles().into_iter().map(str::to_owned).collect(),
        phone: member.text("mfa_phone_number").to_owned(),
        phone_proved: proved(member.is("mfa_phone_number_verified")),
        has_app: !member.text("totp_registration_id").is_empty(),
        code,
        has_password: !member.text("member_password_id").is_empty(),
        registrations: of_oauth.chain(of_sso).map(str::to_owned).collect(),
        sessions,
        form,
    };
    render(page.form.status(), &page)
}

fn proved(is_verified: bool) -> &'static str {
    if is_verified {
        "verified"
    } else {
        "not verified"
    }
}
