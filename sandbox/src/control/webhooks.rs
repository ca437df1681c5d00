//! Webhooks: registered, listed, deleted, and what was sent to them.

use serde_json::{Value, json};

use crate::{
    control::{
        error::{ControlError, Reply},
        request::ControlRequest,
    },
    http::targets::{WEBHOOK_URL, webhook_url},
    model::{Delivery, Event, Webhook, WebhookSecret, ids},
};

/// `POST …/webhooks`: `url`, and optionally `events` and `secret` in; `{"webhook_id", "url", "events", "secret"}` out. Without
/// `events` it gets all of them, without `secret` it has a fresh one. Events that happened before are not sent.
pub fn create(request: &ControlRequest<'_>) -> Reply {
    request.only(&["url", "events", "secret"])?;
    let world = request.project()?;
    let allowed = &request.sandbox.options.allow_hosts;
    let url = webhook_url(request.need_text("url", WEBHOOK_URL)?, allowed)
        .ok_or_else(|| ControlError::field("url", WEBHOOK_URL))?;
    let webhook = Webhook {
        id: ids::mint("webhook"),
        url,
        events: read_events(request)?,
        secret: read_secret(request)?,
    };
    let mut state = world.lock();
    let most = state.limits.webhooks;
    if state.webhooks.registered.len() >= most {
        let message =
            format!("The project has {most} webhooks already: DELETE some of them first.");
        return Err(ControlError::plain(
            409,
            "sandbox_too_many_webhooks",
            message,
        ));
    }
    state.minted.push(webhook.secret.expose().to_owned());
    let body = webhook.object();
    state.webhooks.registered.push(webhook);
    Ok((201, body))
}

/// `GET …/webhooks`: all of them with their secrets, oldest first.
pub fn list(request: &ControlRequest<'_>) -> Reply {
    request.only_parameters(&[])?;
    let world = request.project()?;
    let state = world.lock();
    let webhooks: Vec<Value> = state
        .webhooks
        .registered
        .iter()
        .map(Webhook::object)
        .collect();
    Ok((200, json!({ "webhooks": webhooks })))
}

/// `DELETE …/webhooks/{webhook_id}`: it gets nothing from then on. What was sent to it stays in the list of deliveries.
pub fn delete(request: &ControlRequest<'_>) -> Reply {
    let world = request.project()?;
    if world.lock().webhooks.delete(request.part("webhook_id")) {
        Ok((200, json!({})))
    } else {
        Err(ControlError::unknown(
            "webhook_id",
            "the id of a webhook of this project",
        ))
    }
}

/// `GET …/webhooks/deliveries?webhook_id=`: the newest 10,000, newest first, and how many older ones were `dropped`.
pub fn deliveries(request: &ControlRequest<'_>) -> Reply {
    let world = request.project()?;
    let wanted = request.incoming.parameter("webhook_id");
    let log = world.lock().webhooks.deliveries.clone();
    let deliveries: Vec<Value> = log
        .iter()
        .rev()
        .filter(|delivery| wanted.is_none_or(|id| delivery.webhook_id == id))
        .map(Delivery::object)
        .collect();
    let body = json!({ "deliveries": deliveries, "dropped": log.dropped() });
    Ok((200, body))
}

fn read_events(request: &ControlRequest<'_>) -> Result<Vec<Event>, ControlError> {
    let names = Event::ALL.map(Event::name).join(", ");
    let expected = format!("a list of at least one of {names}, or left out for all of them");
    let Some(given) = request.texts("events", &expected)? else {
        return Ok(Event::ALL.to_vec());
    };
    let mut events = Vec::new();
    for (index, name) in given.iter().enumerate() {
        let event = Event::from_name(name).ok_or_else(|| {
            ControlError::field(&format!("events[{index}]"), format!("one of {names}"))
        })?;
        if !events.contains(&event) {
            events.push(event);
        }
    }
    if events.is_empty() {
        return Err(ControlError::field("events", expected));
    }
    Ok(events)
}

fn read_secret(request: &ControlRequest<'_>) -> Result<WebhookSecret, ControlError> {
    const EXPECTED: &str = "whsec_ and the base64 of 24 to 64 bytes, or left out for a fresh one";
    match request.text("secret", EXPECTED)? {
        None => Ok(WebhookSecret::fresh()),
        Some(given) => {
            WebhookSecret::read(given).ok_or_else(|| ControlError::field("secret", EXPECTED))
        }
    }
}
