//! The form with the redirect URLs.

use askama::Template;

use crate::{
    console::{
        field::Field,
        form::{Form, Refusal},
        shell::{Shell, render},
        typed::Typed,
        visit::Visit,
    },
    control,
    http::Answer,
    public::names,
};

#[derive(Template)]
#[template(path = "console/edit.html")]
pub struct Edit {
    pub shell: Shell,
    pub title: &'static str,
    pub lead: &'static str,
    /// Path and name of the page above this one.
    pub within: (String, String),
    pub form: Form,
}

/// `GET …/redirect_urls`
pub fn page(visit: &Visit<'_>) -> Answer {
    edit(visit, form(visit))
}

/// `POST …/redirect_urls`: replaces the redirect URLs, as `PUT` of the control API does.
pub fn save(visit: &Visit<'_>, typed: &Typed) -> Answer {
    let form = form(visit);
    let saved = form.given(typed).and_then(|body| {
        let saved = visit.control(control::redirect_urls::replace, body);
        saved.map_err(|error| Refusal::of_control(&error))
    });
    match saved {
        Ok(_) => visit.back_to("", "saved"),
        Err(refusal) => edit(visit, form.refused(typed, refusal)),
    }
}

fn form(visit: &Visit<'_>) -> Form {
    const FIRST: &str = "The first one is the default.";
    let urls = visit.world.redirect_urls();
    let lines = |name, label, urls: &[String]| {
        let urls: Vec<&str> = urls.iter().map(String::as_str).collect();
        Field::lines(name, label, &urls).hint(FIRST)
    };
    let fields = vec![
        lines("login", "Login", &urls.login),
        lines("signup", "Signup", &urls.signup),
        lines("discovery", "Discovery", &urls.discovery),
        lines("invite", "Invitations", &urls.invite),
        lines("reset_password", "Password resets", &urls.reset_password),
    ];
    Form::of_fields(visit.path("/redirect_urls"), "Save redirect URLs", fields)
}

fn edit(visit: &Visit<'_>, form: Form) -> Answer {
    let page = Edit {
        shell: visit.shell(""),
        title: "Redirect URLs",
        lead: "One URL on each line. In a query, {} accepts any value.",
        within: (visit.path(""), "Overview".to_owned()),
        form,
    };
    render(page.form.status(), &page)
}
