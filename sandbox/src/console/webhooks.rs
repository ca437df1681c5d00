//! The webhooks of a project, their deliveries, and the form that registers one.

use askama::Template;

use crate::{
    console::{
        field::Field,
        form::{Form, Refusal},
        rows::time,
        shell::{Shell, render},
        typed::Typed,
        visit::{Shown, Visit, unknown},
    },
    control,
    http::Answer,
    model::{Delivery, Event, Webhook, webhooks::DeliveryStatus},
    public::{
        listing::{Listing, Search},
        names,
    },
};

#[derive(Template)]
#[template(path = "console/webhooks.html")]
struct Page {
    shell: Shell,
    webhooks: Vec<Row>,
    search: Search,
    deliveries: Listing<DeliveryRow>,
    form: Form,
}

struct Row {
    id: String,
    url: String,
    events: String,
    secret: String,
}

struct DeliveryRow {
    event: String,
    url: String,
    message_id: String,
    status: String,
    is_bad: bool,
    attempts: Vec<String>,
    payload: String,
}

/// `GET …/webhooks`
pub fn page(visit: &Visit<'_>) -> Answer {
    show(visit, form(visit))
}

/// `POST …/webhooks`: registers one, as the control API does.
pub fn create(visit: &Visit<'_>, typed: &Typed) -> Answer {
    let form = form(visit);
    let created = form.given(typed).and_then(|body| {
        let created = visit.control(control::webhooks::create, body);
        created.map_err(|error| Refusal::of_control(&error))
    });
    match created {
        Ok(_) => visit.back_to("/webhooks", "created"),
        Err(refusal) => show(visit, form.refused(typed, refusal)),
    }
}

/// `POST …/webhooks/delete`: deletes the webhook that the form names.
pub fn delete(visit: &Visit<'_>, typed: &Typed) -> Shown {
    if visit.world.lock().webhooks.delete(typed.text("webhook")) {
        Ok(visit.back_to("/webhooks", "deleted"))
    } else {
        Err(unknown("webhook"))
    }
}

fn form(visit: &Visit<'_>) -> Form {
    let events = Event::ALL.map(Event::name);
    let events: Vec<&str> = events.iter().map(String::as_str).collect();
    let fields = vec![
        Field::text("url", "URL", "").hint("For example, http://localhost:3000/webhooks."),
        Field::many("events", "Events", &events, &events),
        Field::text("secret", "Secret", "")
            .hint("Optional: whsec_…, if your app knows one already."),
    ];
    Form::of_fields(visit.path("/webhooks"), "Register webhook", fields)
}

fn show(visit: &Visit<'_>, form: Form) -> Answer {
    let path = visit.path("/webhooks");
    let search = Search::of(visit.request, &path);
    let shell = visit.shell("/webhooks");
    let state = visit.world.lock();
    let log = state.webhooks.deliveries.clone();
    let webhooks = state.webhooks.registered.iter().map(row).collect();
    drop(state);
    let rows = log.iter().rev().map(delivery);
    let found = rows.filter(|it| search.fits(&[&it.event, &it.url, &it.status, &it.payload]));
    let deliveries = Listing::of(visit.request, &path, "deliveries", found, |row| row);
    let page = Page {
        shell,
        webhooks,
        search,
        deliveries,
        form,
    };
    render(page.form.status(), &page)
}

fn row(webhook: &Webhook) -> Row {
    let events: Vec<String> = webhook.events.iter().map(|it| it.name()).collect();
    let events = if events.len() == Event::ALL.len() {
        "all events".to_owned()
    } else {
        events.join(", ")
    };
    Row {
        id: webhook.id.clone(),
        url: webhook.url.to_string(),
        events,
        secret: webhook.secret.expose().to_owned(),
    }
}

fn delivery(delivery: &Delivery) -> DeliveryRow {
    let status = match delivery.status {
        DeliveryStatus::Pending(at) => format!("pending, next attempt at {}", time(at)),
        DeliveryStatus::Delivered => "delivered".to_owned(),
        DeliveryStatus::Failed => "failed".to_owned(),
        DeliveryStatus::Canceled => "canceled".to_owned(),
    };
    let attempts = delivery.attempts.iter().map(|attempt| {
        let outcome = match &attempt.outcome {
            Ok(status) => format!("status {status}"),
            Err(error) => error.clone(),
        };
        format!("{}: {outcome}", time(attempt.at))
    });
    let attempts: Vec<String> = attempts.collect();
    let payload: Option<serde_json::Value> = serde_json::from_str(&delivery.payload).ok();
    DeliveryRow {
        event: delivery.event.name(),
        url: delivery.url.to_string(),
        message_id: delivery.message_id.clone(),
        is_bad: delivery.status != DeliveryStatus::Delivered && !attempts.is_empty(),
        status,
        attempts,
        payload: payload
            .and_then(|payload| serde_json::to_string_pretty(&payload).ok())
            .unwrap_or_default(),
    }
}
