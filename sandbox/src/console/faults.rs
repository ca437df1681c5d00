//! The faults of a world, and the form that adds one.

use askama::Template;

use crate::{
    console::{
        field::{Choice, Field, Input},
        form::{Form, Refusal},
        shell::{Shell, render},
        typed::Typed,
        visit::Visit,
    },
    control::{self, faults::KINDS, faults::word},
    http::Answer,
    model::{Fault, FaultKind},
    public::{listing::ROWS, names},
};

#[derive(Template)]
#[template(path = "console/faults.html")]
struct Page {
    shell: Shell,
    faults: Vec<Row>,
    found: usize,
    form: Form,
}

struct Row {
    id: String,
    what: String,
}

/// `GET …/faults`
pub fn page(visit: &Visit<'_>) -> Answer {
    show(visit, form(visit))
}

/// `POST …/faults`: adds a fault, as the control API does.
pub fn add(visit: &Visit<'_>, typed: &Typed) -> Answer {
    let form = form(visit);
    let added = form.given(typed).and_then(|body| {
        let added = visit.control(control::faults::add, body);
        added.map_err(|error| Refusal::of_control(&error))
    });
    match added {
        Ok(_) => visit.back_to("/faults", "added"),
        Err(refusal) => show(visit, form.refused(typed, refusal)),
    }
}

/// `POST …/faults/remove`: removes the fault that the form names, or all faults if it names none.
pub fn remove(visit: &Visit<'_>, typed: &Typed) -> Answer {
    let fault = typed.text("fault");
    // A fault that was used up in the meantime is already removed, which is the purpose of the form.
    let removed = Some(fault).filter(|fault| !fault.is_empty());
    visit.world.lock().faults.remove(removed);
    visit.back_to("/faults", "removed")
}

fn form(visit: &Visit<'_>) -> Form {
    let methods = ["*", "POST", "GET", "PUT", "DELETE"];
    let method = |word: &str| match word {
        "*" => Choice::labeled("*", "Any method", true),
        word => Choice::plain(word, false),
    };
    let kind = |(index, (name, fields, effect)): (usize, &(&str, &[&str], &str))| {
        let label = if fields.is_empty() {
            format!("{effect} ({name})")
        } else {
            format!("{effect} ({name}, with {})", fields.join(", "))
        };
        Choice::labeled(name, label, index == 0)
    };
    let kinds = KINDS.iter().enumerate().map(kind).collect();
    let number = |name, label, now: &str| Field::new(name, label, Input::Number(now.to_owned()));
    let fields = vec![
        Field::new("method", "Method", Input::Menu(methods.map(method).into())),
        Field::text("path", "Path", "/v1/b2b/*")
            .hint("A path of the API, or the beginning of a path followed by *."),
        Field::new("kind", "What goes wrong", Input::Menu(kinds)),
        number("times", "Number of calls", "1"),
        number("ms", "Milliseconds", "").hint("Only for latency."),
        number("status", "HTTP status", "").hint("Only for status and error."),
        Field::text("error_type", "Error type", "")
            .hint("Only for error. For example, session_not_found."),
        Field::text("error_message", "Error message", "").hint("Optional. Only for error."),
        Field::json("headers", "Headers", &serde_json::Value::Null)
            .hint("Optional. Only for status. For example, {\"Retry-After\": \"7\"}."),
        Field::text("body", "Body", "").hint("Optional. Only for status."),
        Field::text("url", "URL", "").hint("Only for redirect."),
    ];
    Form::of_fields(visit.path("/faults"), "Add fault", fields)
}

fn show(visit: &Visit<'_>, form: Form) -> Answer {
    let shell = visit.shell("/faults");
    let state = visit.world.lock();
    let rows = state.faults.active();
    let page = Page {
        shell,
        found: state.faults.active().count(),
        faults: rows.take(ROWS).map(row).collect(),
        form,
    };
    drop(state);
    render(page.form.status(), &page)
}

fn row((id, fault): &(String, Fault)) -> Row {
    let held = match &fault.kind {
        FaultKind::Hold(hold) | FaultKind::HoldAfter(hold) => hold.waiting(),
        _ => 0,
    };
    let holds = if held > 0 {
        format!(", holds {held}")
    } else {
        String::new()
    };
    let kind = match fault.kind {
        FaultKind::Latency(latency) => format!("latency of {} ms", latency.as_millis()),
        ref kind => word(kind).to_owned(),
    };
    let path = &fault.path;
    let target = match &*fault.method {
        "*" => format!("{path} (any method)"),
        method => format!("{method} {path}"),
    };
    let calls = match fault.times {
        1 => "call".to_owned(),
        times => format!("{times} calls"),
    };
    let what = format!("{kind} for the next {calls} to {target}{holds}");
    Row {
        id: id.clone(),
        what,
    }
}
